/* The table of opcodes: names and payloads as PROTOCOL.md lists them. */
#include "plan.h"

#include <string.h>

#define F(word, kind_, member)                                                                               \
    {                                                                                                        \
        word, KIND_##kind_, (uint16_t)offsetof(struct op, member)                                            \
    }
#define COUNT(...) (sizeof((struct field[]){__VA_ARGS__}) / sizeof(struct field))
#define OP(name_, ...)                                                                                       \
    {                                                                                                        \
        .code = OP_##name_, .count = COUNT(__VA_ARGS__), .name = #name_, .fields = { __VA_ARGS__ }           \
    }
#define OP0(name_)                                                                                           \
    {                                                                                                        \
        .code = OP_##name_, .name = #name_                                                                   \
    }

static const struct op_form forms[] = {
    OP(SOCKET, F("path", STR, text)),
    OP(EXIT_RECORD, F("path", STR, text)),
    OP(LOG, F("path", STR, log.path), F("max_line", U32, log.max_line)),
    OP(STDIO, F("flags", U32, word)),
    OP(CLONE, F("flags", U64, clone.flags), F("cgroup", STR, clone.cgroup)),
    OP(OOM_COUNTER, F("path", STR, pair.first), F("key", STR, pair.second)),
    OP(MEMORY_PEAK, F("path", STR, text)),
    OP(EXEC_CGROUP, F("version", U32, cgroup.version), F("dir", STR, cgroup.dir)),
    OP(KILL_CGROUP, F("version", U32, cgroup.version), F("dir", STR, cgroup.dir)),
    OP(PID_NS, F("path", STR, text)),
    OP(START_TIMEOUT, F("nanoseconds", U64, number)),
    OP(SHIM_OOM_SCORE, F("score", I32, score)),
    OP(ID_MAPS, F("uids", STR, pair.first), F("gids", STR, pair.second)),
    OP(JOIN_NS, F("kind", U64, join.kind), F("path", STR, join.path)),
    OP(JOIN_CONTAINER, F("kinds", U64, number)),
    OP(UNSHARE, F("flags", U64, number)),
    OP(JOIN_CGROUP, F("file", STR, text)),
    OP(PROPAGATION, F("flags", U64, number)),
    OP(OPEN_TREE, F("slot", U32, tree.slot), F("flags", U32, tree.flags), F("path", STR, tree.path)),
    OP(NEW_FS, F("slot", U32, fs.slot), F("attrs", U64, fs.attrs), F("type", STR, fs.type),
       F("source", STR, fs.source), F("options", STRS, fs.options)),
    OP(OVERLAY, F("slot", U32, overlay.slot), F("attrs", U64, overlay.attrs), F("upper", STR, overlay.upper),
       F("work", STR, overlay.work), F("lowers", STRS, overlay.lowers), F("options", STRS, overlay.options),
       F("scratch", STR, overlay.scratch)),
    OP(SET_ATTR, F("slot", U32, attr.slot), F("flags", U32, attr.flags), F("set", U64, attr.set),
       F("clear", U64, attr.clear), F("propagation", U64, attr.propagation)),
    OP(ATTACH_ROOT, F("slot", U32, attach.slot), F("mountpoint", STR, attach.path)),
    OP(ATTACH, F("slot", U32, attach.slot), F("flags", U32, attach.flags), F("mode", U32, attach.mode),
       F("path", STR, attach.path)),
    OP(PATH_ATTR, F("flags", U32, attr.flags), F("set", U64, attr.set), F("clear", U64, attr.clear),
       F("propagation", U64, attr.propagation), F("path", STR, attr.path)),
    OP(IDMAP, F("slot", U32, idmap.slot), F("flags", U32, idmap.flags), F("userns", U32, idmap.userns),
       F("path", STR, idmap.path)),
    OP(NEED_PROPAGATION, F("kind", U32, need.kind), F("path", STR, need.path)),
    OP(SUBTREE, F("slot", U32, subtree.slot), F("path", STR, subtree.path),
       F("scratch", STR, subtree.scratch)),
    OP(SELF_BIND, F("path", STR, text)),
    OP0(PROBED),
    OP(MKDIR, F("mode", U32, node.mode), F("uid", U32, node.uid), F("gid", U32, node.gid),
       F("path", STR, node.path)),
    OP(MKNOD, F("mode", U32, node.mode), F("major", U32, node.major), F("minor", U32, node.minor),
       F("uid", U32, node.uid), F("gid", U32, node.gid), F("path", STR, node.path)),
    OP(SYMLINK, F("target", STR, pair.first), F("path", STR, pair.second)),
    OP(MASK, F("path", STR, text)),
    OP(READONLY, F("path", STR, text)),
    OP(SYSCTL, F("name", STR, pair.first), F("value", STR, pair.second)),
    OP(HOSTNAME, F("name", STR, text)),
    OP(OPEN_NS, F("slot", U32, tree.slot), F("path", STR, tree.path)),
    OP0(PIVOT),
    OP(ENTER_NS, F("slot", U32, enter.slot), F("kind", U64, enter.kind)),
    OP(STDIO_OWNER, F("uid", U32, owner.uid), F("gid", U32, owner.gid)),
    OP(FS_OWNER, F("uid", U32, owner.uid), F("gid", U32, owner.gid)),
    OP(PLACE, F("slot", U32, tree.slot), F("path", STR, tree.path)),
    OP(TERMINAL, F("rows", U32, terminal.rows), F("cols", U32, terminal.cols),
       F("flags", U32, terminal.flags)),
    OP(RLIMIT, F("resource", U32, rlimit.resource), F("soft", U64, rlimit.soft), F("hard", U64, rlimit.hard)),
    OP(OOM_SCORE_ADJ, F("score", I32, score)),
    OP(CHDIR, F("path", STR, text)),
    OP(UMASK, F("mask", U32, word)),
    OP0(NO_NEW_PRIVS),
    OP(CREDENTIALS, F("uid", U32, credentials.uid), F("gid", U32, credentials.gid),
       F("groups", U32S, credentials.groups), F("bounding", U64, credentials.bounding),
       F("permitted", U64, credentials.permitted), F("effective", U64, credentials.effective),
       F("inheritable", U64, credentials.inheritable), F("ambient", U64, credentials.ambient)),
    OP(SECCOMP, F("flags", U32, seccomp.flags), F("filter", BYTES, seccomp.filter)),
    OP(EXEC, F("flags", U32, exec.flags), F("file", STR, exec.file), F("argv", STRS, exec.argv),
       F("env", STRS, exec.env)),
    OP0(INIT),
};

const struct op_form *op_form(uint32_t code)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].code == code)
            return &forms[i];
    return NULL;
}

const char *op_name(const struct plan *plan, uint32_t index)
{
    const struct op_form *form = index < plan->count ? op_form(plan->ops[index].code) : NULL;
    return form ? form->name : "plan";
}

const char *op_object(const struct op *op)
{
    const struct op_form *form = op_form(op->code);
    for (uint32_t i = 0; form && i < form->count; i++) {
        const char *text = NULL;
        if (form->fields[i].kind != KIND_STR)
            continue;
        memcpy(&text, (const char *)op + form->fields[i].offset, sizeof text);
        if (*text)
            return text;
    }
    return "";
}
