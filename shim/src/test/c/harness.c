#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void harness_open(struct shim *shim)
{
    struct err e = {0};
    struct handler *all[] = {&shim->signals, &shim->listener,  &shim->timer,    &shim->channel,
                             &shim->input,   &shim->output[0], &shim->output[1]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        all[i]->fd = -1;
    shim->pidfd = shim->terminal = -1;
    shim->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (shim->epoll < 0 || log_open(&shim->log, "", PLAN_LINE_MAX, &e) < 0)
        abort();
}

void harness_close(struct shim *shim)
{
    close_fd(&shim->epoll);
}

static size_t collect(int fd, uint8_t *answer, size_t at, size_t size)
{
    ssize_t got = 0;
    while (at < size && (got = recv(fd, answer + at, size - at, MSG_DONTWAIT)) > 0)
        at += (size_t)got;
    return at;
}

size_t harness_feed(struct shim *shim, const uint8_t *data, size_t length, uint8_t *answer, size_t size)
{
    int pair[2] = {-1, -1};
    struct conn *conn = &shim->conns[0];
    size_t answered = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        abort();
    *conn = (struct conn){
        .open = true, .handler = {.ready = conn_ready, .fd = pair[0]}, .buffer = &shim->buffers[0]};
    conn_update(shim, conn);
    for (size_t at = 0; conn->open && (at < length || conn->out_end > 0);) {
        size_t part = length - at < 3000 ? length - at : 3000;
        ssize_t sent = part > 0 ? send(pair[1], data + at, part, MSG_NOSIGNAL) : 0;
        at += sent > 0 ? (size_t)sent : 0;
        conn_ready(shim, &conn->handler, conn->out_end > 0 ? EPOLLOUT : EPOLLIN);
        answered = collect(pair[1], answer, answered, size);
    }
    answered = collect(pair[1], answer, answered, size);
    conn_close(shim, conn);
    (void)close(pair[1]);
    return answered;
}
