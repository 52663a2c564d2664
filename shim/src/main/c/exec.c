/* Execs: each its process, its sub-cgroup, its timeout; a table of what is done on which event in which
 * state. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "kernel.h"
#include "record.h"
#include "shim.h"

enum {
    REPORT_FAILED = 0x02,
    TELL_EXEC_STARTED = 0x83,
    TELL_EXEC_EXITED = 0x86,
    RESULT_TIMED_OUT = 1,
    FIXED_PART = 24, /* flags, timeout, limit, length of the plan */
    FLAGS_ALL = 31,
    LEAVING_TICKS =
        100, /* how often a killed tree's sub-cgroup is tried to be removed before it is left over */
    KILL_AGAIN_NS =
        10000000, /* a killed tree is looked at again every 10 ms until its first process is reaped */
};

uint32_t exec_count(const struct shim *shim)
{
    uint32_t count = 0;
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        count += shim->sessions[i].state != EXEC_FREE;
    return count;
}

static bool session_dir(const struct shim *shim, const struct session *session, char *buffer, size_t size)
{
    return shim->set.exec_dir && cgroup_exec_dir(shim->set.exec_dir, session->number, buffer, size);
}

static void kill_tree(const struct shim *shim, struct session *session)
{
    char dir[PATH_MAX];
    session->killed = true;
    if (session_dir(shim, session, dir, sizeof dir))
        (void)cgroup_signal(shim->set.exec_version, dir, SIGKILL);
    if (session->pidfd >= 0 && !session->reaped)
        (void)sys_pidfd_send_signal(session->pidfd, SIGKILL);
}

static void release_plan(struct session *session)
{
    plan_free(&session->plan);
    if (session->plan_data)
        (void)munmap(session->plan_data, session->plan_length);
    session->plan_data = NULL;
}

/* Gives back the session's place; the sub-cgroup has gone or is left for cgroup_sweep. */
static void release(struct shim *shim, struct session *session)
{
    handler_close(shim, &session->timer);
    *session = (struct session){0};
    if (shim->leftovers > 0)
        shim->leftovers = (uint32_t)cgroup_sweep(shim->set.exec_dir);
    supervise(shim, EVENT_QUIET);
}

/* Removes the sub-cgroup. One that was killed may take a moment to empty; what was not may hold a daemon that
 * the exec started, which is let live. */
static void leave(struct shim *shim, struct session *session)
{
    char dir[PATH_MAX];
    bool removed = !session_dir(shim, session, dir, sizeof dir) || rmdir(dir) == 0 || errno == ENOENT;
    if (!removed && session->killed && session->leaving_ticks++ < LEAVING_TICKS) {
        kill_tree(shim, session);
        session->state = EXEC_LEAVING;
        timer_arm(&session->timer, KILL_AGAIN_NS, 0);
        return;
    }
    shim->leftovers += !removed;
    release(shim, session);
}

/* The exec is over and nobody waits for it: everything of it goes. */
static void finish(struct shim *shim, struct session *session)
{
    exec_close_io(shim, session);
    handler_close(shim, &session->channel);
    close_fd(&session->pidfd);
    release_plan(session);
    if (session->conn)
        session->conn->session = NULL;
    session->conn = NULL;
    leave(shim, session);
}

static void on_started(struct shim *shim, struct session *session)
{
    uint8_t pid[4];
    put_u32(pid, (uint32_t)session->pid);
    release_plan(session);
    session->state = EXEC_RUNNING;
    if (session->flags & ASK_DESCRIPTORS) {
        exec_hand_over(shim, session, TELL_EXEC_STARTED, pid, sizeof pid);
        return;
    }
    if (conn_send(shim, session->conn, TELL_EXEC_STARTED, pid, sizeof pid) && session->conn->out_end == 0)
        exec_start_io(shim, session);
}

/* Killed, or dying: only the reaping is awaited. */
static void on_kill(struct shim *shim, struct session *session)
{
    session->state = EXEC_KILLED;
    kill_tree(shim, session);
    timer_arm(&session->timer, KILL_AGAIN_NS, KILL_AGAIN_NS);
}

/* Timed out: killed, but its end is still told. */
static void on_timeout(struct shim *shim, struct session *session)
{
    session->result_flags |= RESULT_TIMED_OUT;
    kill_tree(shim, session);
    timer_arm(&session->timer, KILL_AGAIN_NS, KILL_AGAIN_NS);
}

static void on_kill_again(struct shim *shim, struct session *session)
{
    kill_tree(shim, session);
}

static void on_reaped(struct shim *shim, struct session *session)
{
    session->state = EXEC_DRAINING;
    session->out[0].drained = session->out[1].drained = 0;
    timer_arm(&session->timer, 0, 0);
    if (session->result_flags & RESULT_TIMED_OUT)
        kill_tree(shim, session);
    exec_drain(shim, session);
}

