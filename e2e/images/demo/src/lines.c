/*
 * lines RATE [COUNT [EXIT]]: prints "line 1", "line 2", ... at RATE a second, COUNT of them (0 or none: for
 * ever), then exits with status EXIT. Paced by absolute times of the monotonic clock, so a delay is caught up
 * and no line is left out; one write(2) a line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long rate = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (rate < 1 || rate > 1000000) {
        fprintf(stderr, "usage: lines RATE [COUNT [EXIT]]   RATE in 1..1000000 a second\n");
        return 2;
    }
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; count == 0 || i < count; i++) {
        long ns = start.tv_nsec + (i % rate) * (1000000000L / rate);
        struct timespec due = {start.tv_sec + i / rate + ns / 1000000000L, ns % 1000000000L};
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        char line[40];
        int length = snprintf(line, sizeof line, "line %ld\n", i + 1);
        if (write(STDOUT_FILENO, line, (size_t)length) != length) {
            perror("write");
            return 1;
        }
    }
    return argc > 3 ? atoi(argv[3]) : 0;
}
