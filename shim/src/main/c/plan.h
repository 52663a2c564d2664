/* The plan as the shim sees it: an array of tagged operations pointing into the mapped file (PROTOCOL.md 2).
 */
#ifndef ONGGI_PLAN_H
#define ONGGI_PLAN_H

#include "util.h"

enum {
    PLAN_MAX = 4 << 20,
    PLAN_STEPS_MAX = 4096,
    PLAN_STRING_MAX = 131072,
    PLAN_SLOTS = 2048,
    PLAN_FILTERS_MAX = 4096,
    PLAN_LINE_MAX = 65536,
    PLAN_OUTSIDE = -1,
};

enum opcode {
    OP_SOCKET = 0x0001,
    OP_EXIT_RECORD = 0x0002,
    OP_LOG = 0x0003,
    OP_STDIO = 0x0004,
    OP_CLONE = 0x0005,
    OP_OOM_COUNTER = 0x0006,
    OP_MEMORY_PEAK = 0x0007,
    OP_EXEC_CGROUP = 0x0008,
    OP_KILL_CGROUP = 0x0009,
    OP_PID_NS = 0x000a,
    OP_START_TIMEOUT = 0x000b,
    OP_SHIM_OOM_SCORE = 0x000c,
    OP_ID_MAPS = 0x000d,
    OP_FIRST_STEP = 0x0100,
    OP_JOIN_NS = 0x0100,
    OP_JOIN_CONTAINER = 0x0101,
    OP_UNSHARE = 0x0102,
    OP_JOIN_CGROUP = 0x0103,
    OP_PROPAGATION = 0x0104,
    OP_OPEN_TREE = 0x0110,
    OP_NEW_FS = 0x0111,
    OP_OVERLAY = 0x0112,
    OP_SET_ATTR = 0x0113,
    OP_ATTACH_ROOT = 0x0114,
    OP_ATTACH = 0x0115,
    OP_PATH_ATTR = 0x0116,
    OP_IDMAP = 0x0117,
    OP_NEED_PROPAGATION = 0x0118,
    OP_SUBTREE = 0x0119,
    OP_SELF_BIND = 0x011a,
    OP_PROBED = 0x011f,
    OP_MKDIR = 0x0120,
    OP_MKNOD = 0x0121,
    OP_SYMLINK = 0x0122,
    OP_MASK = 0x0123,
    OP_READONLY = 0x0124,
    OP_SYSCTL = 0x0125,
    OP_HOSTNAME = 0x0126,
    OP_OPEN_NS = 0x0127,
    OP_PIVOT = 0x0128,
    OP_ENTER_NS = 0x0129,
    OP_STDIO_OWNER = 0x012a,
    OP_FS_OWNER = 0x012b,
    OP_PLACE = 0x012c,
    OP_TERMINAL = 0x0130,
    OP_RLIMIT = 0x0131,
    OP_OOM_SCORE_ADJ = 0x0132,
    OP_CHDIR = 0x0133,
    OP_UMASK = 0x0134,
    OP_NO_NEW_PRIVS = 0x0135,
    OP_CREDENTIALS = 0x0136,
    OP_SECCOMP = 0x0137,
    OP_EXEC = 0x0138,
    OP_INIT = 0x0139,
};

/* Flags of entries. */
enum { STDIO_TERMINAL = 1, STDIO_OPEN = 2, STDIO_ONCE = 4 };
enum { FLAG_RECURSIVE = 1, ATTACH_MUST_EXIST = 1, TERMINAL_CONSOLE = 1, EXEC_IN_PATH = 1 };
enum { NEED_SHARED = 1, NEED_SHARED_OR_SLAVE = 2 };

/* Views into the plan. A list is walked with next_str. */
struct strs {
    const uint8_t *first;
    uint32_t count;
};
struct bytes {
    const uint8_t *data;
    uint32_t length;
};
struct u32s {
    const uint8_t *data;
    uint32_t count;
};