static void on_drained(struct shim *shim, struct session *session)
{
    uint8_t result[8];
    struct conn *conn = session->conn;
    put_u32(result, (uint32_t)exit_code_of(session->status));
    put_u32(result + 4, session->result_flags);
    finish(shim, session);
    if (conn)
        (void)conn_send(shim, conn, TELL_EXEC_EXITED, result, sizeof result);
    if (conn)
        conn_dispatch(shim, conn); /* input that waited for the exec's stdin is dropped now */
}

static void send_failed(struct shim *shim, struct conn *conn, int index, const char *step,
                        const struct err *e)
{
    uint8_t payload[CHANNEL_MESSAGE_MAX];
    size_t length = launch_failure(payload, sizeof payload, index, step, e);
    (void)conn_send(shim, conn, REPORT_FAILED, payload, length);
}

/* Killed by somebody before its exec; nothing was said over the channel. */
static void on_died_starting(struct shim *shim, struct session *session)
{
    struct err e = {0};
    struct conn *conn = session->conn;
    bool late = session->result_flags & RESULT_TIMED_OUT;
    (void)fail_detail(&e, late ? ETIMEDOUT : ECHILD, "start", NULL, "the process ended before its exec");
    finish(shim, session);
    if (conn)
        send_failed(shim, conn, PLAN_OUTSIDE, "exec", &e);
}

static void ignore(struct shim *shim, struct session *session)
{
    (void)shim;
    (void)session;
}

typedef void action(struct shim *shim, struct session *session);

static action *const actions[EXEC_STATES][EXEC_EVENTS] = {
    [EXEC_FREE] = {ignore, ignore, ignore, ignore, ignore, ignore},
    [EXEC_STARTING] = {[EXEC_STARTED] = on_started,
                       [EXEC_FAILED] = on_kill,
                       [EXEC_REAPED] = on_died_starting,
                       [EXEC_TIMEOUT] = on_timeout,
                       [EXEC_ORPHANED] = on_kill,
                       [EXEC_DRAINED] = ignore},
    [EXEC_RUNNING] = {[EXEC_STARTED] = ignore,
                      [EXEC_FAILED] = ignore,
                      [EXEC_REAPED] = on_reaped,
                      [EXEC_TIMEOUT] = on_timeout,
                      [EXEC_ORPHANED] = on_kill,
                      [EXEC_DRAINED] = ignore},
    [EXEC_DRAINING] = {[EXEC_STARTED] = ignore,
                       [EXEC_FAILED] = ignore,
                       [EXEC_REAPED] = ignore,
                       [EXEC_TIMEOUT] = ignore,
                       [EXEC_ORPHANED] = finish,
                       [EXEC_DRAINED] = on_drained},
    [EXEC_KILLED] = {[EXEC_STARTED] = ignore,
                     [EXEC_FAILED] = ignore,
                     [EXEC_REAPED] = finish,
                     [EXEC_TIMEOUT] = on_kill_again,
                     [EXEC_ORPHANED] = ignore,
                     [EXEC_DRAINED] = ignore},
    [EXEC_LEAVING] = {[EXEC_STARTED] = ignore,
                      [EXEC_FAILED] = ignore,
                      [EXEC_REAPED] = ignore,
                      [EXEC_TIMEOUT] = leave,
                      [EXEC_ORPHANED] = ignore,
                      [EXEC_DRAINED] = ignore},
};

void exec_event(struct shim *shim, struct session *session, enum exec_event event)
{
    actions[session->state][event](shim, session);
}

static void timer_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    (void)events;
    timer_drain(self);
    exec_event(shim, owner_of(self, struct session, timer), EXEC_TIMEOUT);
}

static void fail_started(struct shim *shim, struct session *session, const uint8_t *payload, size_t length)
{
    struct conn *conn = session->conn;
    exec_event(shim, session, EXEC_FAILED);
    session->conn = NULL;
    if (!conn)
        return;
    conn->session = NULL;
    (void)conn_send(shim, conn, REPORT_FAILED, payload, length);
}

static void channel_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    struct session *session = owner_of(self, struct session, channel);
    struct channel_message message;
    (void)events;
    while (self->fd >= 0 && channel_read(self->fd, &message)) {
        if (message.length == 0) {
            handler_close(shim, self);
            if (session->ready)
                exec_event(shim, session, EXEC_STARTED);
        } else if (message.data[0] == CHANNEL_TERMINAL && message.terminal >= 0) {
            exec_attach_terminal(shim, session, message.terminal);
        } else if (message.data[0] == CHANNEL_READY) {
            session->ready = true;
        } else if (message.data[0] == CHANNEL_FAILED) {
            handler_close(shim, self);
            fail_started(shim, session, message.data + 1, message.length - 1);
        }
    }
}

bool exec_reaped(struct shim *shim, pid_t pid, int wait_status)
{
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        struct session *session = &shim->sessions[i];
        if (session->state == EXEC_FREE || session->pid != pid)
            continue;
        session->reaped = true;
        session->status = wait_status;
        if (session->channel.fd >= 0)
            channel_ready(shim, &session->channel, 0);
        session->pid = 0; /* may be another's soon */
        exec_event(shim, session, EXEC_REAPED);
        return true;
    }
    return false;
}

