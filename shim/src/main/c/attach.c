/* Clients that get the container's own output as it comes (PROTOCOL.md 3). None of them is waited for: what a
 * full socket does not take is dropped and counted. Beside the socket's own buffer the rest of one frame is
 * kept, so a client that does not read costs the shim a page or two. */
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "shim.h"
#include "terminal.h"

enum {
    TELL_STDOUT = 0x84,
    TELL_STDERR = 0x85,
    TELL_ATTACHED = 0x88,
    TELL_DROPPED = 0x89,
    TELL_ENDED = 0x8a,
    DETACHED = 1,
    ATTACHERS_MAX = 32,
    PIECE = 4088, /* payload of a frame: with its header a page */
    PIECES_MAX = (LOG_CHUNK + PIECE - 1) / PIECE,
    SOCKET_BUFFER = 512 << 10, /* in the kernel, where a burst waits for the client */
};

static const char *refusal(const struct shim *shim, const struct conn *conn, uint32_t flags, int *ret_errnum)
{
    *ret_errnum = EINVAL;
    if (flags == 0 || flags & ~(uint32_t)ATTACH_ALL)
        return "ATTACH: no stream, or an unknown flag";
    *ret_errnum = EBUSY;
    if (conn->had_exec || conn->attached)
        return "ATTACH: one exec or attach a connection";
    *ret_errnum = ESRCH;
    if (shim->state != STATE_RUNNING)
        return "ATTACH: the container is not running";
    *ret_errnum = EAGAIN;
    return shim->attachers >= ATTACHERS_MAX ? "ATTACH: too many clients are attached" : NULL;
}

