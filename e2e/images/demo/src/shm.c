/*
 * shm create KEY BYTES   makes a SysV shared memory segment, which outlives the program
 * shm list               prints the segments of this ipc namespace
 * shm has KEY            exit 0 if there is one with this key, else 1
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static int create(key_t key, size_t bytes)
{
    int id = shmget(key, bytes, IPC_CREAT | IPC_EXCL | 0600);
    if (id < 0) {
        perror("shmget");
        return 1;
    }
    printf("created key 0x%08x id %d bytes %zu\n", (unsigned)key, id, bytes);
    return 0;
}

static int has(key_t key)
{
    int found = shmget(key, 0, 0) >= 0;
    printf("key 0x%08x is %s\n", (unsigned)key, found ? "there" : "not there");
    return found ? 0 : 1;
}

/* Columns of /proc/sysvipc/shm: proc(5). The line of titles does not match. */
static int list(void)
{
    char line[512];
    int count = 0, key;
    long id, bytes;
    FILE *f = fopen("/proc/sysvipc/shm", "re");
    if (!f) {
        perror("/proc/sysvipc/shm");
        return 1;
    }
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "%d %ld %*o %ld", &key, &id, &bytes) == 3) {
            printf("key 0x%08x id %ld bytes %ld\n", (unsigned)key, id, bytes);
            count++;
        }
    fclose(f);
    printf("%d segments\n", count);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (argc == 3 && strcmp(argv[1], "has") == 0)
        return has((key_t)strtol(argv[2], NULL, 0));
    if (argc == 4 && strcmp(argv[1], "create") == 0)
        return create((key_t)strtol(argv[2], NULL, 0), strtoul(argv[3], NULL, 0));
    fprintf(stderr, "usage: shm create KEY BYTES | shm list | shm has KEY\n");
    return 2;
}
