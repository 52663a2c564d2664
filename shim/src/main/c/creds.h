/* Who the process is and what it may: ids, capabilities, limits, seccomp. */
#ifndef ONGGI_CREDS_H
#define ONGGI_CREDS_H

#include "plan.h"

int creds_apply(const struct op *op, struct err *e);
int creds_rlimit(const struct op *op, struct err *e);
int creds_no_new_privs(struct err *e);
int creds_seccomp(const struct op *op, struct err *e);
int creds_oom_score(int32_t score, struct err *e);
/* Owner of what this process makes in file systems from now on; its capabilities stay as they are. */
int creds_fs_owner(uint32_t uid, uint32_t gid, struct err *e);
/* Gives the pipes and terminals among fd 0-2 away, while this process still may. */
int creds_stdio_owner(uint32_t uid, uint32_t gid, struct err *e);

#endif
