#include "steps.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cgroup.h"
#include "creds.h"
#include "init.h"
#include "kernel.h"
#include "mounts.h"
#include "root.h"
#include "terminal.h"

static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* The directory that root paths start from: the attached root, later the process's own. A new descriptor. */
static int root_of(const struct steps *s, struct err *e)
{
    int fd = s->root >= 0 ? fcntl(s->root, F_DUPFD_CLOEXEC, 3) : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? fail(e, errno, "open", "/") : fd;
}

static int keep(struct steps *s, uint32_t slot, int mount)
{
    if (mount < 0)
        return mount;
    close_fd(&s->slots[slot]);
    s->slots[slot] = mount;
    return 0;
}

static int join_namespace(uint64_t kind, const char *path, struct err *e)
{
    cleanup_fd fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(e, errno, "open", path);
    return setns(fd, (int)kind) < 0 ? fail(e, errno, "setns", path) : 0;
}

static int open_namespace(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? fail(e, errno, "open", path) : fd;
}

static int place(struct steps *s, const struct op *op, struct err *e)
{
    cleanup_fd target = open(op->tree.path, O_PATH | O_CLOEXEC);
    if (target < 0)
        return fail(e, errno, "open", op->tree.path);
    int result = mounts_attach(s->slots[op->tree.slot], target, op->tree.path, e);
    if (result == 0)
        close_fd(&s->slots[op->tree.slot]);
    return result;
}

static int attach_root(struct steps *s, const struct op *op, struct err *e)
{
    cleanup_fd target = open(op->attach.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (target < 0)
        return fail(e, errno, "open", op->attach.path);
    int mount = s->slots[op->attach.slot];
    int result = mounts_attach(mount, target, op->attach.path, e);
    if (result < 0)
        return result;
    close_fd(&s->root);
    s->root = steal_fd(&s->slots[op->attach.slot]);
    return 0;
}

static int attach(struct steps *s, const struct op *op, struct err *e)
{
    struct stat st = {0};
    cleanup_fd root = root_of(s, e);
    int mount = s->slots[op->attach.slot];
    if (root < 0)
        return root;
    if (fstat(mount, &st) < 0)
        return fail(e, errno, "stat", op->attach.path);
    cleanup_fd target = root_target(root, op->attach.path, S_ISDIR(st.st_mode), op->attach.mode,
                                    op->attach.flags & ATTACH_MUST_EXIST, e);
    if (target < 0)
        return target;
    int result = mounts_attach(mount, target, op->attach.path, e);
    if (result == 0)
        close_fd(&s->slots[op->attach.slot]);
    return result;
}

static int path_attr(int root, const struct op *op, struct err *e)
{
    cleanup_fd target = root_open(root, op->attr.path, O_PATH);
    if (target < 0)
        return fail(e, -target, "open", op->attr.path);
    return mounts_set_attr(target, op->attr.flags & FLAG_RECURSIVE, op->attr.set, op->attr.clear,
                           op->attr.propagation, e);
}

static int mask(struct steps *s, const char *path, struct err *e)
{
    cleanup_fd root = root_of(s, e);
    return root < 0 ? root : mounts_mask(root, path, &s->empty, e);
}

/* Steps about one root path; the root is opened once for them. */
static int at_root(struct steps *s, const struct op *op, int (*act)(int, const struct op *, struct err *),
                   struct err *e)
{
    cleanup_fd root = root_of(s, e);
    return root < 0 ? root : act(root, op, e);
}

static int make_dir(int root, const struct op *op, struct err *e)
{
    return root_mkdir(root, op->node.path, op->node.mode, op->node.uid, op->node.gid, e);
}

static int make_node(int root, const struct op *op, struct err *e)
{
    return root_mknod(root, op->node.path, op->node.mode, makedev(op->node.major, op->node.minor),
                      op->node.uid, op->node.gid, e);
}

static int make_symlink(int root, const struct op *op, struct err *e)
{
    return root_symlink(root, op->pair.first, op->pair.second, e);
}

static int self_bind(int root, const struct op *op, struct err *e)
{
    return mounts_self_bind(root, op->text, e);
}

static int make_readonly(int root, const struct op *op, struct err *e)
{
    return mounts_readonly(root, op->text, e);
}

static int sysctl(const struct op *op, struct err *e)
{
    char path[PATH_MAX] = "";
    if (strstr(op->pair.first, "..") || !join_path(path, sizeof path, "/proc/sys", op->pair.first))
        return fail(e, EINVAL, "sysctl", op->pair.first);
    int result = write_file(path, op->pair.second, e);
    e->object = op->pair.first;
    return result;
}

/* pivot_root onto itself stacks the old root upon the new one; detaching "." then takes the old one whole. */
static int pivot(struct steps *s, struct err *e)
{
    if (s->root < 0)
        return fail(e, EINVAL, "pivot_root", "no root is attached");
    if (fchdir(s->root) < 0)
        return fail(e, errno, "fchdir", "/");
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return fail(e, errno, "pivot_root", NULL);
    if (umount2(".", MNT_DETACH) < 0)
        return fail(e, errno, "umount2", NULL);
    if (chdir("/") < 0)
        return fail(e, errno, "chdir", "/");
    close_fd(&s->root);
    close_fd(&s->empty);
    return 0;
}

static int send_descriptor(int channel, int fd, struct err *e)
{
    char byte = CHANNEL_TERMINAL;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &fd, sizeof fd);
    return RETRY(sendmsg(channel, &message, MSG_NOSIGNAL)) < 0 ? fail(e, errno, "sendmsg", "terminal") : 0;
}

