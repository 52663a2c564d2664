/* What musl 1.2.3's headers lack: numbers and layouts of newer system calls (linux/mount.h, linux/sched.h,
 * linux/openat2.h). The numbers from 424 on are the same on x86_64 and aarch64. Own names (K_, k_, sys_), so
 * that a libc which does have some of them (glibc, in the sanitizer build) does not clash. */
#ifndef ONGGI_KERNEL_H
#define ONGGI_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    K_NR_PIDFD_SEND_SIGNAL = 424,
    K_NR_OPEN_TREE = 428,
    K_NR_MOVE_MOUNT = 429,
    K_NR_FSOPEN = 430,
    K_NR_FSCONFIG = 431,
    K_NR_FSMOUNT = 432,
    K_NR_PIDFD_OPEN = 434,
    K_NR_CLONE3 = 435,
    K_NR_CLOSE_RANGE = 436,
    K_NR_OPENAT2 = 437,
    K_NR_MOUNT_SETATTR = 442,
};

#define K_SIGSET_SIZE             8u
#define K_AT_EMPTY_PATH           0x1000u
#define K_AT_RECURSIVE            0x8000u
#define K_OPEN_TREE_CLONE         1u
#define K_OPEN_TREE_CLOEXEC       02000000u
#define K_MOVE_MOUNT_F_EMPTY_PATH 0x04u
#define K_MOVE_MOUNT_T_SYMLINKS   0x10u
#define K_MOVE_MOUNT_T_EMPTY_PATH 0x40u
#define K_FSOPEN_CLOEXEC          1u
#define K_FSMOUNT_CLOEXEC         1u
#define K_FSCONFIG_SET_FLAG       0u
#define K_FSCONFIG_SET_STRING     1u
#define K_FSCONFIG_CMD_CREATE     6u
#define K_MOUNT_ATTR_RDONLY       0x1u
#define K_MOUNT_ATTR_NOSUID       0x2u
#define K_MOUNT_ATTR_NODEV        0x4u
#define K_MOUNT_ATTR_NOEXEC       0x8u
#define K_MOUNT_ATTR_IDMAP        0x100000u
#define K_RESOLVE_NO_MAGICLINKS   0x02u
#define K_RESOLVE_IN_ROOT         0x10u
#define K_CLOSE_RANGE_CLOEXEC     4u

#define K_CLONE_NEWTIME     0x00000080ull
#define K_CLONE_PIDFD       0x00001000ull
#define K_CLONE_NEWNS       0x00020000ull
#define K_CLONE_NEWCGROUP   0x02000000ull
#define K_CLONE_NEWUTS      0x04000000ull
#define K_CLONE_NEWIPC      0x08000000ull
#define K_CLONE_NEWUSER     0x10000000ull
#define K_CLONE_NEWPID      0x20000000ull
#define K_CLONE_NEWNET      0x40000000ull
#define K_CLONE_INTO_CGROUP 0x200000000ull
#define K_CLONE_NEW_ALL                                                                                      \
    (K_CLONE_NEWTIME | K_CLONE_NEWNS | K_CLONE_NEWCGROUP | K_CLONE_NEWUTS | K_CLONE_NEWIPC |                 \
     K_CLONE_NEWUSER | K_CLONE_NEWPID | K_CLONE_NEWNET)

struct k_mount_attr {
    uint64_t set, clear, propagation, userns_fd;
};

struct k_open_how {
    uint64_t flags, mode, resolve;
};

struct k_clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
        cgroup;
};

static inline int sys_pidfd_send_signal(int pidfd, int signal)
{
    return (int)syscall(K_NR_PIDFD_SEND_SIGNAL, pidfd, signal, NULL, 0);
}

static inline int sys_open_tree(int dir, const char *path, unsigned flags)
{
    return (int)syscall(K_NR_OPEN_TREE, dir, path, flags);
}

static inline int sys_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags)
{
    return (int)syscall(K_NR_MOVE_MOUNT, from, from_path, to, to_path, flags);
}

static inline int sys_fsopen(const char *type, unsigned flags)
{
    return (int)syscall(K_NR_FSOPEN, type, flags);
}

static inline int sys_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux)
{
    return (int)syscall(K_NR_FSCONFIG, fd, command, key, value, aux);
}

static inline int sys_fsmount(int fd, unsigned flags, unsigned attrs)
{
    return (int)syscall(K_NR_FSMOUNT, fd, flags, attrs);
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
    return (int)syscall(K_NR_CLOSE_RANGE, first, last, flags);
}

static inline int sys_openat2(int dir, const char *path, const struct k_open_how *how)
{
    return (int)syscall(K_NR_OPENAT2, dir, path, how, sizeof *how);
}

static inline int sys_mount_setattr(int dir, const char *path, unsigned flags,
                                    const struct k_mount_attr *attr)
{
    return (int)syscall(K_NR_MOUNT_SETATTR, dir, path, flags, attr, sizeof *attr);
}

static inline int sys_clone3(const struct k_clone_args *args)
{
    return (int)syscall(K_NR_CLONE3, args, sizeof *args);
}

#endif
