/* The control socket: what clients ask and what they are told (PROTOCOL.md 3). */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgroup.h"
#include "kernel.h"
#include "shim.h"
#include "terminal.h"

enum {
    ASK_STATUS = 0x10,
    ASK_KILL = 0x11,
    ASK_REOPEN_LOG = 0x12,
    ASK_WATCH = 0x13,
    ASK_EXEC = 0x14,
    ASK_STDIN = 0x15,
    ASK_RESIZE = 0x16,
    ASK_ATTACH = 0x17,
    TELL_OK = 0x80,
    TELL_STATUS = 0x82,
    TELL_EXITED = 0x87,
    KILL_ALL = 1,
    FRAME_MAX = 1 << 20,
    EXEC_FRAME_MAX = 4 << 20,
    EXEC_FRAME_MIN = 24,
    LAST_SIGNAL = 64,
    BACKLOG = CONNECTIONS_MAX,
};

static void ask_status(struct shim *shim, struct conn *conn, const uint8_t *payload)
{
    uint8_t answer[36];
    (void)payload;
    put_u32(answer, (uint32_t)shim->pid);
    put_u64(answer + 4, shim->start_time);
    put_u32(answer + 12, shim->state == STATE_RUNNING);
    put_u64(answer + 16, shim->log.lost_lines);
    put_u64(answer + 24, shim->log.lost_bytes);
    put_u32(answer + 32, exec_count(shim));
    (void)conn_send(shim, conn, TELL_STATUS, answer, sizeof answer);
}

static void tell(struct shim *shim, struct conn *conn, int result, const char *message)
{
    if (result < 0)
        conn_error(shim, conn, -result, message);
    else
        (void)conn_send(shim, conn, TELL_OK, NULL, 0);
}

static void ask_kill(struct shim *shim, struct conn *conn, const uint8_t *payload)
{
    uint32_t number = get_u32(payload), flags = get_u32(payload + 4);
    if (number > LAST_SIGNAL || flags > KILL_ALL) {
        tell(shim, conn, -EINVAL, "KILL: unknown signal or flag");
        return;
    }
    if (shim->reaped || shim->pid <= 0) {
        tell(shim, conn, -ESRCH, "KILL: the container has ended");
        return;
    }
    int result = 0;
    if (flags & KILL_ALL && shim->set.kill_dir)
        result = cgroup_signal(shim->set.kill_version, shim->set.kill_dir, (int)number);
    if (!(flags & KILL_ALL && shim->set.kill_dir) || (result == 0 && number == SIGKILL))
        result = sys_pidfd_send_signal(shim->pidfd, (int)number) < 0 ? -errno : 0;
    tell(shim, conn, result, "KILL: the signal could not be sent");
}

static void ask_reopen(struct shim *shim, struct conn *conn, const uint8_t *payload)
{
    struct err e = {0};
    (void)payload;
    tell(shim, conn, log_reopen(&shim->log, &e), "REOPEN_LOG: the new file could not be opened");
}

static void ask_watch(struct shim *shim, struct conn *conn, const uint8_t *payload)
{
    (void)payload;
    conn->watching = true;
    tell(shim, conn, 0, "");
}

static void ask_resize(struct shim *shim, struct conn *conn, const uint8_t *payload)
{
    uint32_t rows = get_u32(payload), cols = get_u32(payload + 4);
    int terminal = conn->session ? conn->session->terminal : conn->had_exec ? -1 : shim->terminal;
    if (conn->attached)
        attach_resize(shim, conn, rows, cols);
    else if (terminal >= 0)
        (void)terminal_resize(terminal, rows, cols);
}

/* Frames of a fixed length; STDIN and EXEC are taken apart as they arrive. */
static const struct {
    uint16_t type;
    uint32_t length;
    void (*ask)(struct shim *shim, struct conn *conn, const uint8_t *payload);
} asks[] = {
    {ASK_STATUS, 0, ask_status}, {ASK_KILL, 8, ask_kill},     {ASK_REOPEN_LOG, 0, ask_reopen},
    {ASK_WATCH, 0, ask_watch},   {ASK_RESIZE, 8, ask_resize}, {ASK_ATTACH, 4, attach_begin},
};

static void consume(struct conn *conn, uint32_t length)
{
    conn->in_length -= length;
    memmove(conn->buffer->in, conn->buffer->in + length, conn->in_length);
}

static struct handler *stdin_of(struct shim *shim, struct conn *conn)
{
    return conn->session ? &conn->session->input : &shim->input;
}

/* Passes on what there is of a STDIN frame; false when the pipe is full for now. Bytes for a stdin that is
 * closed are dropped. */
static bool pass_stdin(struct shim *shim, struct conn *conn)
{
    struct handler *input = stdin_of(shim, conn);
    uint32_t length = conn->in_length < conn->stdin_left ? conn->in_length : conn->stdin_left;
    bool gone = input->fd < 0 || (conn->had_exec && !conn->session) ||
                (conn->attached && !(conn->attach & ATTACH_STDIN));
    conn->fed = conn->fed || (!conn->session && !gone);
    ssize_t written =
        gone || length == 0 ? (ssize_t)length : RETRY(write(input->fd, conn->buffer->in, length));
    if (written < 0 && errno == EAGAIN) {
        handler_set(shim, input, EPOLLOUT);
        return false;
    }
    if (written < 0) {
        handler_close(shim, input);
        written = (ssize_t)length;
    }
    consume(conn, (uint32_t)written);
    conn->stdin_left -= (uint32_t)written;
    return true;
}

