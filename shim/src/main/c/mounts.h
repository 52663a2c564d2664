/* Mounts made detached and put in their place by descriptor. A returned int is a detached mount's descriptor.
 */
#ifndef ONGGI_MOUNTS_H
#define ONGGI_MOUNTS_H

#include "plan.h"

int mounts_open_tree(const char *path, bool recursive, struct err *e);
int mounts_new_fs(const char *type, const char *source, struct strs options, uint64_t attrs, struct err *e);
int mounts_overlay(const struct op *op, struct err *e);
int mounts_set_attr(int mount, bool recursive, uint64_t set, uint64_t clear, uint64_t propagation,
                    struct err *e);
/* Owners of a detached mount as the user namespace maps them; path is for messages. */
int mounts_idmap(int mount, bool recursive, int userns, const char *path, struct err *e);
/* Attaches a detached mount on what target (O_PATH) names. */
int mounts_attach(int mount, int target, const char *path, struct err *e);
/* Hides path beneath root; ret_empty is a cache of the tmpfs used for directories (-1 at first). */
int mounts_mask(int root, const char *path, int *ret_empty, struct err *e);
int mounts_readonly(int root, const char *path, struct err *e);
/* What path leads to within the detached mount, as a detached mount of its own. scratch: a host directory on
 * which the mount stands meanwhile. */
int mounts_subtree(int mount, const char *path, const char *scratch, struct err *e);
/* Bind mount of path onto itself, made as a directory when missing: it stays writable in a root that does
 * not.
 */
int mounts_self_bind(int root, const char *path, struct err *e);
/* Fails unless the mount that path lies on is shared, or with NEED_SHARED_OR_SLAVE at least receives from a
 * shared one. */
int mounts_need_propagation(uint32_t kind, const char *path, struct err *e);

#endif
