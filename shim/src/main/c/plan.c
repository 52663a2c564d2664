#include "plan.h"

#include <string.h>
#include <sys/mman.h>

#include "kernel.h"

enum { HEADER_SIZE = 16, ENTRY_SIZE = 8, SETTINGS_MAX = 13 };

/* What is left of the bytes being decoded. */
struct cursor {
    const uint8_t *at, *end;
};

static bool take(struct cursor *c, size_t length, const uint8_t **ret_at)
{
    if ((size_t)(c->end - c->at) < length)
        return false;
    *ret_at = c->at;
    c->at += length;
    return true;
}

static bool take_u32(struct cursor *c, uint32_t *ret_n)
{
    const uint8_t *p = NULL;
    if (!take(c, 4, &p))
        return false;
    *ret_n = get_u32(p);
    return true;
}

static bool take_str(struct cursor *c, const char **ret_str)
{
    const uint8_t *p = NULL;
    uint32_t length = 0;
    if (!take_u32(c, &length) || length > PLAN_STRING_MAX || !take(c, (size_t)length + 1, &p))
        return false;
    if (memchr(p, 0, (size_t)length + 1) != p + length)
        return false;
    *ret_str = (const char *)p;
    return true;
}

static bool take_strs(struct cursor *c, struct strs *ret_list)
{
    struct strs list = {0};
    const char *ignored = NULL;
    if (!take_u32(c, &list.count))
        return false;
    list.first = c->at;
    for (uint32_t i = 0; i < list.count; i++)
        if (!take_str(c, &ignored))
            return false;
    *ret_list = list;
    return true;
}

static bool take_block(struct cursor *c, size_t unit, const uint8_t **ret_data, uint32_t *ret_count)
{
    uint32_t count = 0;
    if (!take_u32(c, &count) || count > PLAN_MAX || !take(c, count * unit, ret_data))
        return false;
    *ret_count = count;
    return true;
}

static bool take_field(struct cursor *c, enum kind kind, void *target)
{
    const uint8_t *p = NULL;
    switch (kind) {
    case KIND_U32:
    case KIND_I32:
        return take_u32(c, target);
    case KIND_U64:
        if (!take(c, 8, &p))
            return false;
        *(uint64_t *)target = get_u64(p);
        return true;
    case KIND_STR:
        return take_str(c, target);
    case KIND_STRS:
        return take_strs(c, target);
    case KIND_U32S:
        return take_block(c, 4, &((struct u32s *)target)->data, &((struct u32s *)target)->count);
    case KIND_BYTES:
        return take_block(c, 1, &((struct bytes *)target)->data, &((struct bytes *)target)->length);
    }
    return false;
}

const char *next_str(const uint8_t **at)
{
    const char *s = (const char *)*at + 4;
    *at += 4 + (size_t)get_u32(*at) + 1;
    return s;
}

static bool one_namespace(uint64_t kind)
{
    return kind != 0 && (kind & (kind - 1)) == 0 && (kind & ~K_CLONE_NEW_ALL) == 0;
}

static bool cgroup_version(uint32_t version)
{
    return version == 1 || version == 2;
}

