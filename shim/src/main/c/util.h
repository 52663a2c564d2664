/* Small things that every topic needs: errors, descriptors that close themselves, text without stdio, clocks.
 */
#ifndef ONGGI_UTIL_H
#define ONGGI_UTIL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Why something failed. `op` is the system call or check, `object` the path or name (borrowed, may be NULL),
 * `detail` more words, mostly the kernel's own from a mount context. */
struct err {
    int errnum;
    const char *op;
    const char *object;
    char detail[232];
};

/* Fills `e` and returns -errnum, for `return fail(e, errno, "open", path);`. */
int fail(struct err *e, int errnum, const char *op, const char *object);
int fail_detail(struct err *e, int errnum, const char *op, const char *object, const char *detail);

#define RETRY(expression)                                                                                    \
    ({                                                                                                       \
        long retry_result;                                                                                   \
        do                                                                                                   \
            retry_result = (long)(expression);                                                               \
        while (retry_result < 0 && errno == EINTR);                                                          \
        retry_result;                                                                                        \
    })

void close_fd(int *fd);
int steal_fd(int *fd);
#define cleanup_fd __attribute__((cleanup(close_fd))) int

/* Text built in a caller's buffer; what does not fit is cut and leaves `cut` set. Always NUL-terminated. */
struct text {
    char *begin, *at, *end;
    bool cut;
};
struct text text_in(char *buffer, size_t size);
void text_str(struct text *t, const char *s);
void text_bytes(struct text *t, const void *data, size_t length);
void text_u64(struct text *t, uint64_t n);
void text_i64(struct text *t, int64_t n);
void text_padded(struct text *t, uint64_t n, int digits);
size_t text_length(const struct text *t);

/* Joins dir, "/" and name into buffer; false when it does not fit. */
bool join_path(char *buffer, size_t size, const char *dir, const char *name);

int write_all(int fd, const void *data, size_t length);
/* Opens an existing file and writes the text with one write. */
int write_file(const char *path, const char *value, struct err *e);
int write_file_at(int dir, const char *path, const char *value, struct err *e);
/* Reads at most size-1 bytes and adds a NUL; the number of bytes, or -errno. */
ssize_t read_file(const char *path, char *buffer, size_t size);
uint64_t parse_u64(const char *s);
int set_nonblocking(int fd);

uint64_t realtime_ns(void);
uint64_t monotonic_us(void);

uint16_t get_u16(const uint8_t *p);
uint32_t get_u32(const uint8_t *p);
uint64_t get_u64(const uint8_t *p);
void put_u16(uint8_t *p, uint16_t n);
void put_u32(uint8_t *p, uint32_t n);
void put_u64(uint8_t *p, uint64_t n);

#define owner_of(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