static int terminal(struct steps *s, const struct op *op, struct err *e)
{
    cleanup_fd root = root_of(s, e);
    if (root < 0)
        return root;
    cleanup_fd master = terminal_open(root, op, e);
    return master < 0 ? master : send_descriptor(s->channel, master, e);
}

/* What must be done before a seccomp filter may forbid it. Every descriptor is close-on-exec from birth;
 * close_range only makes that certain. */
static void prepare_exec(struct steps *s)
{
    char ready = CHANNEL_READY;
    sigset_t none;
    if (s->prepared)
        return;
    s->prepared = true;
    (void)sys_close_range(3, ~0u, K_CLOSE_RANGE_CLOEXEC);
    (void)RETRY(write(s->channel, &ready, 1));
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A NULL-ended array of the list's strings, mapped: there is no heap between clone and exec. */
static char **pointers(struct strs list)
{
    const uint8_t *at = list.first;
    size_t size = ((size_t)list.count + 1) * sizeof(char *);
    char **array = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (array == MAP_FAILED)
        return NULL;
    for (uint32_t i = 0; i < list.count; i++)
        array[i] = (char *)(uintptr_t)next_str(&at);
    return array;
}

static const char *path_of(char *const *env)
{
    const char *found = default_path;
    for (; *env; env++)
        if (strncmp(*env, "PATH=", 5) == 0)
            found = *env + 5;
    return found;
}

/* Tries each directory of PATH as a shell does; an unreadable one is told only when no other has the file. */
static int exec_in_path(const char *file, char **argv, char **env)
{
    char path[PATH_MAX];
    int errnum = ENOENT;
    for (const char *dir = path_of(env); dir;) {
        size_t length = strcspn(dir, ":");
        struct text t = text_in(path, sizeof path);
        text_bytes(&t, length ? dir : ".", length ? length : 1);
        text_str(&t, "/");
        text_str(&t, file);
        if (!t.cut)
            (void)execve(path, argv, env);
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
            return errno;
        if (errno == EACCES)
            errnum = EACCES;
        dir = dir[length] ? dir + length + 1 : NULL;
    }
    return errnum;
}

static int execute(struct steps *s, const struct op *op, struct err *e)
{
    char **argv = pointers(op->exec.argv);
    char **env = pointers(op->exec.env);
    if (!argv || !env)
        return fail(e, ENOMEM, "mmap", op->exec.file);
    prepare_exec(s);
    if (op->exec.flags & EXEC_IN_PATH && !strchr(op->exec.file, '/'))
        return fail(e, *op->exec.file ? exec_in_path(op->exec.file, argv, env) : ENOENT, "execve",
                    op->exec.file);
    (void)execve(op->exec.file, argv, env);
    return fail(e, errno, "execve", op->exec.file);
}

static int need_slot(const struct steps *s, uint32_t slot, struct err *e)
{
    return s->slots[slot] >= 0 ? 0
                               : fail_detail(e, EBADF, "slot", NULL, "nothing has been put into this slot");
}

/* The part takes the place of the whole; a slot that lost its mount is empty. */
static int subtree(struct steps *s, const struct op *op, struct err *e)
{
    uint32_t slot = op->subtree.slot;
    int result = need_slot(s, slot, e);
    if (result < 0)
        return result;
    cleanup_fd whole = steal_fd(&s->slots[slot]);
    return keep(s, slot, mounts_subtree(whole, op->subtree.path, op->subtree.scratch, e));
}

static int run_mount_step(struct steps *s, const struct op *op, struct err *e)
{
    uint32_t slot = op->code == OP_SET_ATTR ? op->attr.slot : op->attach.slot;
    int result = need_slot(s, slot, e);
    if (result < 0)
        return result;
    if (op->code == OP_SET_ATTR)
        return mounts_set_attr(s->slots[slot], op->attr.flags & FLAG_RECURSIVE, op->attr.set, op->attr.clear,
                               op->attr.propagation, e);
    return op->code == OP_ATTACH_ROOT ? attach_root(s, op, e) : attach(s, op, e);
}

/* Steps that work on a slot filled with a namespace, and PLACE. */
static int run_slot_step(struct steps *s, const struct op *op, struct err *e)
{
    uint32_t slot = op->code == OP_IDMAP      ? op->idmap.slot
                    : op->code == OP_ENTER_NS ? op->enter.slot
                                              : op->tree.slot;
    int result = need_slot(s, slot, e);
    if (result == 0 && op->code == OP_IDMAP)
        result = need_slot(s, op->idmap.userns, e);
    if (result < 0)
        return result;
    if (op->code == OP_IDMAP)
        return mounts_idmap(s->slots[slot], op->idmap.flags & FLAG_RECURSIVE, s->slots[op->idmap.userns],
                            op->idmap.path, e);
    if (op->code == OP_PLACE)
        return place(s, op, e);
    return setns(s->slots[slot], (int)op->enter.kind) < 0 ? fail(e, errno, "setns", NULL) : 0;
}

static int checked(int result, struct err *e, const char *op, const char *object)
{
    return result < 0 ? fail(e, errno, op, object) : 0;
}

static int run_step(struct steps *s, const struct op *op, struct err *e)
{
    switch (op->code) {
    case OP_JOIN_NS:
        return join_namespace(op->join.kind, op->join.path, e);
    case OP_JOIN_CONTAINER:
        return checked(setns(s->spec->container, (int)op->number), e, "setns", "container");
    case OP_UNSHARE:
        return checked(unshare((int)op->number), e, "unshare", NULL);
    case OP_JOIN_CGROUP:
        return cgroup_join(op->text, e);
    case OP_PROPAGATION:
        return checked(mount(NULL, "/", NULL, op->number, NULL), e, "mount", "/");
    case OP_OPEN_TREE:
        return keep(s, op->tree.slot, mounts_open_tree(op->tree.path, op->tree.flags & FLAG_RECURSIVE, e));
    case OP_NEW_FS:
        return keep(s, op->fs.slot,
                    mounts_new_fs(op->fs.type, op->fs.source, op->fs.options, op->fs.attrs, e));
    case OP_OVERLAY:
        return keep(s, op->overlay.slot, mounts_overlay(op, e));
    case OP_SET_ATTR:
    case OP_ATTACH_ROOT:
    case OP_ATTACH:
        return run_mount_step(s, op, e);
    case OP_PATH_ATTR:
        return at_root(s, op, path_attr, e);
    case OP_IDMAP:
    case OP_ENTER_NS:
    case OP_PLACE:
        return run_slot_step(s, op, e);
    case OP_OPEN_NS:
        return keep(s, op->tree.slot, open_namespace(op->tree.path, e));
    case OP_STDIO_OWNER:
        return creds_stdio_owner(op->owner.uid, op->owner.gid, e);
    case OP_FS_OWNER:
        return creds_fs_owner(op->owner.uid, op->owner.gid, e);
    case OP_NEED_PROPAGATION:
        return mounts_need_propagation(op->need.kind, op->need.path, e);
    case OP_SUBTREE:
        return subtree(s, op, e);
    case OP_SELF_BIND:
        return at_root(s, op, self_bind, e);
    case OP_MKDIR:
        return at_root(s, op, make_dir, e);
    case OP_MKNOD:
        return at_root(s, op, make_node, e);
    case OP_SYMLINK:
        return at_root(s, op, make_symlink, e);
    case OP_MASK:
        return mask(s, op->text, e);
    case OP_READONLY:
        return at_root(s, op, make_readonly, e);
    case OP_SYSCTL:
        return sysctl(op, e);
    case OP_HOSTNAME:
        return checked(sethostname(op->text, strlen(op->text)), e, "sethostname", op->text);
    case OP_PIVOT:
        return pivot(s, e);
    case OP_TERMINAL:
        return terminal(s, op, e);
    case OP_RLIMIT:
        return creds_rlimit(op, e);
    case OP_OOM_SCORE_ADJ:
        return creds_oom_score(op->score, e);
    case OP_CHDIR:
        return checked(chdir(op->text), e, "chdir", op->text);
    case OP_UMASK:
        (void)umask((mode_t)op->word);
        return 0;
    case OP_NO_NEW_PRIVS:
        return creds_no_new_privs(e);
    case OP_CREDENTIALS:
        return creds_apply(op, e);
    case OP_SECCOMP:
        prepare_exec(s);
        return creds_seccomp(op, e);
    case OP_EXEC:
        return execute(s, op, e);
    case OP_INIT:
        prepare_exec(s);
        init_main();
    case OP_SOCKET:
    case OP_EXIT_RECORD:
    case OP_LOG:
    case OP_STDIO:
    case OP_CLONE:
    case OP_OOM_COUNTER:
    case OP_MEMORY_PEAK:
    case OP_EXEC_CGROUP:
    case OP_KILL_CGROUP:
    case OP_PID_NS:
    case OP_START_TIMEOUT:
    case OP_SHIM_OOM_SCORE:
    case OP_ID_MAPS:
        return 0; /* settings */
    case OP_PROBED:
        return 0; /* steps_run's to see */
    }
    return fail(e, EPROTO, "step", NULL);
}

void steps_init(struct steps *s, const struct launch *spec, int channel)
{
    *s = (struct steps){.spec = spec, .channel = channel, .root = -1, .empty = -1};
    for (uint32_t i = 0; i < PLAN_SLOTS; i++)
        s->slots[i] = -1;
}

int steps_run(struct steps *s, int *ret_index, struct err *e)
{
    const struct plan *plan = s->spec->plan;
    struct timeline *times = s->spec->timeline;
    uint64_t begin = times ? monotonic_us() : 0;
    for (uint32_t i = plan->settings; i < plan->count; i++) {
        if (times) {
            times->current = i;
            times->entry[i].begin_us = (uint32_t)(begin - s->spec->epoch_us);
        }
        if (run_step(s, &plan->ops[i], e) < 0) {
            *ret_index = (int)i;
            if (!e->object || !*e->object)
                e->object = op_object(&plan->ops[i]);
            return -e->errnum;
        }
        if (times) {
            uint64_t end = monotonic_us();
            times->entry[i].length_us = (uint32_t)(end - begin);
            begin = end;
        }
        if (plan->ops[i].code == OP_PROBED)
            return 0;
    }
    *ret_index = PLAN_OUTSIDE;
    return fail(e, EPROTO, "steps", NULL);
}
