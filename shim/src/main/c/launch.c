#include "launch.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "kernel.h"
#include "steps.h"

enum { STEP_NAME_MAX = 64, OBJECT_MAX = 1024 };

static size_t put_str(uint8_t *at, const uint8_t *end, size_t limit, const char *s)
{
    size_t length = s ? strnlen(s, limit) : 0;
    if ((size_t)(end - at) < length + 5)
        return 0;
    put_u32(at, (uint32_t)length);
    if (length > 0)
        memcpy(at + 4, s, length);
    at[4 + length] = 0;
    return length + 5;
}

size_t launch_failure(uint8_t *buffer, size_t size, int index, const char *step, const struct err *e)
{
    char detail[sizeof e->detail + STEP_NAME_MAX];
    const uint8_t *end = buffer + size;
    uint8_t *at = buffer + 8;
    struct text t = text_in(detail, sizeof detail);
    text_str(&t, e->op ? e->op : "");
    text_str(&t, e->detail[0] ? ": " : "");
    text_str(&t, e->detail);
    put_u32(buffer, (uint32_t)index);
    put_u32(buffer + 4, (uint32_t)e->errnum);
    at += put_str(at, end, STEP_NAME_MAX, step);
    at += put_str(at, end, OBJECT_MAX, e->object);
    at += put_str(at, end, sizeof detail, detail);
    return (size_t)(at - buffer);
}

static void send_failure(int channel, int index, const char *step, const struct err *e)
{
    uint8_t message[CHANNEL_MESSAGE_MAX];
    message[0] = CHANNEL_FAILED;
    size_t length = launch_failure(message + 1, sizeof message - 1, index, step, e);
    (void)RETRY(write(channel, message, length + 1));
}

static int child_setup(const struct launch *spec, int channel, struct err *e)
{
    char go = 0;
    if (spec->uid_map && RETRY(read(channel, &go, 1)) != 1)
        return fail(e, EPIPE, "read", "id maps");
    (void)setsid();
    if (spec->join_file) {
        int result = cgroup_join(spec->join_file, e);
        if (result < 0)
            return result;
    }
    for (int fd = 0; fd <= 2; fd++)
        if (spec->stdio[fd] >= 0 && dup2(spec->stdio[fd], fd) < 0)
            return fail(e, errno, "dup2", NULL);
    return 0;
}

_Noreturn static void child_main(const struct launch *spec, int channel)
{
    struct err e = {0};
    int index = PLAN_OUTSIDE;
    struct steps steps;
    steps_init(&steps, spec, channel);
    if (child_setup(spec, channel, &e) == 0)
        (void)steps_run(&steps, &index, &e);
    send_failure(channel, index, index == PLAN_OUTSIDE ? "start" : op_name(spec->plan, (uint32_t)index), &e);
    _exit(127);
}

static int write_map(pid_t pid, const char *file, const char *map, struct err *e)
{
    char path[64];
    struct text t = text_in(path, sizeof path);
    text_str(&t, "/proc/");
    text_i64(&t, pid);
    text_str(&t, file);
    int result = write_file(path, map, e);
    return result < 0 ? fail(e, -result, "write", file) : 0;
}

/* A process cannot map more than itself; its parent can, and then lets it go on. */
static int map_ids(const struct launch *spec, pid_t pid, int channel, struct err *e)
{
    int result = write_map(pid, "/uid_map", spec->uid_map, e);
    if (result == 0)
        result = write_map(pid, "/gid_map", spec->gid_map, e);
    if (result == 0 && RETRY(write(channel, "g", 1)) != 1)
        result = fail(e, errno, "write", "id maps");
    return result;
}

/* The child waits for its maps, so a kill finds it. */
static void give_up(pid_t pid, int pidfd)
{
    (void)sys_pidfd_send_signal(pidfd, SIGKILL);
    (void)RETRY(waitpid(pid, NULL, 0));
    (void)close(pidfd);
}

int launch(const struct launch *spec, struct launched *ret_child, struct err *e)
{
    int pair[2] = {-1, -1};
    int pidfd = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return fail(e, errno, "socketpair", NULL);
    cleanup_fd channel = pair[0];
    cleanup_fd far_end = pair[1];
    cleanup_fd cgroup = -1;
    struct k_clone_args args = {.flags = spec->clone_flags | K_CLONE_PIDFD,
                                .pidfd = (uint64_t)(uintptr_t)&pidfd,
                                .exit_signal = SIGCHLD};
    if (spec->into_cgroup) {
        cgroup = open(spec->into_cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (cgroup < 0)
            return fail(e, errno, "open", spec->into_cgroup);
        args.flags |= K_CLONE_INTO_CGROUP;
        args.cgroup = (uint64_t)cgroup;
    }
    pid_t pid = sys_clone3(&args);
    if (pid < 0)
        return fail(e, errno, "clone3", spec->into_cgroup);
    if (pid == 0) {
        close_fd(&channel); /* so that the shim's death ends a wait for it */
        child_main(spec, far_end);
    }
    if (spec->uid_map) {
        int result = map_ids(spec, pid, channel, e);
        if (result < 0) {
            give_up(pid, pidfd);
            return result;
        }
    }
    (void)set_nonblocking(channel);
    ret_child->pid = pid;
    ret_child->pidfd = pidfd;
    ret_child->channel = steal_fd(&channel);
    return 0;
}

int channel_read(int channel, struct channel_message *ret_message)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {ret_message->data, sizeof ret_message->data};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t length = RETRY(recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT));
    if (length < 0 && errno == EAGAIN)
        return 0;
    ret_message->length = length < 0 ? 0 : (size_t)length;
    ret_message->terminal = -1;
    struct cmsghdr *head = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
        memcpy(&ret_message->terminal, CMSG_DATA(head), sizeof(int));
    return 1;
}
