/* cgroup v1 (freezer) and v2 directories: joining, killing what is in them, sub-cgroups of execs, counters.
 */
#ifndef ONGGI_CGROUP_H
#define ONGGI_CGROUP_H

#include "util.h"

int cgroup_join(const char *file, struct err *e);
/* Sends signal to every process of the cgroup and of those below it. The number of processes met, or -errno.
 */
int cgroup_signal(uint32_t version, const char *dir, int signal);
/* The file that a process joins by writing 0: `tasks` (v1) or `cgroup.procs` (v2). */
bool cgroup_join_file(uint32_t version, const char *dir, char *buffer, size_t size);
bool cgroup_exec_dir(const char *parent, uint32_t number, char *buffer, size_t size);
/* Removes every empty `exec-*` below parent; how many are still in use. */
int cgroup_sweep(const char *parent);
/* The N of `key N` in a file, 0 when it has no such line; false when there is no such file. */
bool cgroup_counter(const char *path, const char *key, uint64_t *ret_count);
/* The path of a cgroup's file in the cgroup above; false when there is none, or it does not fit. */
bool cgroup_above(const char *file, char *buffer, size_t size);

#endif
