/* The control connection: the golden frames are understood, malformed ones end it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "harness.h"

enum { ANSWERS = 65536, OK = 0x80, ERROR = 0x81, STATUS = 0x82, FAILED = 0x02 };

/* The types of the frames in an answer, in order; -1 after the last. */
static void types_of(const uint8_t *answer, size_t length, int *types, size_t count)
{
    size_t n = 0;
    for (size_t at = 0; at + FRAME_HEADER <= length && n < count - 1;
         at += FRAME_HEADER + get_u32(answer + at))
        types[n++] = get_u16(answer + at + 4);
    types[n] = -1;
}

static bool answers(struct shim *shim, const uint8_t *data, size_t length, const int *expected)
{
    static uint8_t answer[ANSWERS];
    int types[16] = {0};
    types_of(answer, harness_feed(shim, data, length, answer, sizeof answer), types, 16);
    for (int i = 0;; i++) {
        if (types[i] != expected[i]) {
            printf("# answer %d is %#x, expected %#x\n", i, (unsigned)types[i], (unsigned)expected[i]);
            return false;
        }
        if (types[i] < 0)
            return true;
    }
}

/* Of the golden file, the frames that a client sends: their types are 0x10 to 0x17. */
static size_t requests_of(const uint8_t *data, size_t length, uint8_t *out)
{
    size_t to = 0;
    for (size_t at = 0; at + FRAME_HEADER <= length;) {
        size_t size = FRAME_HEADER + get_u32(data + at);
        uint16_t type = get_u16(data + at + 4);
        if (type >= 0x10 && type <= 0x17) {
            memcpy(out + to, data + at, size);
            to += size;
        }
        at += size;
    }
    return to;
}

static void test_golden(struct tally *tally, struct shim *shim, const char *golden)
{
    char path[PATH_MAX];
    size_t length = 0;
    (void)snprintf(path, sizeof path, "%s/frames.bin", golden);
    uint8_t *data = load(path, &length);
    uint8_t *requests = malloc(length + 1);
    size_t requested = data ? requests_of(data, length, requests) : 0;
    /* STATUS KILL REOPEN_LOG WATCH EXEC, STDIN and RESIZE without an answer, ATTACH; there is no container.
     */
    check(tally, answers(shim, requests, requested, (int[]){STATUS, ERROR, OK, OK, FAILED, ERROR, -1}),
          "the golden requests are answered in order");
    free(requests);
    free(data);
}

static void test_malformed(struct tally *tally, struct shim *shim)
{
    const int refused[] = {ERROR, -1};
    check(tally, answers(shim, (const uint8_t *)"\0\0\0\0\x7f\0\0\0", 8, refused), "an unknown type ends it");
    check(tally, answers(shim, (const uint8_t *)"\1\0\0\0\x10\0\0\0x", 9, refused), "a wrong length ends it");
    check(tally, answers(shim, (const uint8_t *)"\0\0\0\0\x10\0\1\0", 8, refused), "reserved bytes end it");
    check(tally, answers(shim, (const uint8_t *)"\xff\xff\xff\xff\x15\0\0\0", 8, refused),
          "a huge STDIN ends it");
    check(tally, answers(shim, (const uint8_t *)"\1\0\x40\0\x14\0\0\0", 8, refused), "a huge EXEC ends it");
}

void test_frames(struct tally *tally, const char *golden)
{
    static struct shim shim;
    harness_open(&shim);
    test_golden(tally, &shim, golden);
    test_malformed(tally, &shim);
    harness_close(&shim);
}
