/* Who the process is and what it may: ids, capabilities, limits, seccomp. */
#ifndef ONGGI_CREDS_H
#define ONGGI_CREDS_H

#include "plan.h"

int creds_apply(const struct op *op, struct err *e);
int creds_rlimit(const struct op *op, struct err *e);
int creds_no_new_privs(struct err *e);
int creds_seccomp(const struct op *op, struct err *e);
int creds_oom_score(int32_t score, struct err *e);

#endif