/* NULL when the values of a well-formed entry make sense, else what is wrong with them. */
static const char *complain(const struct op *op)
{
    const char *slot = "slot out of range", *flags = "unknown flags";
    switch (op->code) {
    case OP_LOG:
        return op->log.max_line >= 1 && op->log.max_line <= PLAN_LINE_MAX ? NULL : "max_line out of range";
    case OP_STDIO:
        return op->word <= 7 ? NULL : flags;
    case OP_CLONE:
        return (op->clone.flags & ~K_CLONE_NEW_ALL) == 0 ? NULL : flags;
    case OP_EXEC_CGROUP:
    case OP_KILL_CGROUP:
        return cgroup_version(op->cgroup.version) ? NULL : "unknown cgroup version";
    case OP_JOIN_NS:
        return one_namespace(op->join.kind) ? NULL : "not one kind of namespace";
    case OP_JOIN_CONTAINER:
    case OP_UNSHARE:
        return (op->number & ~K_CLONE_NEW_ALL) == 0 ? NULL : flags;
    case OP_OPEN_TREE:
        return op->tree.slot >= PLAN_SLOTS ? slot : op->tree.flags > 1 ? flags : NULL;
    case OP_OPEN_NS:
    case OP_PLACE:
        return op->tree.slot < PLAN_SLOTS ? NULL : slot;
    case OP_IDMAP:
        return op->idmap.slot >= PLAN_SLOTS || op->idmap.userns >= PLAN_SLOTS ? slot
               : op->idmap.flags > 1                                          ? flags
                                                                              : NULL;
    case OP_ENTER_NS:
        return op->enter.slot >= PLAN_SLOTS    ? slot
               : one_namespace(op->enter.kind) ? NULL
                                               : "not one kind of namespace";
    case OP_NEW_FS:
        return op->fs.slot < PLAN_SLOTS ? NULL : slot;
    case OP_OVERLAY:
        return op->overlay.slot >= PLAN_SLOTS ? slot : op->overlay.lowers.count == 0 ? "no layer" : NULL;
    case OP_SET_ATTR:
        return op->attr.slot >= PLAN_SLOTS ? slot : op->attr.flags > 1 ? flags : NULL;
    case OP_ATTACH_ROOT:
    case OP_ATTACH:
        return op->attach.slot >= PLAN_SLOTS ? slot : op->attach.flags > 1 ? flags : NULL;
    case OP_PATH_ATTR:
        return op->attr.flags <= 1 ? NULL : flags;
    case OP_NEED_PROPAGATION:
        return op->need.kind == NEED_SHARED || op->need.kind == NEED_SHARED_OR_SLAVE ? NULL : "unknown kind";
    case OP_SUBTREE:
        return op->subtree.slot < PLAN_SLOTS ? NULL : slot;
    case OP_TERMINAL:
        return op->terminal.flags <= 1 ? NULL : flags;
    case OP_SECCOMP:
        return op->seccomp.filter.length % 8 == 0 && op->seccomp.filter.length / 8 >= 1 &&
                       op->seccomp.filter.length / 8 <= PLAN_FILTERS_MAX
                   ? NULL
                   : "filter is not 1 to 4096 instructions";
    case OP_EXEC:
        return op->exec.flags > 1 ? flags : op->exec.argv.count == 0 ? "argv is empty" : NULL;
    case OP_SOCKET:
    case OP_EXIT_RECORD:
    case OP_OOM_COUNTER:
    case OP_MEMORY_PEAK:
    case OP_PID_NS:
    case OP_START_TIMEOUT:
    case OP_SHIM_OOM_SCORE:
    case OP_ID_MAPS:
    case OP_STDIO_OWNER:
    case OP_FS_OWNER:
    case OP_JOIN_CGROUP:
    case OP_PROPAGATION:
    case OP_SELF_BIND:
    case OP_PROBED:
    case OP_MKDIR:
    case OP_MKNOD:
    case OP_SYMLINK:
    case OP_MASK:
    case OP_READONLY:
    case OP_SYSCTL:
    case OP_HOSTNAME:
    case OP_PIVOT:
    case OP_RLIMIT:
    case OP_OOM_SCORE_ADJ:
    case OP_CHDIR:
    case OP_UMASK:
    case OP_NO_NEW_PRIVS:
    case OP_CREDENTIALS:
    case OP_INIT:
        return NULL;
    }
    return "unknown opcode";
}

/* One entry: header, then each field of its form, and nothing behind them. */
static const char *decode_entry(struct cursor *c, struct op *op)
{
    const uint8_t *head = NULL;
    const uint8_t *payload = NULL;
    if (!take(c, ENTRY_SIZE, &head))
        return "entry is truncated";
    const struct op_form *form = op_form(get_u16(head));
    uint32_t length = get_u32(head + 4);
    if (!form)
        return "unknown opcode";
    if (get_u16(head + 2) != 0)
        return "reserved bytes are not zero";
    if (!take(c, length, &payload))
        return "payload is truncated";
    struct cursor inner = {payload, payload + length};
    op->code = form->code;
    for (uint32_t i = 0; i < form->count; i++)
        if (!take_field(&inner, form->fields[i].kind, (char *)op + form->fields[i].offset))
            return "payload does not fit its form";
    if (inner.at != inner.end)
        return "trailing bytes in payload";
    return complain(op);
}

