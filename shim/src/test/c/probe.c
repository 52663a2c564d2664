/* Runs inside containers of the root tests (static): what a shell cannot ask. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FDS = 4096, UP = 64 };

static int list_fds(void)
{
    for (int fd = 0; fd < FDS; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            printf("%d ", fd);
    printf("\n");
    return 0;
}

/* The classic escape: a second chroot below the root while the working directory stays outside of it. */
static int escape(const char *marker)
{
    int up = 0;
    (void)mkdir("escape", 0755);
    if (chroot("escape") < 0) {
        perror("chroot");
        return 2;
    }
    while (up++ < UP)
        if (chdir("..") < 0)
            break;
    if (chroot(".") < 0)
        return 2;
    printf(access(marker, F_OK) == 0 ? "outside\n" : "inside\n");
    return 0;
}

/* Touches memory until something stops it. */
static int eat(size_t megabytes)
{
    for (size_t i = 0; i < megabytes; i++) {
        char *p = malloc(1 << 20);
        if (!p)
            return 3;
        memset(p, 1, 1 << 20);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "fds") == 0)
        return list_fds();
    if (argc == 3 && strcmp(argv[1], "escape") == 0)
        return escape(argv[2]);
    if (argc == 3 && strcmp(argv[1], "eat") == 0)
        return eat((size_t)atol(argv[2]));
    if (argc == 2 && strcmp(argv[1], "true") == 0)
        return 0;
    return 64;
}
