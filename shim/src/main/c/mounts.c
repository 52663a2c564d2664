#include "mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kernel.h"
#include "root.h"

enum { OPTION_MAX = 256, MOUNT_DATA_MAX = 4096, VOLUME_MODE = 0755 };

/* Like fail, with what the kernel wrote into the mount context's own log ("e overlay: ..."). */
static int fail_context(struct err *e, int errnum, int context, const char *op, const char *object)
{
    char message[sizeof e->detail] = "";
    ssize_t length = read(context, message, sizeof message - 1);
    if (length > 0 && message[length - 1] == '\n')
        message[length - 1] = 0;
    return fail_detail(e, errnum, op, object, length > 0 ? message : "");
}

int mounts_open_tree(const char *path, bool recursive, struct err *e)
{
    unsigned flags = K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | (recursive ? K_AT_RECURSIVE : 0);
    int fd = sys_open_tree(AT_FDCWD, path, flags);
    return fd < 0 ? fail(e, errno, "open_tree", path) : fd;
}

/* One option: `key` or `key=value`. The kernel takes 256 bytes for a key, as much for a value. */
static int set_option(int context, const char *option, struct err *e)
{
    char key[OPTION_MAX] = "";
    const char *equals = strchr(option, '=');
    struct text t = text_in(key, sizeof key);
    text_bytes(&t, option, equals ? (size_t)(equals - option) : strlen(option));
    if (t.cut)
        return fail(e, ENAMETOOLONG, "fsconfig", option);
    int result = equals ? sys_fsconfig(context, K_FSCONFIG_SET_STRING, key, equals + 1, 0)
                        : sys_fsconfig(context, K_FSCONFIG_SET_FLAG, key, NULL, 0);
    return result < 0 ? fail_context(e, errno, context, "fsconfig", option) : 0;
}

static int set_options(int context, struct strs options, struct err *e)
{
    const uint8_t *at = options.first;
    for (uint32_t i = 0; i < options.count; i++) {
        int result = set_option(context, next_str(&at), e);
        if (result < 0)
            return result;
    }
    return 0;
}

