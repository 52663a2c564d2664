/* The container's life as the shim sees it: a table of what is done on which event in which state. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "kernel.h"
#include "record.h"
#include "shim.h"

/* 20 looks, 5 ms apart: the 100 ms that others of the container have to die in after its first process. */
enum { ENDING_TICK_NS = 5000000, ENDING_TICKS = 20, REAP_MS = 2000, LEAVING_NS = 999999999 };

static void release_plan(struct shim *shim)
{
    plan_free(&shim->plan);
    if (shim->plan_data)
        (void)munmap((void *)(uintptr_t)shim->plan_data, shim->plan_length);
    if (shim->timeline)
        (void)munmap(shim->timeline, shim->timeline_size);
    shim->plan_data = NULL;
    shim->timeline = NULL;
}

/* From now on children of the shim are born into the container's pid namespace: its execs. */
static void enter_pid_namespace(struct shim *shim)
{
    if (shim->set.clone_flags & K_CLONE_NEWPID)
        (void)setns(shim->pidfd, (int)K_CLONE_NEWPID);
}

static void on_started(struct shim *shim)
{
    shim->started_ns = realtime_ns();
    shim->state = STATE_RUNNING;
    timer_arm(&shim->timer, 0, 0);
    enter_pid_namespace(shim);
    report_started(shim);
    release_plan(shim);
}

/* Bounded: a process within a dead file system may not die at once, and the daemon must hear of it all the
 * same. */
static void kill_and_reap(struct shim *shim)
{
    struct pollfd wait = {.fd = shim->pidfd, .events = POLLIN};
    if (shim->pidfd < 0 || shim->reaped)
        return;
    (void)sys_pidfd_send_signal(shim->pidfd, SIGKILL);
    if (RETRY(poll(&wait, 1, REAP_MS)) == 1)
        (void)RETRY(waitpid(shim->pid, &shim->wait_status, 0));
    shim->reaped = true;
}

static void on_failed(struct shim *shim)
{
    kill_and_reap(shim);
    control_close(shim);
    log_close(&shim->log);
    report_failed(shim->failure, shim->failure_length);
    shim->state = STATE_GONE;
    shim->exit_status = 1;
}

/* The step that the child stands in, as the reason. */
static void blame_current(struct shim *shim, int errnum, const char *why)
{
    struct err e = {0};
    uint32_t index = shim->timeline->current;
    bool known = index < shim->plan.count;
    (void)fail(&e, errnum, why, known ? op_object(&shim->plan.ops[index]) : NULL);
    shim->failure_length =
        launch_failure(shim->failure, sizeof shim->failure, known ? (int)index : PLAN_OUTSIDE,
                       known ? op_name(&shim->plan, index) : "start", &e);
}

static void on_start_timeout(struct shim *shim)
{
    blame_current(shim, ETIMEDOUT, "START_TIMEOUT");
    on_failed(shim);
}

static void on_died_starting(struct shim *shim)
{
    char why[64];
    struct text t = text_in(why, sizeof why);
    text_str(&t, WIFSIGNALED(shim->wait_status) ? "killed by signal " : "left with status ");
    text_i64(&t,
             WIFSIGNALED(shim->wait_status) ? WTERMSIG(shim->wait_status) : WEXITSTATUS(shim->wait_status));
    blame_current(shim, ECHILD, why);
    on_failed(shim);
}

static void stop_others(struct shim *shim)
{
    exec_kill_all(shim);
    if (!(shim->set.clone_flags & K_CLONE_NEWPID) && shim->set.kill_dir)
        (void)cgroup_signal(shim->set.kill_version, shim->set.kill_dir, SIGKILL);
}

static bool others_left(const struct shim *shim)
{
    if (exec_count(shim) > 0)
        return true;
    return !(shim->set.clone_flags & K_CLONE_NEWPID) && shim->set.kill_dir &&
           cgroup_signal(shim->set.kill_version, shim->set.kill_dir, SIGKILL) > 0;
}

/* How often the kernel killed for want of memory. systemd takes a scope's cgroup away as soon as it is empty,
 * perhaps before we look: then the cgroup above tells, which on v2 counts what is below it as well. */
