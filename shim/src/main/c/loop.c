/* The epoll loop, its handlers and timers, and the signals that come through it. */
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "shim.h"

void handler_set(struct shim *shim, struct handler *handler, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = handler};
    int how = handler->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    if (handler->fd < 0 || handler->events == events)
        return;
    (void)epoll_ctl(shim->epoll, how, handler->fd, &event);
    handler->events = events;
}

void handler_close(struct shim *shim, struct handler *handler)
{
    handler_set(shim, handler, 0);
    close_fd(&handler->fd);
}

int timer_open(struct shim *shim, struct handler *handler, struct err *e)
{
    handler->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (handler->fd < 0)
        return fail(e, errno, "timerfd_create", NULL);
    handler_set(shim, handler, EPOLLIN);
    return 0;
}

void timer_arm(struct handler *timer, uint64_t first_ns, uint64_t every_ns)
{
    struct itimerspec spec = {
        .it_value = {(time_t)(first_ns / 1000000000u), (long)(first_ns % 1000000000u)},
        .it_interval = {(time_t)(every_ns / 1000000000u), (long)(every_ns % 1000000000u)},
    };
    if (timer->fd >= 0)
        (void)timerfd_settime(timer->fd, 0, &spec, NULL);
}

void timer_drain(const struct handler *timer)
{
    uint64_t times = 0;
    (void)!read(timer->fd, &times, sizeof times);
}

/* SIGCHLDs coalesce: reap until nothing is left. */
static void reap(struct shim *shim)
{
    int wait_status = 0;
    for (;;) {
        pid_t pid = (pid_t)RETRY(waitpid(-1, &wait_status, WNOHANG));
        if (pid <= 0)
            return;
        if (pid == shim->pid)
            supervise_reaped(shim, wait_status);
        else
            (void)exec_reaped(shim, pid, wait_status);
    }
}

static void signals_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    struct signalfd_siginfo info;
    (void)events;
    while (RETRY(read(self->fd, &info, sizeof info)) == (ssize_t)sizeof info) {
        switch ((int)info.ssi_signo) {
        case SIGCHLD:
            reap(shim);
            break;
        case SIGTERM:
        case SIGINT:
        case SIGHUP:
        case SIGQUIT:
        case SIGUSR1:
        case SIGUSR2:
            if (shim->pidfd >= 0 && !shim->reaped)
                (void)sys_pidfd_send_signal(shim->pidfd, (int)info.ssi_signo);
            break;
        default:
            break; /* SIGPIPE and the like: errors come back from the calls */
        }
    }
}

int loop_open(struct shim *shim, struct err *e)
{
    sigset_t all;
    memset(&all, 0xff, sizeof all); /* sigfillset leaves out 32 to 34, which libc keeps for itself */
    shim->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (shim->epoll < 0)
        return fail(e, errno, "epoll_create1", NULL);
    shim->signals.fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    if (shim->signals.fd < 0)
        return fail(e, errno, "signalfd", NULL);
    shim->signals.ready = signals_ready;
    handler_set(shim, &shim->signals, EPOLLIN);
    return 0;
}

/* One event a turn: a handler may close any other, whose event would otherwise be waiting in the same batch.
 */
void loop_run(struct shim *shim)
{
    struct epoll_event event = {0};
    while (shim->state != STATE_GONE) {
        if (RETRY(epoll_wait(shim->epoll, &event, 1, -1)) == 1) {
            struct handler *handler = event.data.ptr;
            handler->ready(shim, handler, event.events);
        }
    }
}
