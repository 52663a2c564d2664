/* libFuzzer's way into the two parsers of untrusted bytes: the first byte chooses, the rest is input. fuzz.c
 * does the same without coverage where clang is missing. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "dump.h"
#include "harness.h"

enum { ANSWERS = 65536, CHOICES = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_plan(const uint8_t *data, size_t length, enum plan_use use, FILE *null)
{
    struct plan plan = {0};
    struct err e = {0};
    int index = 0;
    if (plan_decode(data, length, use, &plan, &index, &e) == 0) {
        dump_plan(null, &plan); /* touches every string of it */
        plan_free(&plan);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct shim shim;
    static uint8_t answer[ANSWERS];
    static FILE *null;
    if (!null) {
        null = fopen("/dev/null", "w");
        harness_open(&shim);
    }
    if (size == 0 || !null)
        return 0;
    /* the goldens begin with a plan's magic: 'O' % 3 is 1 */
    switch (data[0] % CHOICES) {
    case 0:
        (void)harness_feed(&shim, data + 1, size - 1, answer, sizeof answer);
        break;
    case 1:
        try_plan(data, size, PLAN_RUN, null);
        break;
    default:
        try_plan(data + 1, size - 1, PLAN_SESSION, null);
        break;
    }
    return 0;
}
