/* Exit records and the small formatters under them. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "record.h"

static void test_golden(struct tally *tally, const char *golden)
{
    char path[PATH_MAX];
    char text[RECORD_MAX];
    size_t length = 0;
    struct record record = {4711, 123456, 1700000000000000000, 1700000001000000000, 137, 9, 1, 209715200,
                            0,    0};
    (void)snprintf(path, sizeof path, "%s/record-killed.exit", golden);
    uint8_t *expected = load(path, &length);
    check(tally, expected && record_text(&record, text) == length && memcmp(text, expected, length) == 0,
          "the record's text is the golden one");
    free(expected);
}

static void test_largest(struct tally *tally)
{
    char text[RECORD_MAX];
    struct record record;
    memset(&record, 0xff, sizeof record);
    size_t length = record_text(&record, text);
    check(tally, length < RECORD_MAX - 1 && strcmp(text + length - 4, "end\n") == 0,
          "the largest record fits");
}

static void test_numbers(struct tally *tally)
{
    char buffer[8];
    struct text t = text_in(buffer, sizeof buffer);
    text_i64(&t, -42);
    check(tally, !strcmp(buffer, "-42") && !t.cut, "negative numbers have their sign");
    text_u64(&t, 123456);
    check(tally, !strcmp(buffer, "-421234") && t.cut, "text that does not fit is cut and says so");
    check(tally, start_time_of(getpid()) > 0, "the own start time is found");
}

void test_record(struct tally *tally, const char *golden)
{
    test_golden(tally, golden);
    test_largest(tally);
    test_numbers(tally);
}
