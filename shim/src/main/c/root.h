/* Paths beneath a container's root: always resolved by openat2(RESOLVE_IN_ROOT), acted on by descriptor. */
#ifndef ONGGI_ROOT_H
#define ONGGI_ROOT_H

#include "util.h"

/* Opens path beneath root. -errno on failure, `e` untouched: a missing path is often no error. */
int root_open(int root, const char *path, uint64_t flags);
/* Makes the directory and its missing parents (0755 root) and opens it (O_PATH). ret_made: the last one was
 * made. */
int root_mkdirs(int root, const char *path, mode_t mode, bool *ret_made, struct err *e);
/* The parent directory (made when missing) of path and, in ret_name, its last component. */
int root_parent(int root, const char *path, const char **ret_name, struct err *e);
/* The target for a mount: opened, made like the source when missing (unless must_exist). O_PATH descriptor.
 */
int root_target(int root, const char *path, bool directory, mode_t mode, bool must_exist, struct err *e);

int root_mkdir(int root, const char *path, mode_t mode, uint32_t uid, uint32_t gid, struct err *e);
int root_mknod(int root, const char *path, mode_t mode, dev_t device, uint32_t uid, uint32_t gid,
               struct err *e);
int root_symlink(int root, const char *target, const char *path, struct err *e);

#endif
