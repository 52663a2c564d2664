/* The exit record (PROTOCOL.md 5): the one durable word about how a container ended. */
#ifndef ONGGI_RECORD_H
#define ONGGI_RECORD_H

#include "util.h"

enum { RECORD_MAX = 512 };

struct record {
    uint64_t pid, start_time, started_ns, finished_ns, exit_code, signal, oom_kills, memory_peak, lost_lines,
        lost_bytes;
};

/* The record's text into a buffer of RECORD_MAX bytes; its length. */
size_t record_text(const struct record *record, char *buffer);
/* Durable and atomic: temporary name, fsync, rename, fsync of the directory. */
int record_write(const char *path, const char *text, size_t length, struct err *e);
/* Exit code as a shell gives it: 128 + signal when one ended the process. */
int exit_code_of(int wait_status);
/* Field 22 of /proc/PID/stat; 0 when it cannot be read. */
uint64_t start_time_of(pid_t pid);

#endif
