/* The container's own stdin, stdout and stderr, or its terminal: what comes out goes to the attached clients
 * and to the log. */
#include <fcntl.h>
#include <unistd.h>

#include "shim.h"
#include "terminal.h"

enum { DRAIN_MAX = 1 << 20 };

static void output_end(struct shim *shim, int stream)
{
    handler_close(shim, &shim->output[stream]);
    log_finish(&shim->log, stream);
}

static ssize_t pump(struct shim *shim, int stream)
{
    const uint8_t *fresh = NULL;
    ssize_t length = log_read(&shim->log, stream, shim->output[stream].fd, &fresh);
    if (length > 0) {
        attach_output(shim, stream, fresh, (size_t)length);
        log_lines(&shim->log, stream);
    }
    return length;
}

static void output_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    int stream = self == &shim->output[LOG_STDERR] ? LOG_STDERR : LOG_STDOUT;
    ssize_t length = pump(shim, stream);
    (void)events;
    if (length <= 0 && length != -EAGAIN)
        output_end(shim, stream); /* a terminal's end is EIO */
}

/* The pipe takes bytes again: connections that hold some go on. */
static void input_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    handler_set(shim, self, 0);
    if (events & EPOLLERR)
        handler_close(shim, self);
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        struct conn *conn = &shim->conns[i];
        if (conn->open && !conn->session && conn->stdin_left > 0)
            conn_dispatch(shim, conn);
    }
}

static int open_output(struct shim *shim, int stream, int *ret_child, struct err *e)
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail(e, errno, "pipe2", NULL);
    *ret_child = ends[1];
    shim->output[stream].fd = ends[0];
    (void)set_nonblocking(ends[0]);
    handler_set(shim, &shim->output[stream], EPOLLIN);
    return 0;
}

int stdio_open(struct shim *shim, int ret_child[3], struct err *e)
{
    int ends[2] = {-1, -1};
    int result = 0;
    shim->output[LOG_STDOUT].ready = shim->output[LOG_STDERR].ready = output_ready;
    shim->input.ready = input_ready;
    if (shim->set.stdio & STDIO_TERMINAL)
        return 0; /* made by the TERMINAL step */
    result = open_output(shim, LOG_STDOUT, &ret_child[1], e);
    if (result == 0)
        result = open_output(shim, LOG_STDERR, &ret_child[2], e);
    if (result < 0 || !(shim->set.stdio & STDIO_OPEN))
        return result;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail(e, errno, "pipe2", NULL);
    ret_child[0] = ends[0];
    shim->input.fd = ends[1];
    (void)set_nonblocking(ends[1]);
    return 0;
}

void stdio_terminal(struct shim *shim, int master)
{
    (void)set_nonblocking(master);
    shim->terminal = master;
    shim->output[LOG_STDOUT].fd = master;
    if (shim->set.stdio & STDIO_OPEN)
        shim->input.fd = fcntl(master, F_DUPFD_CLOEXEC, 3);
    handler_set(shim, &shim->output[LOG_STDOUT], EPOLLIN);
}

/* All that the ended process wrote is in the pipe by now; the bound is for others that keep on writing. */
void stdio_drain(struct shim *shim)
{
    for (int stream = LOG_STDOUT; stream <= LOG_STDERR; stream++) {
        ssize_t length = 1;
        for (size_t sum = 0; length > 0 && sum < DRAIN_MAX && shim->output[stream].fd >= 0;
             sum += (size_t)length)
            length = pump(shim, stream);
        if (shim->output[stream].fd >= 0)
            output_end(shim, stream);
    }
    shim->terminal = -1;
}
