#include "log.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RECORDS_MAX = 256, PARTS = 3, LOG_MODE = 0640, SECONDS_A_DAY = 86400 };

/* Records of one batch; the prefixes (same time and stream) are shared by all of them. */
struct batch {
    char partial[LOG_PREFIX_MAX], full[LOG_PREFIX_MAX];
    size_t prefix;
    int count;
    struct iovec parts[RECORDS_MAX * PARTS];
};

/* Days since 1970-01-01 to year, month, day: the Gregorian calendar counted from March, 400 years at a time.
 */
static void text_date(struct text *t, uint64_t days)
{
    uint64_t shifted = days + 719468; /* from 0000-03-01 */
    uint64_t era = shifted / 146097, day_of_era = shifted % 146097;
    uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    text_padded(t, era * 400 + year_of_era + (month <= 2), 4);
    text_str(t, "-");
    text_padded(t, month, 2);
    text_str(t, "-");
    text_padded(t, day_of_year - (153 * month_from_march + 2) / 5 + 1, 2);
}

static void text_time(struct text *t, uint64_t ns)
{
    uint64_t seconds = ns / 1000000000u, of_day = seconds % SECONDS_A_DAY;
    text_date(t, seconds / SECONDS_A_DAY);
    text_str(t, "T");
    text_padded(t, of_day / 3600, 2);
    text_str(t, ":");
    text_padded(t, of_day / 60 % 60, 2);
    text_str(t, ":");
    text_padded(t, of_day % 60, 2);
    text_str(t, ".");
    text_padded(t, ns % 1000000000u, 9);
    text_str(t, "Z");
}

static void batch_begin(struct batch *b, int stream)
{
    struct text t = text_in(b->partial, sizeof b->partial);
    text_time(&t, realtime_ns());
    text_str(&t, stream == LOG_STDOUT ? " stdout P " : " stderr P ");
    b->prefix = text_length(&t);
    memcpy(b->full, b->partial, sizeof b->full);
    b->full[b->prefix - 2] = 'F';
    b->count = 0;
}

static void batch_add(struct batch *b, bool full, const void *content, size_t length)
{
    struct iovec *part = b->parts + b->count++ * PARTS;
    part[0] = (struct iovec){full ? b->full : b->partial, b->prefix};
    part[1] = (struct iovec){(void *)(uintptr_t)content, length};
    part[2] = (struct iovec){(void *)(uintptr_t) "\n", 1};
}

static size_t record_size(const struct iovec *part)
{
    return part[0].iov_len + part[1].iov_len + part[2].iov_len;
}

static void lose(struct log *log, const struct batch *b, int first, int end, int errnum)
{
    for (int i = first; i < end; i++) {
        size_t bytes = b->parts[i * PARTS + 1].iov_len;
        log->lost_lines++;
        log->lost_bytes += bytes;
        log->unmarked_lines++;
        log->unmarked_bytes += bytes;
    }
    log->lost_errno = errnum;
}

/* Takes the torn record at the end of the file away again. A short write says that there was an error, not
 * which: one byte more brings it to light. */
static void undo(int fd, size_t torn, int *ret_errnum)
{
    struct stat st = {0};
    if (RETRY(write(fd, "\n", 1)) < 0)
        *ret_errnum = errno;
    else
        torn++;
    if (fstat(fd, &st) == 0 && st.st_size >= (off_t)torn)
        (void)!ftruncate(fd, st.st_size - (off_t)torn);
}

/* Writes records [first, end); how many are in the file now, each whole. */
static int write_records(int fd, const struct batch *b, int first, int end, int *ret_errnum)
{
    int at = first;
    *ret_errnum = ENOSPC;
    while (at < end) {
        ssize_t written = RETRY(writev(fd, b->parts + at * PARTS, (end - at) * PARTS));
        if (written < 0) {
            *ret_errnum = errno;
            break;
        }
        int before = at;
        size_t left = (size_t)written;
        while (at < end && left >= record_size(b->parts + at * PARTS))
            left -= record_size(b->parts + at++ * PARTS);
        if (left > 0)
            undo(fd, left, ret_errnum);
        if (at == before)
            break;
    }
    return at - first;
}