static void end_stdin(struct shim *shim, struct conn *conn)
{
    if (conn->attached)
        attach_stdin_end(shim, conn);
    else if (conn->session || !conn->had_exec)
        handler_close(shim, stdin_of(shim, conn));
}

/* An EXEC frame's payload gets a mapping of its own, for as long as the plan in it is needed. */
static bool begin_body(struct shim *shim, struct conn *conn, uint32_t length)
{
    if (conn->had_exec || conn->attached) {
        conn_error(shim, conn, EBUSY, "EXEC: one exec or attach a connection");
        conn_close(shim, conn);
        return false;
    }
    void *body = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (body == MAP_FAILED) {
        conn_close(shim, conn);
        return false;
    }
    conn->had_exec = true;
    conn->body = body;
    conn->body_length = length;
    conn->body_got = conn->in_length < length ? conn->in_length : length;
    memcpy(conn->body, conn->buffer->in, conn->body_got);
    consume(conn, conn->body_got);
    return true;
}

static void refuse(struct shim *shim, struct conn *conn)
{
    conn_error(shim, conn, EPROTO, "unknown frame or wrong length");
    conn_close(shim, conn);
}

/* One whole frame of fixed length at the buffer's begin; false when it has not all arrived, or was refused.
 */
static bool take_small(struct shim *shim, struct conn *conn, uint16_t type, uint32_t length)
{
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        if (asks[i].type != type || asks[i].length != length)
            continue;
        uint8_t payload[8] = {0};
        if (conn->in_length < FRAME_HEADER + length)
            return false;
        memcpy(payload, conn->buffer->in + FRAME_HEADER, length);
        consume(conn, FRAME_HEADER + length);
        asks[i].ask(shim, conn, payload);
        return true;
    }
    refuse(shim, conn);
    return false;
}

static bool take_frame(struct shim *shim, struct conn *conn)
{
    uint32_t length = get_u32(conn->buffer->in);
    uint16_t type = get_u16(conn->buffer->in + 4);
    if (get_u16(conn->buffer->in + 6) != 0) {
        refuse(shim, conn);
        return false;
    }
    if (type == ASK_STDIN && length <= FRAME_MAX) {
        consume(conn, FRAME_HEADER);
        conn->stdin_left = length;
        if (length == 0)
            end_stdin(shim, conn);
        return true;
    }
    if (type == ASK_EXEC && length >= EXEC_FRAME_MIN && length <= EXEC_FRAME_MAX) {
        consume(conn, FRAME_HEADER);
        return begin_body(shim, conn, length);
    }
    return take_small(shim, conn, type, length);
}

/* One step of what the connection has in hand; false when there is nothing to do before more comes. */
static bool dispatch_one(struct shim *shim, struct conn *conn)
{
    if (conn->body) {
        if (conn->body_got < conn->body_length)
            return false;
        exec_begin(shim, conn);
        return true;
    }
    if (conn->stdin_left > 0)
        return conn->in_length > 0 && pass_stdin(shim, conn);
    return conn->in_length >= FRAME_HEADER && take_frame(shim, conn);
}

void conn_dispatch(struct shim *shim, struct conn *conn)
{
    while (conn->open && (conn->out_end == 0 || conn->attached) && dispatch_one(shim, conn))
        ;
    conn_update(shim, conn);
}

static void listener_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    (void)events;
    int fd = (int)RETRY(accept4(self->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd < 0)
        return;
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        struct conn *conn = &shim->conns[i];
        if (conn->open)
            continue;
        *conn = (struct conn){
            .open = true, .handler = {.ready = conn_ready, .fd = fd}, .buffer = &shim->buffers[i]};
        conn_update(shim, conn);
        return;
    }
    (void)close(fd);
}

int control_open(struct shim *shim, struct err *e)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = shim->set.socket;
    if (!path)
        return 0;
    if (strlen(path) >= sizeof address.sun_path)
        return fail(e, ENAMETOOLONG, "bind", path);
    memcpy(address.sun_path, path, strlen(path));
    shim->listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    shim->listener.ready = listener_ready;
    if (shim->listener.fd < 0)
        return fail(e, errno, "socket", path);
    mode_t before = umask(0177);
    int bound = bind(shim->listener.fd, (struct sockaddr *)&address, sizeof address);
    (void)umask(before);
    if (bound < 0) {
        int errnum = errno;
        close_fd(&shim->listener.fd); /* control_close unlinks only what is ours */
        return fail(e, errnum, "bind", path);
    }
    if (listen(shim->listener.fd, BACKLOG) < 0)
        return fail(e, errno, "listen", path);
    handler_set(shim, &shim->listener, EPOLLIN);
    return 0;
}

void control_close(struct shim *shim)
{
    if (shim->listener.fd < 0)
        return;
    (void)unlink(shim->set.socket);
    handler_close(shim, &shim->listener);
}

void control_exited(struct shim *shim, const char *record, size_t length)
{
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (shim->conns[i].open && shim->conns[i].watching)
            (void)conn_send(shim, &shim->conns[i], TELL_EXITED, record, length);
}
