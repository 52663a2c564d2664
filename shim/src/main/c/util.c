#include "util.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int fail_detail(struct err *e, int errnum, const char *op, const char *object, const char *detail)
{
    struct text t = text_in(e->detail, sizeof e->detail);
    e->errnum = errnum;
    e->op = op;
    e->object = object;
    text_str(&t, detail);
    return -errnum;
}

int fail(struct err *e, int errnum, const char *op, const char *object)
{
    return fail_detail(e, errnum, op, object, "");
}

void close_fd(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    errno = saved;
}

int steal_fd(int *fd)
{
    int stolen = *fd;
    *fd = -1;
    return stolen;
}

struct text text_in(char *buffer, size_t size)
{
    buffer[0] = 0;
    return (struct text){.begin = buffer, .at = buffer, .end = buffer + size - 1};
}

void text_bytes(struct text *t, const void *data, size_t length)
{
    size_t room = (size_t)(t->end - t->at);
    if (length > room) {
        length = room;
        t->cut = true;
    }
    if (length > 0)
        memcpy(t->at, data, length);
    t->at += length;
    *t->at = 0;
}

void text_str(struct text *t, const char *s)
{
    text_bytes(t, s, strlen(s));
}

void text_padded(struct text *t, uint64_t n, int digits)
{
    char reversed[24];
    char forward[24];
    int count = 0;
    do {
        reversed[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0 || count < digits);
    for (int i = 0; i < count; i++)
        forward[i] = reversed[count - 1 - i];
    text_bytes(t, forward, (size_t)count);
}

void text_u64(struct text *t, uint64_t n)
{
    text_padded(t, n, 1);
}

void text_i64(struct text *t, int64_t n)
{
    if (n < 0)
        text_str(t, "-");
    text_u64(t, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

size_t text_length(const struct text *t)
{
    return (size_t)(t->at - t->begin);
}

bool join_path(char *buffer, size_t size, const char *dir, const char *name)
{
    struct text t = text_in(buffer, size);
    text_str(&t, dir);
    text_str(&t, "/");
    text_str(&t, name);
    return !t.cut;
}

int write_all(int fd, const void *data, size_t length)
{
    const char *at = data;
    while (length > 0) {
        ssize_t n = RETRY(write(fd, at, length));
        if (n < 0)
            return -errno;
        at += n;
        length -= (size_t)n;
    }
    return 0;
}

int write_file_at(int dir, const char *path, const char *value, struct err *e)
{
    cleanup_fd fd = (int)RETRY(openat(dir, path, O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (fd < 0)
        return fail(e, errno, "open", path);
    if (RETRY(write(fd, value, strlen(value))) < 0)
        return fail(e, errno, "write", path);
    return 0;
}

int write_file(const char *path, const char *value, struct err *e)
{
    return write_file_at(AT_FDCWD, path, value, e);
}

ssize_t read_file(const char *path, char *buffer, size_t size)
{
    size_t length = 0;
    cleanup_fd fd = (int)RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (fd < 0)
        return -errno;
    while (length < size - 1) {
        ssize_t n = RETRY(read(fd, buffer + length, size - 1 - length));
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    buffer[length] = 0;
    return (ssize_t)length;
}

uint64_t parse_u64(const char *s)
{
    uint64_t n = 0;
    for (; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (uint64_t)(*s - '0');
    return n;
}

int set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    return 0;
}

uint64_t realtime_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t monotonic_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint16_t get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t get_u64(const uint8_t *p)
{
    return get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

void put_u16(uint8_t *p, uint16_t n)
{
    p[0] = (uint8_t)n;
    p[1] = (uint8_t)(n >> 8);
}

void put_u32(uint8_t *p, uint32_t n)
{
    put_u16(p, (uint16_t)n);
    put_u16(p + 2, (uint16_t)(n >> 16));
}

void put_u64(uint8_t *p, uint64_t n)
{
    put_u32(p, (uint32_t)n);
    put_u32(p + 4, (uint32_t)(n >> 32));
}
