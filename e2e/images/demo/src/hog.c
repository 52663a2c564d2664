/* hog MIB [SECONDS]: takes that much memory for real, says so, and holds it (for ever without SECONDS). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    unsigned hold = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    char *memory = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < mib; i++) {
        memset(memory + (i << 20), 0x5a, 1 << 20);
        if ((i + 1) % 20 == 0)
            printf("touched %zu MiB\n", i + 1);
    }
    printf("holding %zu MiB\n", mib);
    if (hold == 0)
        for (;;)
            (void)pause();
    (void)sleep(hold);
    return 0;
}
