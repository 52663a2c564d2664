/* The log writer: how lines are cut, tagged and ended. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "log.h"

/* A log in a temporary file, fed through a pipe. */
struct bench {
    struct log log;
    char path[64];
    int pipe[2];
    char *content;
};

static void bench_open(struct bench *b, uint32_t max_line)
{
    struct err e = {0};
    (void)strcpy(b->path, "/tmp/onggi-log-XXXXXX");
    close(mkstemp(b->path));
    memset(&b->log, 0, sizeof b->log);
    if (log_open(&b->log, b->path, max_line, &e) < 0 || pipe2(b->pipe, O_CLOEXEC) < 0)
        abort();
}

static void feed(struct bench *b, int stream, const void *data, size_t length)
{
    const uint8_t *fresh = NULL;
    for (size_t at = 0; at < length; at += LOG_CHUNK) {
        size_t part = length - at < LOG_CHUNK ? length - at : LOG_CHUNK;
        if (write(b->pipe[1], (const char *)data + at, part) != (ssize_t)part)
            abort();
        if (log_read(&b->log, stream, b->pipe[0], &fresh) > 0)
            log_lines(&b->log, stream);
    }
}

/* The file's lines with the time of each taken away (and checked to have the right shape). */
static const char *content(struct bench *b)
{
    size_t length = 0;
    char *raw = (char *)load(b->path, &length);
    char *out = calloc(1, length + 1);
    char *to = out;
    for (char *line = raw; line < raw + length;) {
        char *lf = memchr(line, '\n', (size_t)(raw + length - line));
        if (!lf || lf - line < 31 || line[10] != 'T' || line[19] != '.' || line[29] != 'Z' ||
            line[30] != ' ') {
            (void)strcpy(out, "malformed");
            break;
        }
        memcpy(to, line + 31, (size_t)(lf - line) - 30);
        to += lf - line - 30;
        line = lf + 1;
    }
    free(raw);
    free(b->content);
    b->content = out;
    return out;
}

static void bench_close(struct bench *b)
{
    log_close(&b->log);
    close(b->pipe[0]);
    close(b->pipe[1]);
    unlink(b->path);
    free(b->content);
    b->content = NULL;
}

static void test_lines(struct tally *tally, struct bench *b)
{
    bench_open(b, 8);
    feed(b, LOG_STDOUT, "a\n\nbc\n", 6);
    check(tally, !strcmp(content(b), "stdout F a\nstdout F \nstdout F bc\n"),
          "each line is an F record, also an empty one");
    feed(b, LOG_STDERR, "12345678\n", 9);
    check(tally, strstr(content(b), "stderr F 12345678\n") != NULL,
          "a line of exactly max_line bytes is one F record");
    feed(b, LOG_STDERR, "123456789\n", 10);
    check(tally, strstr(content(b), "stderr P 12345678\nstderr F 9\n") != NULL,
          "a longer line is cut: P, then F");
    feed(b, LOG_STDOUT, "no ", 3);
    feed(b, LOG_STDERR, "other\n", 6);
    feed(b, LOG_STDOUT, "lf", 2);
    log_finish(&b->log, LOG_STDOUT);
    check(tally, strstr(content(b), "stderr F other\nstdout F no lf\n") != NULL,
          "what is left without LF is an F record");
    bench_close(b);
}

static void test_bytes(struct tally *tally, struct bench *b)
{
    size_t length = 0;
    bench_open(b, 16384);
    feed(b, LOG_STDOUT, "a\0b\n", 4);
    char *raw = (char *)load(b->path, &length);
    check(tally, length == 31 + 9 + 4 && memcmp(raw + length - 4, "a\0b\n", 4) == 0, "NUL bytes pass");
    free(raw);
    bench_close(b);
    bench_open(b, 16384);
    static char big[100000];
    memset(big, 'x', sizeof big);
    big[sizeof big - 1] = '\n';
    feed(b, LOG_STDOUT, big, sizeof big);
    int parts = 0;
    for (const char *at = content(b); (at = strstr(at, "stdout P x")); at++)
        parts++;
    check(tally, parts == 6, "a line of 99,999 bytes has six parts of 16 KiB and a rest");
    bench_close(b);
    bench_open(b, PLAN_LINE_MAX);
    for (int i = 0; i < 3; i++)
        feed(b, LOG_STDOUT, big, sizeof big);
    check(tally, strstr(content(b), "stdout P x") != NULL && b->log.streams[0].length == 0,
          "the longest max_line fits");
    bench_close(b);
}

/* RLIMIT_FSIZE stands in for a full disk: a short write, then EFBIG. */
static void test_full(struct tally *tally, struct bench *b)
{
    struct rlimit old;
    bench_open(b, 64);
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)getrlimit(RLIMIT_FSIZE, &old);
    (void)setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, old.rlim_max});
    feed(b, LOG_STDOUT, "one\ntwo\nthree\n", 14);
    (void)setrlimit(RLIMIT_FSIZE, &old);
    check(tally, b->log.lost_lines == 1 && b->log.lost_bytes == 5, "what does not fit is counted as lost");
    check(tally, !strcmp(content(b), "stdout F one\nstdout F two\n"), "a torn record is taken away");
    feed(b, LOG_STDOUT, "four\nfive\n", 10);
    check(tally,
          !strcmp(content(b), "stdout F one\nstdout F two\nstdout F four\n"
                              "stderr F onggi: 1 log lines (5 bytes) lost: File too large\nstdout F five\n"),
          "one marker line follows the first line that succeeds");
    bench_close(b);
}

void test_log(struct tally *tally)
{
    static struct bench b;
    test_lines(tally, &b);
    test_bytes(tally, &b);
    test_full(tally, &b);
}