static int create_and_mount(int context, const char *type, uint64_t attrs, struct err *e)
{
    if (sys_fsconfig(context, K_FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
        return fail_context(e, errno, context, "fsconfig create", type);
    int mount = sys_fsmount(context, K_FSMOUNT_CLOEXEC, (unsigned)attrs);
    return mount < 0 ? fail_context(e, errno, context, "fsmount", type) : mount;
}

int mounts_new_fs(const char *type, const char *source, struct strs options, uint64_t attrs, struct err *e)
{
    cleanup_fd context = sys_fsopen(type, K_FSOPEN_CLOEXEC);
    if (context < 0)
        return fail(e, errno, "fsopen", type);
    if (*source && sys_fsconfig(context, K_FSCONFIG_SET_STRING, "source", source, 0) < 0)
        return fail_context(e, errno, context, "fsconfig source", source);
    int result = set_options(context, options, e);
    return result < 0 ? result : create_and_mount(context, type, attrs, e);
}

/* Layers one by one, topmost first. */
static int add_layers(int context, struct strs lowers, struct err *e)
{
    const uint8_t *at = lowers.first;
    for (uint32_t i = 0; i < lowers.count; i++) {
        const char *lower = next_str(&at);
        if (sys_fsconfig(context, K_FSCONFIG_SET_STRING, "lowerdir+", lower, 0) < 0)
            return fail_context(e, errno, context, "fsconfig lowerdir+", lower);
    }
    return 0;
}

static int set_string(int context, const char *key, const char *value, struct err *e)
{
    if (*value && sys_fsconfig(context, K_FSCONFIG_SET_STRING, key, value, 0) < 0)
        return fail_context(e, errno, context, key, value);
    return 0;
}

/* A path within mount data: ',' ':' and '\' are the separators there. */
static void text_escaped(struct text *t, const char *path)
{
    for (; *path; path++) {
        if (strchr(",:\\", *path))
            text_bytes(t, "\\", 1);
        text_bytes(t, path, 1);
    }
}

static bool overlay_data(const struct op *op, char *data, size_t size)
{
    struct text t = text_in(data, size);
    const uint8_t *at = op->overlay.lowers.first;
    text_str(&t, "lowerdir=");
    for (uint32_t i = 0; i < op->overlay.lowers.count; i++) {
        text_str(&t, i ? ":" : "");
        text_escaped(&t, next_str(&at));
    }
    if (*op->overlay.upper) {
        text_str(&t, ",upperdir=");
        text_escaped(&t, op->overlay.upper);
        text_str(&t, ",workdir=");
        text_escaped(&t, op->overlay.work);
    }
    at = op->overlay.options.first;
    for (uint32_t i = 0; i < op->overlay.options.count; i++) {
        text_str(&t, ",");
        text_str(&t, next_str(&at));
    }
    return !t.cut;
}

/* The old way: mount(2) at a scratch directory, taken from there as a detached clone. */
static int overlay_by_mount(const struct op *op, struct err *e)
{
    char data[MOUNT_DATA_MAX] = "";
    const char *scratch = op->overlay.scratch;
    if (!overlay_data(op, data, sizeof data))
        return fail(e, E2BIG, "mount overlay", scratch);
    if (mount("overlay", scratch, "overlay", 0, data) < 0)
        return fail(e, errno, "mount overlay", scratch);
    cleanup_fd clone = mounts_open_tree(scratch, false, e);
    (void)umount2(scratch, MNT_DETACH);
    if (clone < 0)
        return clone;
    int result = op->overlay.attrs ? mounts_set_attr(clone, false, op->overlay.attrs, 0, 0, e) : 0;
    return result < 0 ? result : steal_fd(&clone);
}

static int overlay_by_context(const struct op *op, struct err *e)
{
    cleanup_fd context = sys_fsopen("overlay", K_FSOPEN_CLOEXEC);
    if (context < 0)
        return fail(e, errno, "fsopen", "overlay");
    (void)sys_fsconfig(context, K_FSCONFIG_SET_STRING, "source", "overlay", 0); /* only for /proc/mounts */
    int result = add_layers(context, op->overlay.lowers, e);
    if (result == 0)
        result = set_string(context, "upperdir", op->overlay.upper, e);
    if (result == 0)
        result = set_string(context, "workdir", op->overlay.work, e);
    if (result == 0)
        result = set_options(context, op->overlay.options, e);
    return result < 0 ? result : create_and_mount(context, "overlay", op->overlay.attrs, e);
}

/* Kernels before 6.7 do not know `lowerdir+`, those before 6.5 take it and fail at the end: both with EINVAL.
 * When the old way does no better, the first error is the one that says why. */
int mounts_overlay(const struct op *op, struct err *e)
{
    struct err second = {0};
    int mount = overlay_by_context(op, e);
    if (mount != -EINVAL || !*op->overlay.scratch)
        return mount;
    int old = overlay_by_mount(op, &second);
    return old >= 0 ? old : mount;
}

int mounts_set_attr(int mount, bool recursive, uint64_t set, uint64_t clear, uint64_t propagation,
                    struct err *e)
{
    struct k_mount_attr attr = {.set = set, .clear = clear, .propagation = propagation};
    if (sys_mount_setattr(mount, "", K_AT_EMPTY_PATH | (recursive ? K_AT_RECURSIVE : 0), &attr) < 0)
        return fail(e, errno, "mount_setattr", NULL);
    return 0;
}

/* EINVAL is also what a file system without id maps answers; EPERM: the mount has a map already. */
int mounts_idmap(int mount, bool recursive, int userns, const char *path, struct err *e)
{
    struct k_mount_attr attr = {.set = K_MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns};
    if (sys_mount_setattr(mount, "", K_AT_EMPTY_PATH | (recursive ? K_AT_RECURSIVE : 0), &attr) == 0)
        return 0;
    return errno == EINVAL ? fail_detail(e, EINVAL, "mount_setattr", path,
                                         "the file system there cannot be mounted with an id map")
                           : fail(e, errno, "mount_setattr", path);
}

int mounts_attach(int mount, int target, const char *path, struct err *e)
{
    if (sys_move_mount(mount, "", target, "", K_MOVE_MOUNT_F_EMPTY_PATH | K_MOVE_MOUNT_T_EMPTY_PATH) < 0)
        return fail(e, errno, "move_mount", path);
    return 0;
}

static int clone_of(int target, bool recursive, const char *path, struct err *e)
{
    unsigned flags =
        K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | K_AT_EMPTY_PATH | (recursive ? K_AT_RECURSIVE : 0);
    int fd = sys_open_tree(target, "", flags);
    return fd < 0 ? fail(e, errno, "open_tree", path) : fd;
}

/* /dev/null of the container when it is the real one, else the host's. */
static int null_mount(int root, struct err *e)
{
    struct stat st = {0};
    cleanup_fd null = root_open(root, "dev/null", O_PATH | O_NOFOLLOW);
    if (null >= 0 && fstat(null, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
        return clone_of(null, false, "/dev/null", e);
    return mounts_open_tree("/dev/null", false, e);
}

/* The first masked directory gets a new tmpfs, the others clones of it. */
static int empty_mount(int cache, struct err *e)
{
    uint64_t attrs = K_MOUNT_ATTR_RDONLY | K_MOUNT_ATTR_NOSUID | K_MOUNT_ATTR_NODEV | K_MOUNT_ATTR_NOEXEC;
    if (cache >= 0)
        return clone_of(cache, false, "empty", e);
    return mounts_new_fs("tmpfs", "tmpfs", (struct strs){0}, attrs, e);
}

int mounts_mask(int root, const char *path, int *ret_empty, struct err *e)
{
    struct stat st = {0};
    cleanup_fd target = root_open(root, path, O_PATH);
    if (target == -ENOENT || target == -ENOTDIR)
        return 0;
    if (target < 0)
        return fail(e, -target, "open", path);
    if (fstat(target, &st) < 0)
        return fail(e, errno, "stat", path);
    bool directory = S_ISDIR(st.st_mode);
    cleanup_fd mount = directory ? empty_mount(*ret_empty, e) : null_mount(root, e);
    if (mount < 0)
        return mount;
    int result = mounts_attach(mount, target, path, e);
    if (result == 0 && directory && *ret_empty < 0)
        *ret_empty = steal_fd(&mount);
    return result;
}

int mounts_readonly(int root, const char *path, struct err *e)
{
    cleanup_fd target = root_open(root, path, O_PATH);
    if (target == -ENOENT || target == -ENOTDIR)
        return 0;
    if (target < 0)
        return fail(e, -target, "open", path);
    cleanup_fd mount = clone_of(target, true, path, e);
    if (mount < 0)
        return mount;
    int result = mounts_set_attr(mount, true, K_MOUNT_ATTR_RDONLY, 0, 0, e);
    return result < 0 ? result : mounts_attach(mount, target, path, e);
}

int mounts_subtree(int mount, const char *path, const char *scratch, struct err *e)
{
    cleanup_fd place = open(scratch, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place < 0)
        return fail(e, errno, "open", scratch);
    /* Only kernels from 6.15 on clone a part of a mount that is attached nowhere. */
    int result = mounts_attach(mount, place, scratch, e);
    if (result < 0)
        return result;
    cleanup_fd target = root_open(mount, path, O_PATH);
    result = target < 0 ? fail(e, -target, "open", path) : clone_of(target, false, path, e);
    (void)umount2(scratch, MNT_DETACH);
    return result;
}

int mounts_self_bind(int root, const char *path, struct err *e)
{
    bool made = false;
    cleanup_fd target = root_open(root, path, O_PATH);
    if (target == -ENOENT)
        target = root_mkdirs(root, path, VOLUME_MODE, &made, e);
    if (target < 0)
        return fail(e, -target, "open", path);
    cleanup_fd mount = clone_of(target, false, path, e);
    return mount < 0 ? mount : mounts_attach(mount, target, path, e);
}
