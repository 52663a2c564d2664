/* tools: what critest calls but Debian's busybox lacks: `ipcs -m` and `pgrep NAME`, by the name it is called
 * by. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Columns of /proc/sysvipc/shm: proc(5). */
static int ipcs(void)
{
    char line[512];
    FILE *f = fopen("/proc/sysvipc/shm", "r");
    if (!f) {
        perror("/proc/sysvipc/shm");
        return 1;
    }
    puts("\n------ Shared Memory Segments --------");
    puts("key        shmid      owner      perms      bytes      nattch");
    while (fgets(line, sizeof line, f)) {
        int key;
        unsigned perms, uid, attached;
        long id, size;
        if (sscanf(line, "%d %ld %o %ld %*d %*d %u %u", &key, &id, &perms, &size, &attached, &uid) == 6)
            printf("0x%08x %-10ld %-10u %-10o %-10ld %-6u\n", (unsigned)key, id, uid, perms & 0777, size,
                   attached);
    }
    fclose(f);
    return 0;
}

/* Prints each process whose name contains the pattern, except itself. */
static int pgrep(const char *pattern)
{
    DIR *d = opendir("/proc");
    int status = 1;
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[300], name[64];
        if (!isdigit((unsigned char)e->d_name[0]) || atoi(e->d_name) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/%s/comm", e->d_name);
        FILE *f = fopen(path, "r");
        if (!f)
            continue;
        if (fgets(name, sizeof name, f) && strstr(name, pattern)) {
            puts(e->d_name);
            status = 0;
        }
        fclose(f);
    }
    if (d)
        closedir(d);
    return status;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash ? slash + 1 : argv[0];
    if (strcmp(name, "ipcs") == 0)
        return ipcs();
    if (strcmp(name, "pgrep") == 0 && argc > 1)
        return pgrep(argv[argc - 1]);
    return 2;
}
