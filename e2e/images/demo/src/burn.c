/* burn SECONDS: keeps a CPU busy for that long and prints the CPU time that it was given. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    double want = argc > 1 ? strtod(argv[1], NULL) : 5;
    double start = seconds(CLOCK_MONOTONIC), cpu0 = seconds(CLOCK_PROCESS_CPUTIME_ID), now = start;
    volatile unsigned long work = 0;
    while (now - start < want) {
        for (int i = 0; i < 100000; i++)
            work += (unsigned long)i;
        now = seconds(CLOCK_MONOTONIC);
    }
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu0;
    printf("cpu %.3f s of %.3f s = %.1f %%\n", cpu, now - start, 100 * cpu / (now - start));
    return 0;
}
