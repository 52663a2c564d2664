#include "creds.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kernel.h"

enum { CAPS = 64, GROUPS_MAX = 65536, PTS_MAJOR_FIRST = 136, PTS_MAJOR_LAST = 143 };

/* musl's and glibc's wrappers speak to all threads of the process; there is one here, so the bare calls do.
 */
struct filter_program {
    unsigned short length;
    const void *filter;
};

static int capabilities(uint64_t *ret_permitted, struct err *e)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    if (syscall(SYS_capget, &header, data) < 0)
        return fail(e, errno, "capget", NULL);
    *ret_permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    return 0;
}

static int set_capabilities(uint64_t permitted, uint64_t effective, uint64_t inheritable, struct err *e)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
    };
    return syscall(SYS_capset, &header, data) < 0 ? fail(e, errno, "capset", NULL) : 0;
}

/* Drops from the bounding set all that is not in `keep`; without CAP_SETPCAP that is only an error if there
 * is any. */
static int bound(uint64_t keep, struct err *e)
{
    for (int cap = 0; cap < CAPS; cap++) {
        int now = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
        if (now < 0)
            break; /* EINVAL: past this kernel's last capability */
        if (now == 1 && !(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
            return fail(e, errno, "prctl PR_CAPBSET_DROP", NULL);
    }
    return 0;
}

static int raise_ambient(uint64_t ambient, struct err *e)
{
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int cap = 0; cap < CAPS; cap++)
        if (ambient >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
            return fail(e, errno, "prctl PR_CAP_AMBIENT_RAISE", NULL);
    return 0;
}

static int change_ids(const struct op *op, struct err *e)
{
    uint32_t uid = op->credentials.uid, gid = op->credentials.gid;
    struct u32s groups = op->credentials.groups;
    if (groups.count > GROUPS_MAX)
        return fail(e, EINVAL, "setgroups", NULL);
    uint32_t list[groups.count + 1];
    for (uint32_t i = 0; i < groups.count; i++)
        list[i] = get_u32(groups.data + 4 * (size_t)i);
    if (syscall(SYS_setgroups, (size_t)groups.count, list) < 0)
        return fail(e, errno, "setgroups", NULL);
    if (syscall(SYS_setresgid, gid, gid, gid) < 0)
        return fail(e, errno, "setresgid", NULL);
    if (syscall(SYS_setresuid, uid, uid, uid) < 0)
        return fail(e, errno, "setresuid", NULL);
    return 0;
}

/* /dev/stdout is opened anew by many images: the pipe or terminal behind it must belong to the user. */
static int give_stdio(uid_t uid, gid_t gid)
{
    int result = 0;
    struct stat st = {0};
    for (int fd = 0; fd <= 2; fd++) {
        if (fstat(fd, &st) < 0)
            continue;
        bool terminal = S_ISCHR(st.st_mode) && major(st.st_rdev) >= PTS_MAJOR_FIRST &&
                        major(st.st_rdev) <= PTS_MAJOR_LAST;
        if ((S_ISFIFO(st.st_mode) || terminal) && fchown(fd, uid, gid) < 0)
            result = -errno;
    }
    return result;
}

int creds_apply(const struct op *op, struct err *e)
{
    uint64_t have = 0;
    int result = bound(op->credentials.bounding, e);
    if (result == 0)
        result = capabilities(&have, e);
    if (result < 0)
        return result;
    (void)give_stdio(op->credentials.uid, (gid_t)-1);
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return fail(e, errno, "prctl PR_SET_KEEPCAPS", NULL);
    result = change_ids(op, e);
    if (result < 0)
        return result;
    uint64_t permitted = op->credentials.permitted & have;
    uint64_t inheritable = op->credentials.inheritable & have;
    result = set_capabilities(permitted, op->credentials.effective & permitted, inheritable, e);
    if (result < 0)
        return result;
    (void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    return raise_ambient(op->credentials.ambient & permitted & inheritable, e);
}

int creds_rlimit(const struct op *op, struct err *e)
{
    uint64_t wanted[2] = {op->rlimit.soft, op->rlimit.hard};
    uint64_t old[2] = {0};
    if (syscall(SYS_prlimit64, 0, op->rlimit.resource, wanted, NULL) == 0)
        return 0;
    if (errno != EPERM || syscall(SYS_prlimit64, 0, op->rlimit.resource, NULL, old) < 0)
        return fail(e, errno, "prlimit", NULL);
    wanted[1] = wanted[1] < old[1] ? wanted[1] : old[1];
    wanted[0] = wanted[0] < wanted[1] ? wanted[0] : wanted[1];
    if (syscall(SYS_prlimit64, 0, op->rlimit.resource, wanted, NULL) < 0)
        return fail(e, errno, "prlimit", NULL);
    return 0;
}

int creds_no_new_privs(struct err *e)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? fail(e, errno, "prctl PR_SET_NO_NEW_PRIVS", NULL) : 0;
}

int creds_seccomp(const struct op *op, struct err *e)
{
    struct filter_program program = {(unsigned short)(op->seccomp.filter.length / 8),
                                     op->seccomp.filter.data};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, op->seccomp.flags, &program) < 0)
        return fail(e, errno, "seccomp", NULL);
    return 0;
}

int creds_oom_score(int32_t score, struct err *e)
{
    char number[24];
    struct text t = text_in(number, sizeof number);
    text_i64(&t, score);
    int result = write_file("/proc/self/oom_score_adj", number, e);
    return result == -EACCES || result == -EPERM ? 0 : result;
}

int creds_stdio_owner(uint32_t uid, uint32_t gid, struct err *e)
{
    int result = give_stdio(uid, gid);
    return result < 0 ? fail(e, -result, "fchown", "stdio") : 0;
}

/* setfsuid(2) takes the file capabilities out of the effective set when it leaves root; they are taken back.
 * It tells no error, so the ids are asked for. */
int creds_fs_owner(uint32_t uid, uint32_t gid, struct err *e)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    if (syscall(SYS_capget, &header, data) < 0)
        return fail(e, errno, "capget", NULL);
    (void)syscall(SYS_setfsgid, gid);
    (void)syscall(SYS_setfsuid, uid);
    if ((uint32_t)syscall(SYS_setfsgid, -1) != gid || (uint32_t)syscall(SYS_setfsuid, -1) != uid)
        return fail(e, EPERM, "setfsuid", NULL);
    return syscall(SYS_capset, &header, data) < 0 ? fail(e, errno, "capset", NULL) : 0;
}
