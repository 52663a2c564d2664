/* Deterministic mutation fuzzing of the two parsers of untrusted bytes, under ASan and UBSan: any fault ends
 * it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "dump.h"
#include "harness.h"

enum { SEEDS_MAX = 8, ANSWERS = 65536, FRAME_SHARE = 4, WATCHDOG_S = 300 };

struct seed {
    uint8_t *data;
    size_t length;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static const uint32_t telling[] = {0,     1,      7,      8,        255,      256,       4096,
                                   65536, 131072, 131073, 1u << 20, 1u << 31, UINT32_MAX};

static void change(uint8_t *data, size_t length, uint64_t *state)
{
    size_t at = next_random(state) % length;
    switch (next_random(state) % 4) {
    case 0:
        data[at] ^= (uint8_t)(1u << next_random(state) % 8);
        break;
    case 1:
        data[at] = (uint8_t)next_random(state);
        break;
    case 2:
        if (at + 4 <= length)
            put_u32(data + at, telling[next_random(state) % (sizeof telling / sizeof *telling)]);
        break;
    default:
        if (at + 4 <= length)
            put_u32(data + at, get_u32(data + at) + (uint32_t)(next_random(state) % 9) - 4);
        break;
    }
}

/* A changed copy in memory of exactly its length; now and then cut short. */
static uint8_t *mutate(const struct seed *seed, uint64_t *state, size_t *ret_length)
{
    size_t length = next_random(state) % 8 == 0 ? next_random(state) % seed->length + 1 : seed->length;
    uint8_t *data = malloc(length);
    memcpy(data, seed->data, length);
    for (uint64_t i = next_random(state) % 4 + 1; i > 0; i--)
        change(data, length, state);
    *ret_length = length;
    return data;
}

static bool try_plan(const uint8_t *data, size_t length, enum plan_use use, FILE *null)
{
    struct plan plan = {0};
    struct err e = {0};
    int index = 0;
    if (plan_decode(data, length, use, &plan, &index, &e) < 0)
        return false;
    dump_plan(null, &plan); /* touches every string of it */
    plan_free(&plan);
    return true;
}

static size_t load_seeds(struct seed *seeds, const char *golden)
{
    static const char *const names[] = {"minimal.plan",      "full.plan",   "podinit.plan", "userns.plan",
                                        "exec-session.plan", "mounts.plan", "probe.plan",   "frames.bin"};
    size_t count = sizeof names / sizeof *names;
    for (size_t i = 0; i < count; i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", golden, names[i]);
        seeds[i].data = load(path, &seeds[i].length);
        if (!seeds[i].data)
            return 0;
    }
    return count;
}

int main(int argc, char **argv)
{
    static struct shim shim;
    static uint8_t answer[ANSWERS];
    struct seed seeds[SEEDS_MAX] = {{0}};
    uint64_t state = 0x9e3779b97f4a7c15u;
    long rounds = argc > 2 ? atol(argv[2]) : 200000;
    long accepted = 0;
    size_t count = load_seeds(seeds, argc > 1 ? argv[1] : "src/test/golden");
    FILE *null = fopen("/dev/null", "w");
    if (count == 0 || !null)
        return 1;
    (void)alarm(WATCHDOG_S);
    harness_open(&shim);
    for (long i = 0; i < rounds; i++) {
        bool frames = i % FRAME_SHARE == 0;
        size_t which = frames ? count - 1 : next_random(&state) % (count - 1);
        size_t length = 0;
        uint8_t *data = mutate(&seeds[which], &state, &length);
        if (frames)
            (void)harness_feed(&shim, data, length, answer, sizeof answer);
        else
            accepted += try_plan(data, length, which == count - 2 ? PLAN_SESSION : PLAN_RUN, null);
        free(data);
    }
    harness_close(&shim);
    (void)fclose(null);
    for (size_t i = 0; i < count; i++)
        free(seeds[i].data);
    printf("%ld mutations, %ld of them still plans\n", rounds, accepted);
    return 0;
}