void attach_begin(struct shim *shim, struct conn *conn, const uint8_t *payload)
{
    uint8_t answer[8];
    int errnum = 0, size = SOCKET_BUFFER;
    uint32_t flags = get_u32(payload);
    const char *refused = refusal(shim, conn, flags, &errnum);
    if (refused) {
        conn_error(shim, conn, errnum, refused);
        return;
    }
    if (shim->input.fd < 0)
        flags &= ~(uint32_t)ATTACH_STDIN;
    if (setsockopt(conn->handler.fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
        (void)setsockopt(conn->handler.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    shim->attachers++;
    conn->attached = true;
    conn->attach = flags;
    conn->fed = conn->fed || flags & ATTACH_STDIN;
    put_u32(answer, (uint32_t)shim->pid);
    put_u32(answer + 4, flags);
    (void)conn_send(shim, conn, TELL_ATTACHED, answer, sizeof answer);
}

void attach_left(struct shim *shim)
{
    shim->attachers--;
}

/* A frame that was taken in part is torn: its rest goes out before anything else. */
static void keep_rest(struct conn *conn, const struct iovec *frame, size_t taken)
{
    uint8_t *out = conn->buffer->out;
    for (int part = 0; part < 2; part++) {
        size_t skip = taken < frame[part].iov_len ? taken : frame[part].iov_len;
        memcpy(out + conn->out_end, (const uint8_t *)frame[part].iov_base + skip, frame[part].iov_len - skip);
        conn->out_end += (uint32_t)(frame[part].iov_len - skip);
        taken -= skip;
    }
}

static void write_out(struct shim *shim, struct conn *conn, struct iovec *parts, size_t count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2 * count};
    ssize_t sent = RETRY(sendmsg(conn->handler.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
    if (sent < 0 && errno != EAGAIN) {
        conn_close(shim, conn);
        return;
    }
    size_t taken = sent < 0 ? 0 : (size_t)sent, at = 0;
    while (at < count && taken >= parts[2 * at].iov_len + parts[2 * at + 1].iov_len) {
        taken -= parts[2 * at].iov_len + parts[2 * at + 1].iov_len;
        at++;
    }
    if (at == count)
        return;
    conn->full = true;
    if (taken > 0)
        keep_rest(conn, parts + 2 * at++, taken);
    for (; at < count; at++)
        conn->dropped += parts[2 * at + 1].iov_len;
    conn_update(shim, conn);
}

static void output_to(struct shim *shim, struct conn *conn, int stream, const uint8_t *data, size_t length)
{
    uint8_t headers[PIECES_MAX][FRAME_HEADER];
    struct iovec parts[2 * PIECES_MAX];
    size_t count = 0;
    if (conn->full || conn->out_end > 0) {
        conn->dropped += length;
        return;
    }
    for (size_t at = 0; at < length; at += PIECE, count++) {
        size_t piece = length - at < PIECE ? length - at : PIECE;
        put_u32(headers[count], (uint32_t)piece);
        put_u16(headers[count] + 4, stream == LOG_STDOUT ? TELL_STDOUT : TELL_STDERR);
        put_u16(headers[count] + 6, 0);
        parts[2 * count] = (struct iovec){headers[count], FRAME_HEADER};
        parts[2 * count + 1] = (struct iovec){(void *)(uintptr_t)(data + at), piece};
    }
    write_out(shim, conn, parts, count);
}

void attach_output(struct shim *shim, int stream, const uint8_t *data, size_t length)
{
    uint32_t wanted = stream == LOG_STDOUT ? ATTACH_STDOUT : ATTACH_STDERR;
    for (int i = 0; i < CONNECTIONS_MAX && shim->attachers > 0; i++)
        if (shim->conns[i].open && shim->conns[i].attach & wanted)
            output_to(shim, &shim->conns[i], stream, data, length);
}

static bool tell_dropped(struct shim *shim, struct conn *conn)
{
    uint8_t payload[8];
    if (conn->dropped == 0)
        return true;
    put_u64(payload, conn->dropped);
    conn->dropped = 0;
    return conn_send(shim, conn, TELL_DROPPED, payload, sizeof payload);
}

static void tell_ended(struct shim *shim, struct conn *conn, uint32_t exit_code, uint32_t flags)
{
    uint8_t payload[8];
    put_u32(payload, exit_code);
    put_u32(payload + 4, flags);
    conn->attach = 0;
    conn->ended = true;
    if (tell_dropped(shim, conn))
        (void)conn_send(shim, conn, TELL_ENDED, payload, sizeof payload);
}

bool attach_room(struct shim *shim, struct conn *conn)
{
    if (!conn_flush(shim, conn))
        return false;
    if (conn->out_end == 0) {
        conn->full = false;
        if (!tell_dropped(shim, conn))
            return false;
        conn_update(shim, conn);
    }
    supervise(shim, EVENT_FLUSHED);
    return true;
}

/* A client names its size when it has attached: the program must draw all anew for it, also when the size is
 * what it was, which the kernel would not signal. */
void attach_resize(struct shim *shim, struct conn *conn, uint32_t rows, uint32_t cols)
{
    if (shim->terminal < 0)
        return;
    if (!conn->sized && terminal_has_size(shim->terminal, rows, cols))
        (void)terminal_resize(shim->terminal, rows, cols + 1);
    (void)terminal_resize(shim->terminal, rows, cols);
    conn->sized = true;
}

/* A stdin that serves one client only has ended with it. Any other stays open for the next, and so does a
 * terminal, which has no end of file to give: the client has only detached. */
void attach_stdin_end(struct shim *shim, struct conn *conn)
{
    if (!(conn->attach & ATTACH_STDIN))
        return;
    if (shim->set.stdio & STDIO_ONCE && !(shim->set.stdio & STDIO_TERMINAL))
        handler_close(shim, &shim->input);
    else
        tell_ended(shim, conn, 0, DETACHED);
}

void attach_end(struct shim *shim, uint32_t exit_code)
{
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (shim->conns[i].attached && !shim->conns[i].ended)
            tell_ended(shim, &shim->conns[i], exit_code, 0);
}

bool attach_pending(const struct shim *shim)
{
    for (int i = 0; i < CONNECTIONS_MAX; i++)
        if (shim->conns[i].attached && shim->conns[i].out_end > 0)
            return true;
    return false;
}