static uint64_t oom_kills(const struct settings *set)
{
    char above[PATH_MAX];
    uint64_t count = 0;
    if (!set->oom_path || cgroup_counter(set->oom_path, set->oom_key, &count))
        return count;
    if (!cgroup_above(set->oom_path, above, sizeof above) || !cgroup_counter(above, set->oom_key, &count))
        return 0;
    return count > set->oom_above ? count - set->oom_above : 0;
}

/* Read at once when the process has ended, and again at the very end for what came after. */
static void take_counters(struct shim *shim)
{
    char number[32] = "";
    uint64_t kills = oom_kills(&shim->set);
    if (kills > shim->oom_kills)
        shim->oom_kills = kills;
    if (shim->set.peak && read_file(shim->set.peak, number, sizeof number) > 0)
        shim->memory_peak = parse_u64(number);
}

static void write_record(struct shim *shim)
{
    char text[RECORD_MAX];
    struct err e = {0};
    take_counters(shim);
    struct record record = {
        .pid = (uint64_t)shim->pid,
        .start_time = shim->start_time,
        .started_ns = shim->started_ns,
        .finished_ns = shim->finished_ns,
        .exit_code = (uint64_t)exit_code_of(shim->wait_status),
        .signal = WIFSIGNALED(shim->wait_status) ? (uint64_t)WTERMSIG(shim->wait_status) : 0,
        .lost_lines = shim->log.lost_lines,
        .lost_bytes = shim->log.lost_bytes,
        .oom_kills = shim->oom_kills,
        .memory_peak = shim->memory_peak,
    };
    size_t length = record_text(&record, text);
    if (shim->set.record && record_write(shim->set.record, text, length, &e) < 0)
        shim->exit_status = 1;
    control_exited(shim, text, length);
}

static void on_quiet(struct shim *shim)
{
    stdio_drain(shim);
    log_close(&shim->log);
    write_record(shim);
    control_close(shim);
    if (shim->set.exec_dir)
        (void)cgroup_sweep(shim->set.exec_dir);
    shim->state = STATE_LEAVING;
    timer_arm(&shim->timer, LEAVING_NS, 0);
    attach_end(shim, (uint32_t)exit_code_of(shim->wait_status));
    supervise(shim, EVENT_FLUSHED);
}

/* Nothing is left to do but to let attached clients read what they have not yet. */
static void on_flushed(struct shim *shim)
{
    if (!attach_pending(shim))
        shim->state = STATE_GONE;
}

static void on_left(struct shim *shim)
{
    shim->state = STATE_GONE;
}

static void on_tick(struct shim *shim)
{
    if (!others_left(shim) || ++shim->ending_ticks >= ENDING_TICKS)
        on_quiet(shim);
}

static void on_exec_left(struct shim *shim)
{
    if (!others_left(shim))
        on_quiet(shim);
}

static void on_exited(struct shim *shim)
{
    shim->state = STATE_ENDING;
    stop_others(shim);
    timer_arm(&shim->timer, ENDING_TICK_NS, ENDING_TICK_NS);
    on_exec_left(shim);
}

static void ignore(struct shim *shim)
{
    (void)shim;
}

typedef void action(struct shim *shim);

static action *const actions[STATES][EVENTS] = {
    [STATE_STARTING] = {[EVENT_STARTED] = on_started,
                        [EVENT_FAILED] = on_failed,
                        [EVENT_DEADLINE] = on_start_timeout,
                        [EVENT_EXITED] = on_died_starting,
                        [EVENT_QUIET] = ignore,
                        [EVENT_FLUSHED] = ignore},
    [STATE_RUNNING] = {[EVENT_STARTED] = ignore,
                       [EVENT_FAILED] = ignore,
                       [EVENT_DEADLINE] = ignore,
                       [EVENT_EXITED] = on_exited,
                       [EVENT_QUIET] = ignore,
                       [EVENT_FLUSHED] = ignore},
    [STATE_ENDING] = {[EVENT_STARTED] = ignore,
                      [EVENT_FAILED] = ignore,
                      [EVENT_DEADLINE] = on_tick,
                      [EVENT_EXITED] = ignore,
                      [EVENT_QUIET] = on_exec_left,
                      [EVENT_FLUSHED] = ignore},
    [STATE_LEAVING] = {[EVENT_STARTED] = ignore,
                       [EVENT_FAILED] = ignore,
                       [EVENT_DEADLINE] = on_left,
                       [EVENT_EXITED] = ignore,
                       [EVENT_QUIET] = ignore,
                       [EVENT_FLUSHED] = on_flushed},
    [STATE_GONE] = {ignore, ignore, ignore, ignore, ignore, ignore},
};