void exec_kill_all(struct shim *shim)
{
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (shim->sessions[i].state != EXEC_FREE && !shim->sessions[i].reaped)
            kill_tree(shim, &shim->sessions[i]);
}

static struct session *free_session(struct shim *shim)
{
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (shim->sessions[i].state == EXEC_FREE)
            return &shim->sessions[i];
    return NULL;
}

/* Makes the sub-cgroup; its join file into ret_join (empty: there is no EXEC_CGROUP). */
static int make_cgroup(struct shim *shim, const struct session *session, char *ret_join, size_t size,
                       struct err *e)
{
    char dir[PATH_MAX];
    *ret_join = 0;
    if (!shim->set.exec_dir)
        return 0;
    if (!session_dir(shim, session, dir, sizeof dir) ||
        !cgroup_join_file(shim->set.exec_version, dir, ret_join, size))
        return fail(e, ENAMETOOLONG, "mkdir", shim->set.exec_dir);
    return mkdir(dir, 0755) < 0 && errno != EEXIST ? fail(e, errno, "mkdir", shim->set.exec_dir) : 0;
}

/* A pid namespace whose first process has ended takes no new ones: ENOMEM. */
static bool container_ended(const struct shim *shim)
{
    struct pollfd wait = {.fd = shim->pidfd, .events = POLLIN};
    return poll(&wait, 1, 0) == 1;
}

static int spawn(struct shim *shim, struct session *session, uint64_t timeout_ns, struct err *e)
{
    char join[PATH_MAX];
    int stdio[3] = {-1, -1, -1};
    struct launched child = {0};
    int result = make_cgroup(shim, session, join, sizeof join, e);
    if (result == 0)
        result = timer_open(shim, &session->timer, e);
    if (result == 0)
        result = exec_open_stdio(session, stdio, e);
    struct launch spec = {.plan = &session->plan,
                          .join_file = *join ? join : NULL,
                          .stdio = {stdio[0], stdio[1], stdio[2]},
                          .container = shim->pidfd};
    if (result == 0)
        result = launch(&spec, &child, e);
    for (int fd = 0; fd <= 2; fd++)
        close_fd(&stdio[fd]);
    if (result == -ENOMEM && container_ended(shim))
        return fail_detail(e, ESRCH, "clone3", NULL, "the container has ended");
    if (result < 0)
        return result;
    session->pid = child.pid;
    session->pidfd = child.pidfd;
    session->channel.fd = child.channel;
    handler_set(shim, &session->channel, EPOLLIN);
    if (timeout_ns > 0)
        timer_arm(&session->timer, timeout_ns, 0);
    return 0;
}

static void session_init(struct shim *shim, struct session *session, struct conn *conn)
{
    *session = (struct session){
        .state = EXEC_STARTING,
        .conn = conn,
        .plan_data = conn->body,
        .plan_length = conn->body_length,
        .flags = get_u32(conn->body),
        .limit = get_u64(conn->body + 12),
        .number = shim->next_exec++,
        .pidfd = -1,
        .terminal = -1,
        .channel = {.ready = channel_ready, .fd = -1},
        .timer = {.ready = timer_ready, .fd = -1},
        .input.fd = -1,
        .out = {{.handler.fd = -1}, {.handler.fd = -1}},
    };
    conn->session = session;
    conn->body = NULL; /* the session's now */
}

static int check_request(const struct shim *shim, const struct session *session, struct err *e)
{
    if (shim->state != STATE_RUNNING)
        return fail_detail(e, ESRCH, "exec", NULL, "the container is not running");
    if (session->flags & ~(uint32_t)FLAGS_ALL ||
        get_u32(session->plan_data + FIXED_PART - 4) != session->plan_length - FIXED_PART)
        return fail_detail(e, EPROTO, "exec", NULL, "unknown flags or wrong length of the plan");
    if (session->flags & ASK_DESCRIPTORS && session->limit > 0)
        return fail_detail(e, EPROTO, "exec", NULL, "a limit for output that the shim does not read");
    return 0;
}

/* The whole EXEC payload has come. */
void exec_begin(struct shim *shim, struct conn *conn)
{
    struct err e = {0};
    int index = PLAN_OUTSIDE;
    struct session *session = free_session(shim);
    if (!session) {
        conn_error(shim, conn, EAGAIN, "EXEC: too many execs");
        conn_close(shim, conn);
        return;
    }
    session_init(shim, session, conn);
    uint64_t timeout_ns = get_u64(session->plan_data + 4);
    int result = check_request(shim, session, &e);
    if (result == 0)
        result = plan_decode(session->plan_data + FIXED_PART, session->plan_length - FIXED_PART, PLAN_SESSION,
                             &session->plan, &index, &e);
    bool decoded = result == 0;
    if (result == 0)
        result = spawn(shim, session, timeout_ns, &e);
    if (result == 0)
        return;
    finish(shim, session);
    send_failed(shim, conn, index, decoded ? "exec" : "plan", &e);
}