static const char *errno_text(int errnum)
{
    switch (errnum) {
    case ENOSPC:
        return "No space left on device";
    case EDQUOT:
        return "Disk quota exceeded";
    case EIO:
        return "Input/output error";
    case EFBIG:
        return "File too large";
    case EROFS:
        return "Read-only file system";
    default:
        return NULL;
    }
}

static void write_marker(struct log *log)
{
    char message[160];
    int errnum = 0;
    struct batch b;
    struct text t = text_in(message, sizeof message);
    text_str(&t, "onggi: ");
    text_u64(&t, log->unmarked_lines);
    text_str(&t, " log lines (");
    text_u64(&t, log->unmarked_bytes);
    text_str(&t, " bytes) lost: ");
    if (errno_text(log->lost_errno)) {
        text_str(&t, errno_text(log->lost_errno));
    } else {
        text_str(&t, "errno ");
        text_i64(&t, log->lost_errno);
    }
    batch_begin(&b, LOG_STDERR);
    batch_add(&b, true, message, text_length(&t));
    if (write_records(log->fd, &b, 0, 1, &errnum) == 1)
        log->unmarked_lines = log->unmarked_bytes = 0;
}

static void batch_write(struct log *log, struct batch *b)
{
    int done = 0;
    int errnum = 0;
    if (log->fd < 0 || b->count == 0)
        return;
    if (log->unmarked_lines > 0) {
        done = write_records(log->fd, b, 0, 1, &errnum);
        if (done == 1)
            write_marker(log);
    }
    if (done == 1 || log->unmarked_lines == 0)
        done += write_records(log->fd, b, done, b->count, &errnum);
    if (done < b->count)
        lose(log, b, done, b->count, errnum);
}

/* Turns the stream's bytes into records; what is not a whole line yet stays. */
void log_lines(struct log *log, int stream)
{
    struct batch b;
    struct log_stream *s = &log->streams[stream];
    uint32_t at = 0;
    batch_begin(&b, stream);
    while (at < s->length) {
        uint32_t left = s->length - at;
        uint32_t window = left <= log->max_line ? left : log->max_line + 1;
        const uint8_t *lf = memchr(s->data + at, '\n', window);
        if (!lf && left <= log->max_line)
            break;
        uint32_t length = lf ? (uint32_t)(lf - (s->data + at)) : log->max_line;
        batch_add(&b, lf != NULL, s->data + at, length);
        at += length + (lf != NULL);
        if (b.count == RECORDS_MAX) {
            batch_write(log, &b);
            b.count = 0;
        }
    }
    batch_write(log, &b);
    memmove(s->data, s->data + at, s->length - at);
    s->length -= at;
}

ssize_t log_read(struct log *log, int stream, int fd, const uint8_t **ret_fresh)
{
    struct log_stream *s = &log->streams[stream];
    ssize_t length = RETRY(read(fd, s->data + s->length, LOG_CHUNK));
    if (length < 0)
        return -errno;
    *ret_fresh = s->data + s->length;
    s->length += (uint32_t)length;
    return length;
}

void log_finish(struct log *log, int stream)
{
    struct batch b;
    struct log_stream *s = &log->streams[stream];
    batch_begin(&b, stream);
    if (s->length > 0)
        batch_add(&b, true, s->data, s->length);
    batch_write(log, &b);
    s->length = 0;
}

static int open_file(const char *path)
{
    return (int)RETRY(open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, LOG_MODE));
}

int log_open(struct log *log, const char *path, uint32_t max_line, struct err *e)
{
    log->path = path;
    log->max_line = max_line;
    log->fd = *path ? open_file(path) : -1;
    return *path && log->fd < 0 ? fail(e, errno, "open", path) : 0;
}

int log_reopen(struct log *log, struct err *e)
{
    if (!*log->path)
        return 0;
    int fd = open_file(log->path);
    if (fd < 0)
        return fail(e, errno, "open", log->path);
    close_fd(&log->fd);
    log->fd = fd;
    return 0;
}

void log_close(struct log *log)
{
    if (log->fd >= 0 && log->unmarked_lines > 0)
        write_marker(log);
    close_fd(&log->fd);
}
