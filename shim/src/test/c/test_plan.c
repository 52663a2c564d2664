/* The decoder: the golden plans say what their text says, and everything malformed is refused. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "dump.h"
#include "plan.h"

static int decode(const uint8_t *data, size_t length, enum plan_use use, struct plan *ret_plan, struct err *e)
{
    int index = 0;
    return plan_decode(data, length, use, ret_plan, &index, e);
}

static bool says(const uint8_t *data, size_t length, enum plan_use use, const char *text, size_t text_length)
{
    struct plan plan = {0};
    struct err e = {0};
    char *out = NULL;
    size_t size = 0;
    if (decode(data, length, use, &plan, &e) < 0) {
        printf("# %s\n", e.detail);
        return false;
    }
    FILE *stream = open_memstream(&out, &size);
    dump_plan(stream, &plan);
    (void)fclose(stream);
    bool same = size == text_length && memcmp(out, text, size) == 0;
    if (!same)
        printf("# %s", out);
    free(out);
    plan_free(&plan);
    return same;
}

static void test_golden(struct tally *tally, const char *golden, const char *name, enum plan_use use)
{
    char path[PATH_MAX];
    char what[128];
    size_t length = 0;
    size_t text_length = 0;
    (void)snprintf(path, sizeof path, "%s/%s.plan", golden, name);
    uint8_t *data = load(path, &length);
    (void)snprintf(path, sizeof path, "%s/%s.txt", golden, name);
    uint8_t *text = load(path, &text_length);
    (void)snprintf(what, sizeof what, "golden plan %s says what its text says", name);
    check(tally, data && text && says(data, length, use, (const char *)text, text_length), what);
    struct plan plan = {0};
    struct err e = {0};
    size_t refused = 0;
    for (size_t cut = 0; data && cut < length; cut++) {
        uint8_t *shorter = malloc(cut ? cut : 1);
        memcpy(shorter, data, cut);
        if (cut >= 12)
            put_u32(shorter + 8, (uint32_t)cut);
        refused += decode(shorter, cut, use, &plan, &e) < 0;
        free(shorter);
    }
    (void)snprintf(what, sizeof what, "golden plan %s is refused at every truncation", name);
    check(tally, data && refused == length, what);
    free(data);
    free(text);
}

/* A plan being written by hand for the malformed ones. */
struct writer {
    uint8_t data[8192];
    size_t length;
    uint32_t count;
};

static void begin(struct writer *w)
{
    *w = (struct writer){.length = 16};
    memcpy(w->data, "ONGP", 4);
    put_u16(w->data + 4, 1);
}

static void add(struct writer *w, uint16_t opcode, const void *payload, size_t length)
{
    put_u16(w->data + w->length, opcode);
    put_u32(w->data + w->length + 4, (uint32_t)length);
    if (length > 0)
        memcpy(w->data + w->length + 8, payload, length);
    w->length += 8 + length;
    w->count++;
}

static const uint8_t exec_true[] = "\0\0\0\0\4\0\0\0true\0\1\0\0\0\1\0\0\0a\0\0\0\0";

static bool refused(struct writer *w, const char *detail)
{
    struct plan plan = {0};
    struct err e = {0};
    put_u32(w->data + 8, (uint32_t)w->length);
    put_u32(w->data + 12, w->count);
    bool no = decode(w->data, w->length, PLAN_RUN, &plan, &e) == -EPROTO;
    plan_free(&plan);
    if (no && strcmp(e.detail, detail) == 0)
        return true;
    printf("# said \"%s\"\n", no ? e.detail : "nothing");
    return false;
}

static void add_exec(struct writer *w)
{
    add(w, OP_EXEC, exec_true, sizeof exec_true);
}