void supervise(struct shim *shim, enum event event)
{
    actions[shim->state][event](shim);
}

static void timer_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    (void)events;
    timer_drain(self);
    supervise(shim, EVENT_DEADLINE);
}

static void channel_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    struct channel_message message;
    (void)events;
    while (self->fd >= 0 && channel_read(self->fd, &message)) {
        if (message.length == 0) {
            handler_close(shim, self);
            if (shim->ready)
                supervise(shim, EVENT_STARTED);
        } else if (message.data[0] == CHANNEL_TERMINAL && message.terminal >= 0) {
            stdio_terminal(shim, message.terminal);
        } else if (message.data[0] == CHANNEL_READY) {
            shim->ready = true;
        } else if (message.data[0] == CHANNEL_FAILED) {
            shim->failure_length = message.length - 1;
            memcpy(shim->failure, message.data + 1, shim->failure_length);
            handler_close(shim, self);
            supervise(shim, EVENT_FAILED);
        }
    }
}

/* What the process said last is read before its death is taken note of. */
void supervise_reaped(struct shim *shim, int wait_status)
{
    shim->reaped = true;
    shim->wait_status = wait_status;
    shim->finished_ns = realtime_ns();
    take_counters(shim);
    if (shim->channel.fd >= 0)
        channel_ready(shim, &shim->channel, 0);
    supervise(shim, EVENT_EXITED);
}

static int open_timeline(struct shim *shim, struct err *e)
{
    shim->timeline_size = sizeof *shim->timeline + shim->plan.count * sizeof *shim->timeline->entry;
    void *shared = mmap(NULL, shim->timeline_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return fail(e, errno, "mmap", NULL);
    shim->timeline = shared;
    shim->timeline->current = UINT32_MAX;
    return 0;
}

static int join_pid_namespace(const char *path, struct err *e)
{
    cleanup_fd fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(e, errno, "open", path);
    return setns(fd, (int)K_CLONE_NEWPID) < 0 ? fail(e, errno, "setns", path) : 0;
}

static int spawn(struct shim *shim, const int stdio[3], struct err *e)
{
    struct launched child = {0};
    const struct op *maps = plan_setting(&shim->plan, OP_ID_MAPS);
    struct launch spec = {
        .plan = &shim->plan,
        .clone_flags = shim->set.clone_flags,
        .into_cgroup = shim->set.clone_cgroup,
        .uid_map = maps ? maps->pair.first : NULL,
        .gid_map = maps ? maps->pair.second : NULL,
        .stdio = {stdio[0], stdio[1], stdio[2]},
        .container = -1,
        .timeline = shim->timeline,
        .epoch_us = shim->epoch_us,
    };
    int result = launch(&spec, &child, e);
    if (result < 0)
        return result;
    shim->pid = child.pid;
    shim->pidfd = child.pidfd;
    shim->channel.fd = child.channel;
    shim->channel.ready = channel_ready;
    shim->start_time = start_time_of(child.pid);
    handler_set(shim, &shim->channel, EPOLLIN);
    return 0;
}

int supervise_start(struct shim *shim, struct err *e)
{
    int stdio[3] = {-1, -1, -1};
    shim->timer.ready = timer_ready;
    int result = timer_open(shim, &shim->timer, e);
    if (result == 0)
        result = open_timeline(shim, e);
    if (result == 0)
        result = stdio_open(shim, stdio, e);
    if (result == 0 && shim->set.pid_ns)
        result = join_pid_namespace(shim->set.pid_ns, e);
    if (result == 0 && shim->set.start_timeout_ns)
        timer_arm(&shim->timer, shim->set.start_timeout_ns, 0);
    if (result == 0)
        result = spawn(shim, stdio, e);
    for (int fd = 0; fd <= 2; fd++)
        close_fd(&stdio[fd]);
    return result;
}