/* What one entry may not be where it stands. */
static const char *misplaced(const struct plan *plan, uint32_t index, enum plan_use use)
{
    const struct op *op = &plan->ops[index];
    bool last = index == plan->count - 1;
    if (op->code < OP_FIRST_STEP) {
        if (use != PLAN_RUN)
            return use == PLAN_SESSION ? "setting in an exec plan" : "setting in a probe";
        if (index != plan->settings)
            return "setting after a step";
        for (uint32_t i = 0; i < index; i++)
            if (plan->ops[i].code == op->code)
                return "setting given twice";
    }
    if (op->code == OP_JOIN_CONTAINER && use != PLAN_SESSION)
        return "only for exec plans";
    if (op->code == OP_INIT && use == PLAN_SESSION)
        return "not for exec plans";
    if (use == PLAN_PROBE ? op->code == OP_EXEC || op->code == OP_INIT : op->code == OP_PROBED)
        return use == PLAN_PROBE ? "not for probes" : "only for probes";
    if (last != (op->code == OP_EXEC || op->code == OP_INIT || op->code == OP_PROBED))
        return last ? "last entry is no final step" : "step after the final one";
    return NULL;
}

static const char *decode_header(const uint8_t *data, size_t length, uint32_t *ret_count)
{
    if (length < HEADER_SIZE || memcmp(data, "ONGP", 4) != 0)
        return "not a plan";
    if (get_u16(data + 4) != 1 || get_u16(data + 6) != 0)
        return "unknown version";
    if (length > PLAN_MAX || get_u32(data + 8) != length)
        return "wrong length";
    uint32_t count = get_u32(data + 12);
    if (count == 0 || count > PLAN_STEPS_MAX + SETTINGS_MAX || count > length / ENTRY_SIZE)
        return "wrong number of entries";
    *ret_count = count;
    return NULL;
}

static const char *decode_entries(struct cursor *c, enum plan_use use, struct plan *plan, int *ret_index)
{
    const char *wrong = NULL;
    for (uint32_t i = 0; i < plan->count; i++) {
        *ret_index = (int)i;
        wrong = decode_entry(c, &plan->ops[i]);
        if (!wrong)
            wrong = misplaced(plan, i, use);
        if (wrong)
            return wrong;
        if (plan->ops[i].code < OP_FIRST_STEP)
            plan->settings++;
    }
    *ret_index = PLAN_OUTSIDE;
    const struct op *clone = plan_setting(plan, OP_CLONE);
    if (plan->count - plan->settings > PLAN_STEPS_MAX)
        return "too many steps";
    if (clone && (clone->clone.flags & K_CLONE_NEWPID) && plan_setting(plan, OP_PID_NS))
        return "PID_NS excludes CLONE_NEWPID";
    if (plan_setting(plan, OP_ID_MAPS) && !(clone && (clone->clone.flags & K_CLONE_NEWUSER)))
        return "ID_MAPS needs CLONE_NEWUSER";
    return c->at == c->end ? NULL : "trailing bytes";
}

int plan_decode(const uint8_t *data, size_t length, enum plan_use use, struct plan *ret_plan, int *ret_index,
                struct err *e)
{
    struct plan plan = {0};
    *ret_index = PLAN_OUTSIDE;
    const char *wrong = decode_header(data, length, &plan.count);
    if (wrong)
        return fail_detail(e, EPROTO, "decode", NULL, wrong);
    void *ops =
        mmap(NULL, plan.count * sizeof *plan.ops, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ops == MAP_FAILED)
        return fail(e, errno, "mmap", NULL);
    plan.ops = ops;
    struct cursor c = {data + HEADER_SIZE, data + length};
    wrong = decode_entries(&c, use, &plan, ret_index);
    if (wrong) {
        plan_free(&plan);
        return fail_detail(e, EPROTO, "decode", NULL, wrong);
    }
    *ret_plan = plan;
    return 0;
}

void plan_free(struct plan *plan)
{
    if (plan->ops)
        (void)munmap(plan->ops, plan->count * sizeof *plan->ops);
    *plan = (struct plan){0};
}

const struct op *plan_setting(const struct plan *plan, enum opcode code)
{
    for (uint32_t i = 0; i < plan->settings; i++)
        if (plan->ops[i].code == code)
            return &plan->ops[i];
    return NULL;
}
