/* One client's connection: bytes in, frames out, one bounded buffer each way. */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shim.h"

enum { ANSWER_ERROR = 0x81, ERROR_MESSAGE_MAX = 512, SMALL_PAYLOAD_MAX = 16, DESCRIPTORS_MAX = 3 };

/* Gives an empty buffer's memory back until it is used again. */
void conn_forget_buffer(const struct conn *conn)
{
    if (conn->in_length == 0 && conn->out_end == 0)
        (void)madvise(conn->buffer, sizeof *conn->buffer, MADV_DONTNEED);
}

void conn_close(struct shim *shim, struct conn *conn)
{
    struct session *session = conn->session;
    if (!conn->open)
        return;
    handler_close(shim, &conn->handler);
    if (conn->fed && !conn->had_exec && shim->set.stdio & STDIO_ONCE && !(shim->set.stdio & STDIO_TERMINAL))
        handler_close(shim, &shim->input);
    if (conn->attached)
        attach_left(shim);
    if (conn->body)
        (void)munmap(conn->body, conn->body_length);
    conn->in_length = conn->out_end = 0;
    conn_forget_buffer(conn);
    *conn = (struct conn){0};
    supervise(shim, EVENT_FLUSHED);
    if (session) {
        session->conn = NULL;
        exec_event(shim, session, EXEC_ORPHANED);
    }
}

/* What the connection waits for. A client that does not read is not read from; an attached one is, so that
 * its ^C gets through a flood of output. */
void conn_update(struct shim *shim, struct conn *conn)
{
    if (!conn->open)
        return;
    bool sending = conn->out_begin < conn->out_end || conn->full;
    bool stuck = conn->stdin_left > 0 && conn->in_length > 0;
    bool reading = !stuck && (!sending || conn->attached);
    handler_set(shim, &conn->handler, EPOLLRDHUP | (sending ? EPOLLOUT : 0u) | (reading ? EPOLLIN : 0u));
}

/* Sends what waits; false when the connection is gone. */
bool conn_flush(struct shim *shim, struct conn *conn)
{
    while (conn->out_begin < conn->out_end) {
        ssize_t sent = RETRY(send(conn->handler.fd, conn->buffer->out + conn->out_begin,
                                  conn->out_end - conn->out_begin, MSG_NOSIGNAL | MSG_DONTWAIT));
        if (sent < 0 && errno == EAGAIN)
            break;
        if (sent < 0) {
            conn_close(shim, conn);
            return false;
        }
        conn->out_begin += (uint32_t)sent;
    }
    if (conn->out_begin == conn->out_end)
        conn->out_begin = conn->out_end = 0;
    conn_update(shim, conn);
    return true;
}

bool conn_send(struct shim *shim, struct conn *conn, uint16_t type, const void *payload, size_t length)
{
    uint8_t *at = conn->buffer->out + conn->out_end;
    if (CONN_OUT - conn->out_end < FRAME_HEADER + length) {
        conn_close(shim, conn); /* it has asked for more answers than it reads */
        return false;
    }
    put_u32(at, (uint32_t)length);
    put_u16(at + 4, type);
    put_u16(at + 6, 0);
    if (length > 0)
        memcpy(at + FRAME_HEADER, payload, length);
    conn->out_end += (uint32_t)(FRAME_HEADER + length);
    return conn_flush(shim, conn);
}

/* One small frame with descriptors beside it, to a client that has read all before it. */
bool conn_send_descriptors(struct shim *shim, struct conn *conn, uint16_t type, const void *payload,
                           size_t length, const int *descriptors, size_t count)
{
    uint8_t frame[FRAME_HEADER + SMALL_PAYLOAD_MAX];
    union {
        struct cmsghdr header;
        uint8_t bytes[CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
    } control = {0};
    struct iovec data = {.iov_base = frame, .iov_len = FRAME_HEADER + length};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    put_u32(frame, (uint32_t)length);
    put_u16(frame + 4, type);
    put_u16(frame + 6, 0);
    memcpy(frame + FRAME_HEADER, payload, length);
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        control.header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), descriptors, count * sizeof(int));
    }
    if (conn->out_end > 0 ||
        RETRY(sendmsg(conn->handler.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT)) != (ssize_t)data.iov_len) {
        conn_close(shim, conn);
        return false;
    }
    return true;
}

void conn_error(struct shim *shim, struct conn *conn, int errnum, const char *message)
{
    uint8_t payload[8 + ERROR_MESSAGE_MAX + 1];
    size_t length = strnlen(message, ERROR_MESSAGE_MAX);
    put_u32(payload, (uint32_t)errnum);
    put_u32(payload + 4, (uint32_t)length);
    memcpy(payload + 8, message, length);
    payload[8 + length] = 0;
    (void)conn_send(shim, conn, ANSWER_ERROR, payload, 8 + length + 1);
}

/* The body of an EXEC frame goes straight into its mapping, everything else into the small buffer. */
static ssize_t receive(struct conn *conn)
{
    if (conn->body)
        return RETRY(recv(conn->handler.fd, conn->body + conn->body_got, conn->body_length - conn->body_got,
                          MSG_DONTWAIT));
    return RETRY(
        recv(conn->handler.fd, conn->buffer->in + conn->in_length, CONN_IN - conn->in_length, MSG_DONTWAIT));
}

void conn_ready(struct shim *shim, struct handler *self, uint32_t events)
{
    struct conn *conn = owner_of(self, struct conn, handler);
    if (conn->attached && events & EPOLLOUT && !attach_room(shim, conn))
        return;
    if (events & EPOLLIN) {
        ssize_t length = receive(conn);
        if (length < 0 && errno == EAGAIN)
            return;
        if (length <= 0) {
            conn_close(shim, conn);
            return;
        }
        *(conn->body ? &conn->body_got : &conn->in_length) += (uint32_t)length;
        conn_dispatch(shim, conn);
        return;
    }
    if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        conn_close(shim, conn);
        return;
    }
    if (!conn_flush(shim, conn))
        return;
    if (conn->session && conn->out_end == 0)
        exec_pump(shim, conn->session);
    if (conn->open && conn->out_end == 0 && conn->in_length > 0)
        conn_dispatch(shim, conn);
}