static void test_order(struct tally *tally)
{
    struct writer w;
    begin(&w);
    add(&w, OP_UMASK, "\0\0\0\0", 4);
    check(tally, refused(&w, "last entry is no final step"), "a plan without a final step is refused");
    begin(&w);
    add_exec(&w);
    add_exec(&w);
    check(tally, refused(&w, "step after the final one"), "a step after EXEC is refused");
    begin(&w);
    add(&w, OP_UMASK, "\0\0\0\0", 4);
    add(&w, OP_STDIO, "\0\0\0\0", 4);
    add_exec(&w);
    check(tally, refused(&w, "setting after a step"), "a setting after a step is refused");
    begin(&w);
    add(&w, OP_STDIO, "\0\0\0\0", 4);
    add(&w, OP_STDIO, "\0\0\0\0", 4);
    add_exec(&w);
    check(tally, refused(&w, "setting given twice"), "a setting given twice is refused");
    begin(&w);
    add(&w, OP_PROBED, "", 0);
    check(tally, refused(&w, "only for probes"), "PROBED in a run plan is refused");
    begin(&w);
    add(&w, OP_JOIN_CONTAINER, "\0\0\2\0\0\0\0\0", 8);
    add_exec(&w);
    check(tally, refused(&w, "only for exec plans"), "JOIN_CONTAINER in a run plan is refused");
}

static void test_values(struct tally *tally)
{
    struct writer w;
    begin(&w);
    add(&w, 0x01ff, "", 0);
    add_exec(&w);
    check(tally, refused(&w, "unknown opcode"), "an unknown opcode is refused");
    begin(&w);
    add(&w, OP_UMASK, "\0\0\0\0\0", 5);
    add_exec(&w);
    check(tally, refused(&w, "trailing bytes in payload"), "trailing bytes in a payload are refused");
    begin(&w);
    add(&w, OP_MASK, "\3\0\0\0a\0b\0", 8);
    add_exec(&w);
    check(tally, refused(&w, "payload does not fit its form"), "a NUL within a string is refused");
    begin(&w);
    add(&w, OP_MASK, "\1\0\0\0ab", 6);
    add_exec(&w);
    check(tally, refused(&w, "payload does not fit its form"), "a string without its NUL is refused");
    begin(&w);
    add(&w, OP_SECCOMP, "\0\0\0\0\4\0\0\0\0\0\0\0", 12);
    add_exec(&w);
    check(tally, refused(&w, "filter is not 1 to 4096 instructions"), "half a filter instruction is refused");
    begin(&w);
    add(&w, OP_SET_ATTR, "\0\010\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
    add_exec(&w);
    check(tally, refused(&w, "slot out of range"), "slot 2048 is refused");
    begin(&w);
    add(&w, OP_NEED_PROPAGATION, "\3\0\0\0\1\0\0\0/\0", 10);
    add_exec(&w);
    check(tally, refused(&w, "unknown kind"), "an unknown kind of propagation is refused");
    begin(&w);
    add(&w, OP_ID_MAPS, "\0\0\0\0\0\0\0\0\0\0", 10);
    add_exec(&w);
    check(tally, refused(&w, "ID_MAPS needs CLONE_NEWUSER"),
          "id maps without a new user namespace are refused");
    begin(&w);
    add(&w, OP_IDMAP, "\0\0\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0", 17);
    add_exec(&w);
    check(tally, refused(&w, "slot out of range"), "a user namespace in slot 2048 is refused");
    begin(&w);
    check(tally, refused(&w, "wrong number of entries"), "an empty plan is refused");
}

void test_plan(struct tally *tally, const char *golden)
{
    test_golden(tally, golden, "minimal", PLAN_RUN);
    test_golden(tally, golden, "full", PLAN_RUN);
    test_golden(tally, golden, "podinit", PLAN_RUN);
    test_golden(tally, golden, "userns", PLAN_RUN);
    test_golden(tally, golden, "exec-session", PLAN_SESSION);
    test_golden(tally, golden, "mounts", PLAN_RUN);
    test_golden(tally, golden, "probe", PLAN_PROBE);
    test_order(tally);
    test_values(tally);
}
