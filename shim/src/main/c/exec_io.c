/* An exec's pipes or terminal: to and from its connection, with one frame in flight. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "shim.h"

enum {
    ASK_TERMINAL = 1,
    ASK_STDIN = 2,
    ASK_STDOUT = 4,
    TELL_STDOUT = 0x84,
    TELL_STDERR = 0x85,
    CUT_STDOUT = 2,
    CUT_STDERR = 4,
    PIPE_BYTES = 256 << 10,
    DRAIN_MAX = 1 << 20, /* the most a pipe can hold */
};

/* Reads once and sends a frame of it. False: nothing there now; a stream at its end is closed. */
static bool pump_stream(struct shim *shim, struct session *session, struct exec_stream *stream)
{
    struct conn *conn = session->conn;
    uint8_t *payload = conn->buffer->out + FRAME_HEADER;
    ssize_t length = RETRY(read(stream->handler.fd, payload, SESSION_CHUNK));
    if (length < 0 && errno == EAGAIN)
        return false;
    if (length <= 0) {
        handler_close(shim, &stream->handler); /* a terminal's end is EIO */
        return false;
    }
    stream->drained += (uint64_t)length;
    uint64_t room = session->limit ? session->limit - stream->sent : UINT64_MAX;
    if ((uint64_t)length > room) {
        session->result_flags |= stream->cut;
        length = (ssize_t)room;
    }
    stream->sent += (uint64_t)length;
    if (length == 0)
        return true;
    put_u32(conn->buffer->out, (uint32_t)length);
    put_u16(conn->buffer->out + 4, stream->frame);
    put_u16(conn->buffer->out + 6, 0);
    conn->out_end = (uint32_t)(FRAME_HEADER + length);
    return conn_flush(shim, conn);
}

static void set_reading(struct shim *shim, struct session *session, bool on)
{
    if (session->handed_over)
        return;
    for (int i = 0; i < 2; i++)
        handler_set(shim, &session->out[i].handler, on ? EPOLLIN : 0);
}

static void stream_ready(struct shim *shim, struct session *session, struct exec_stream *stream)
{
    if (!session->conn || session->conn->out_end > 0) {
        set_reading(shim, session, false);
        return;
    }
    (void)pump_stream(shim, session, stream);
    if (session->conn && session->conn->out_end > 0)
        set_reading(shim, session, false);
}

static void first_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    struct session *session = owner_of(self, struct session, out[0].handler);
    (void)events;
    stream_ready(shim, session, &session->out[0]);
}

static void second_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    struct session *session = owner_of(self, struct session, out[1].handler);
    (void)events;
    stream_ready(shim, session, &session->out[1]);
}

static void input_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    struct session *session = owner_of(self, struct session, input);
    handler_set(shim, self, 0);
    if (events & EPOLLERR)
        handler_close(shim, self);
    if (session->conn)
        conn_dispatch(shim, session->conn);
}

static int open_pipe(struct handler *ours, bool reading, int *ret_child, struct err *e)
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) < 0)
        return fail(e, errno, "pipe2", NULL);
    ours->fd = ends[reading ? 0 : 1];
    *ret_child = ends[reading ? 1 : 0];
    (void)set_nonblocking(ours->fd);
    return 0;
}

int exec_open_stdio(struct session *session, int ret_child[3], struct err *e)
{
    int result = 0;
    session->out[0].handler.ready = first_ready;
    session->out[0].frame = TELL_STDOUT;
    session->out[0].cut = CUT_STDOUT;
    session->out[1].handler.ready = second_ready;
    session->out[1].frame = TELL_STDERR;
    session->out[1].cut = CUT_STDERR;
    session->input.ready = input_ready;
    if (session->flags & ASK_TERMINAL)
        return 0; /* made by the TERMINAL step */
    if (session->flags & ASK_STDIN)
        result = open_pipe(&session->input, false, &ret_child[0], e);
    for (int i = 0; i < 2 && result == 0; i++)
        if (session->flags & (uint32_t)(ASK_STDOUT << i))
            result = open_pipe(&session->out[i].handler, true, &ret_child[1 + i], e);
    return result;
}

void exec_attach_terminal(struct shim *shim, struct session *session, int master)
{
    (void)set_nonblocking(master);
    session->terminal = master;
    session->out[0].handler.fd = master;
    if (session->flags & ASK_STDIN)
        session->input.fd = fcntl(master, F_DUPFD_CLOEXEC, 3);
    if (session->state == EXEC_RUNNING)
        handler_set(shim, &session->out[0].handler, EPOLLIN);
}

void exec_start_io(struct shim *shim, struct session *session)
{
    set_reading(shim, session, true);
}

/* Tells the start and gives the pipes away with it: what the process says no longer passes here. A terminal's
 * master stays open here as well, for RESIZE. */
void exec_hand_over(struct shim *shim, struct session *session, uint16_t type, const void *payload,
                    size_t length)
{
    struct handler *all[3] = {&session->input, &session->out[0].handler, &session->out[1].handler};
    int descriptors[3];
    size_t count = 0;
    session->handed_over = true;
    for (int i = 0; i < 3; i++) {
        if (all[i]->fd < 0)
            continue;
        (void)fcntl(all[i]->fd, F_SETPIPE_SZ, PIPE_BYTES); /* best effort, fewer turns */
        descriptors[count++] = all[i]->fd;
    }
    if (!conn_send_descriptors(shim, session->conn, type, payload, length, descriptors, count))
        return;
    for (int i = 0; i < 3; i++)
        if (all[i]->fd != session->terminal)
            handler_close(shim, all[i]);
    conn_forget_buffer(session->conn); /* it may now be silent for hours, one of a hundred */
}

void exec_close_io(struct shim *shim, struct session *session)
{
    for (int i = 0; i < 2; i++)
        handler_close(shim, &session->out[i].handler);
    handler_close(shim, &session->input);
    session->terminal = -1;
}

/* The connection has room again. */
void exec_pump(struct shim *shim, struct session *session)
{
    if (session->state == EXEC_RUNNING)
        set_reading(shim, session, true);
    else if (session->state == EXEC_DRAINING)
        exec_drain(shim, session);
}

/* The process has ended: all it wrote is in the pipes. Reads until they are empty, at most what a pipe can
 * hold, so that one who keeps a pipe open and writes on cannot hold the answer up. Goes on when the client
 * has read. */
void exec_drain(struct shim *shim, struct session *session)
{
    set_reading(shim, session, false);
    for (int i = 0; i < 2 && !session->handed_over; i++) {
        struct exec_stream *stream = &session->out[i];
        while (stream->handler.fd >= 0) {
            if (session->state != EXEC_DRAINING || !session->conn || session->conn->out_end > 0)
                return;
            if (!pump_stream(shim, session, stream) || stream->drained >= DRAIN_MAX) {
                if (session->state != EXEC_DRAINING)
                    return;
                handler_close(shim, &stream->handler);
            }
        }
    }
    exec_event(shim, session, EXEC_DRAINED);
}
