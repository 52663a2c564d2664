/* The CRI log file (PROTOCOL.md 4): lines cut, stamped and written a batch at a time; never torn, losses
 * counted. */
#ifndef ONGGI_LOG_H
#define ONGGI_LOG_H

#include "plan.h"

enum { LOG_CHUNK = 32768, LOG_PREFIX_MAX = 48, LOG_STDOUT = 0, LOG_STDERR = 1 };

/* What a stream has said since its last record. */
struct log_stream {
    uint32_t length;
    uint8_t data[PLAN_LINE_MAX + LOG_CHUNK];
};

struct log {
    const char *path; /* empty: drop everything */
    int fd;
    uint32_t max_line;
    uint64_t lost_lines, lost_bytes;         /* since the start */
    uint64_t unmarked_lines, unmarked_bytes; /* since the last marker line */
    int lost_errno;
    struct log_stream streams[2];
};

int log_open(struct log *log, const char *path, uint32_t max_line, struct err *e);
/* On failure the old file stays in use. */
int log_reopen(struct log *log, struct err *e);
/* Reads once from fd: read(2)'s result, 0 at the end, or -errno. The new bytes are at ret_fresh until
 * log_lines. */
ssize_t log_read(struct log *log, int stream, int fd, const uint8_t **ret_fresh);
/* Writes what whole lines the stream has. */
void log_lines(struct log *log, int stream);
/* The stream has ended: what is left without LF becomes a line. */
void log_finish(struct log *log, int stream);
/* The last chance for the marker line. */
void log_close(struct log *log);

#endif
