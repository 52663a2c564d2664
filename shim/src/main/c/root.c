#include "root.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"

enum { LINKS_MAX = 16, DEFAULT_DIR_MODE = 0755, DEFAULT_FILE_MODE = 0644 };

int root_open(int root, const char *path, uint64_t flags)
{
    struct k_open_how how = {.flags = flags | O_CLOEXEC,
                             .resolve = K_RESOLVE_IN_ROOT | K_RESOLVE_NO_MAGICLINKS};
    const char *relative = path;
    while (*relative == '/')
        relative++;
    /* EAGAIN: a rename elsewhere raced with the walk over ".."; the kernel asks to try again. */
    for (int tries = 0; tries < 64; tries++) {
        int fd = (int)RETRY(sys_openat2(root, *relative ? relative : ".", &how));
        if (fd >= 0)
            return fd;
        if (errno != EAGAIN)
            break;
    }
    return -errno;
}

static int make_dirs(int root, char *path, mode_t mode, int links, bool *ret_made);

/* The name in parent is a symlink that leads nowhere yet: make what it points to, as seen from inside the
 * root. */
static int make_link_target(int root, int parent, const char *path, size_t name_at, mode_t mode, int links,
                            bool *ret_made)
{
    char target[PATH_MAX] = "";
    char joined[PATH_MAX] = "";
    ssize_t length = readlinkat(parent, path + name_at, target, sizeof target - 1);
    if (length < 0)
        return errno == EINVAL ? -ENOTDIR : -errno;
    target[length] = 0;
    if (links >= LINKS_MAX)
        return -ELOOP;
    struct text t = text_in(joined, sizeof joined);
    if (target[0] != '/')
        text_bytes(&t, path, name_at);
    text_str(&t, target);
    if (t.cut)
        return -ENAMETOOLONG;
    return make_dirs(root, joined, mode, links + 1, ret_made);
}

/* Makes path[0..end) when it is missing, below its parent which exists. An O_PATH descriptor. */
static int make_one(int root, char *path, size_t name_at, mode_t mode, int links, bool *ret_made)
{
    char saved = path[name_at];
    path[name_at] = 0;
    cleanup_fd parent = root_open(root, path, O_PATH | O_DIRECTORY);
    path[name_at] = saved;
    if (parent < 0)
        return parent;
    if (mkdirat(parent, path + name_at, mode) == 0) {
        *ret_made = true;
        return root_open(root, path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    }
    return errno == EEXIST ? make_link_target(root, parent, path, name_at, mode, links, ret_made) : -errno;
}

/* path is changed while it is walked and restored. */
static int make_dirs(int root, char *path, mode_t mode, int links, bool *ret_made)
{
    int fd = root_open(root, path, O_PATH | O_DIRECTORY);
    if (fd != -ENOENT)
        return fd;
    for (size_t at = 0; path[at];) {
        while (path[at] == '/')
            at++;
        size_t end = at + strcspn(path + at, "/");
        if (end == at)
            break;
        size_t next = end + strspn(path + end, "/");
        bool last = path[next] == 0;
        char saved = path[end];
        path[end] = 0;
        close_fd(&fd);
        fd = root_open(root, path, O_PATH | O_DIRECTORY);
        if (fd == -ENOENT)
            fd = make_one(root, path, at, last ? mode : DEFAULT_DIR_MODE, links, ret_made);
        path[end] = saved;
        if (fd < 0)
            return fd;
        at = next;
    }
    return fd;
}

int root_mkdirs(int root, const char *path, mode_t mode, bool *ret_made, struct err *e)
{
    char copy[PATH_MAX] = "";
    bool made = false;
    struct text t = text_in(copy, sizeof copy);
    text_str(&t, path);
    if (t.cut)
        return fail(e, ENAMETOOLONG, "mkdir", path);
    int fd = make_dirs(root, copy, mode, 0, &made);
    if (fd < 0)
        return fail(e, -fd, "mkdir", path);
    *ret_made = made;
    return fd;
}

int root_parent(int root, const char *path, const char **ret_name, struct err *e)
{
    char dir[PATH_MAX] = "";
    bool made = false;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return fail(e, EINVAL, "resolve", path);
    struct text t = text_in(dir, sizeof dir);
    text_bytes(&t, path, (size_t)(name - path));
    if (t.cut)
        return fail(e, ENAMETOOLONG, "resolve", path);
    int fd = root_mkdirs(root, dir, DEFAULT_DIR_MODE, &made, e);
    if (fd < 0)
        return fail(e, -fd, "resolve", path);
    *ret_name = name;
    return fd;
}

static int make_file(int root, const char *path, mode_t mode, struct err *e)
{
    const char *name = NULL;
    cleanup_fd parent = root_parent(root, path, &name, e);
    if (parent < 0)
        return parent;
    cleanup_fd file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file < 0 && errno != EEXIST)
        return fail(e, errno, "create", path);
    int fd = root_open(root, path, O_PATH);
    return fd < 0 ? fail(e, -fd, "open", path) : fd;
}

int root_target(int root, const char *path, bool directory, mode_t mode, bool must_exist, struct err *e)
{
    bool made = false;
    int fd = root_open(root, path, O_PATH);
    if (fd >= 0)
        return fd;
    if (fd != -ENOENT || must_exist)
        return fail(e, -fd, "open", path);
    if (directory)
        return root_mkdirs(root, path, mode ? mode : DEFAULT_DIR_MODE, &made, e);
    return make_file(root, path, mode ? mode : DEFAULT_FILE_MODE, e);
}

int root_mkdir(int root, const char *path, mode_t mode, uint32_t uid, uint32_t gid, struct err *e)
{
    bool made = false;
    cleanup_fd fd = root_mkdirs(root, path, mode, &made, e);
    if (fd < 0)
        return fd;
    if (made && (uid || gid) && fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0)
        return fail(e, errno, "chown", path);
    return 0;
}

int root_mknod(int root, const char *path, mode_t mode, dev_t device, uint32_t uid, uint32_t gid,
               struct err *e)
{
    const char *name = NULL;
    struct stat st = {0};
    cleanup_fd parent = root_parent(root, path, &name, e);
    if (parent < 0)
        return parent;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if ((st.st_mode & S_IFMT) == (mode & S_IFMT) && st.st_rdev == device)
            return 0;
        if (unlinkat(parent, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
            return fail(e, errno, "unlink", path);
    }
    if (mknodat(parent, name, mode, device) < 0)
        return fail(e, errno, "mknod", path);
    /* Always: after FS_OWNER a node of the host's root would else belong to the container's. */
    if (fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(e, errno, "chown", path);
    return 0;
}

int root_symlink(int root, const char *target, const char *path, struct err *e)
{
    const char *name = NULL;
    cleanup_fd parent = root_parent(root, path, &name, e);
    if (parent < 0)
        return parent;
    if (symlinkat(target, parent, name) < 0 && errno != EEXIST)
        return fail(e, errno, "symlink", path);
    return 0;
}