/* One union member a shape of payload; entries of the same shape share it. */
struct op {
    enum opcode code;
    union {
        const char *text; /* SOCKET EXIT_RECORD MEMORY_PEAK PID_NS JOIN_CGROUP MASK READONLY SELF_BIND ... */
        uint64_t number;  /* JOIN_CONTAINER UNSHARE PROPAGATION START_TIMEOUT */
        uint32_t word;    /* STDIO UMASK */
        int32_t score;    /* SHIM_OOM_SCORE OOM_SCORE_ADJ */
        struct {
            const char *path;
            uint32_t max_line;
        } log;
        struct {
            uint64_t flags;
            const char *cgroup;
        } clone;
        struct {
            const char *first, *second; /* OOM_COUNTER path, key; ID_MAPS uids, gids; SYMLINK target, path;
                                           SYSCTL name, value */
        } pair;
        struct {
            uint32_t version;
            const char *dir;
        } cgroup; /* EXEC_CGROUP KILL_CGROUP */
        struct {
            uint64_t kind;
            const char *path;
        } join;
        struct {
            uint32_t slot, flags;
            const char *path;
        } tree; /* OPEN_TREE; OPEN_NS and PLACE without flags */
        struct {
            uint32_t slot, flags, userns;
            const char *path;
        } idmap;
        struct {
            uint32_t slot;
            uint64_t kind;
        } enter;
        struct {
            uint32_t uid, gid;
        } owner; /* STDIO_OWNER FS_OWNER */
        struct {
            uint32_t kind;
            const char *path;
        } need; /* NEED_PROPAGATION */
        struct {
            uint32_t slot;
            const char *path, *scratch;
        } subtree;
        struct {
            uint32_t slot;
            uint64_t attrs;
            const char *type, *source;
            struct strs options;
        } fs;
        struct {
            uint32_t slot;
            uint64_t attrs;
            const char *upper, *work;
            struct strs lowers, options;
            const char *scratch;
        } overlay;
        struct {
            uint32_t slot, flags;
            uint64_t set, clear, propagation;
            const char *path;
        } attr; /* SET_ATTR (slot), PATH_ATTR (path) */
        struct {
            uint32_t slot, flags, mode;
            const char *path;
        } attach; /* ATTACH_ROOT ATTACH */
        struct {
            uint32_t mode, major, minor, uid, gid;
            const char *path;
        } node; /* MKDIR MKNOD */
        struct {
            uint32_t rows, cols, flags;
        } terminal;
        struct {
            uint32_t resource;
            uint64_t soft, hard;
        } rlimit;
        struct {
            uint32_t uid, gid;
            struct u32s groups;
            uint64_t bounding, permitted, effective, inheritable, ambient;
        } credentials;
        struct {
            uint32_t flags;
            struct bytes filter;
        } seccomp;
        struct {
            uint32_t flags;
            const char *file;
            struct strs argv, env;
        } exec;
    };
};

enum plan_use { PLAN_RUN, PLAN_SESSION, PLAN_PROBE };

struct plan {
    struct op *ops; /* mapped, `count` of them */
    uint32_t count, settings;
};

enum kind { KIND_U32, KIND_U64, KIND_I32, KIND_STR, KIND_STRS, KIND_U32S, KIND_BYTES };

struct field {
    const char *name;
    enum kind kind;
    uint16_t offset; /* in struct op */
};

struct op_form {
    enum opcode code;
    uint8_t count;
    const char *name;
    struct field fields[8];
};

/* The form of an opcode, NULL when there is none. */
const struct op_form *op_form(uint32_t code);
const char *op_name(const struct plan *plan, uint32_t index);
/* What a failing entry is about when the failure has nothing better: its first string, "" without one. */
const char *op_object(const struct op *op);

/* Decodes the whole of data or refuses it; ret_index is the entry at fault, PLAN_OUTSIDE when none is. */
int plan_decode(const uint8_t *data, size_t length, enum plan_use use, struct plan *ret_plan, int *ret_index,
                struct err *e);
void plan_free(struct plan *plan);
const struct op *plan_setting(const struct plan *plan, enum opcode code);

/* The string at *at, which is moved behind it. Only for lists that plan_decode has checked. */
const char *next_str(const uint8_t **at);

#endif
