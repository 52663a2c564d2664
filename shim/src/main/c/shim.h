/* The one state of the program, made in main and passed down, and what the parts of the loop call of each
 * other. */
#ifndef ONGGI_SHIM_H
#define ONGGI_SHIM_H

#include <sys/epoll.h>

#include "launch.h"
#include "log.h"
#include "plan.h"

enum { CONNECTIONS_MAX = 1024, CONN_IN = 4096, CONN_OUT = 32768, SESSION_CHUNK = 16384, FRAME_HEADER = 8 };
enum { REPORT_FD = 3 };
enum { ASK_DESCRIPTORS = 16 }; /* EXEC's flag: the client reads and writes the pipes itself */

struct shim;

/* Something the loop waits for; epoll's data.ptr points here. */
struct handler {
    void (*ready)(struct shim *shim, struct handler *self, uint32_t events);
    int fd;
    uint32_t events; /* now asked for, 0: not registered */
};

/* What the plan's settings say, copied out of it. */
struct settings {
    char *socket, *record, *log, *oom_path, *oom_key, *peak, *exec_dir, *kill_dir, *pid_ns, *clone_cgroup;
    uint32_t max_line, stdio, exec_version, kill_version;
    uint64_t clone_flags, start_timeout_ns;
    uint64_t oom_above; /* v2: what the cgroup above had counted before */
};

enum exec_state {
    EXEC_FREE,
    EXEC_STARTING,
    EXEC_RUNNING,
    EXEC_DRAINING,
    EXEC_KILLED,
    EXEC_LEAVING,
    EXEC_STATES
};
enum exec_event {
    EXEC_STARTED,
    EXEC_FAILED,
    EXEC_REAPED,
    EXEC_TIMEOUT,
    EXEC_ORPHANED,
    EXEC_DRAINED,
    EXEC_EVENTS
};

struct conn;

/* One output of an exec. */
struct exec_stream {
    struct handler handler;
    uint16_t frame; /* type of its frames */
    uint32_t cut;   /* the EXEC_EXITED flag for "over the limit" */
    uint64_t sent, drained;
};

/* An exec: its process, its sub-cgroup, its pipes. It may outlive its connection until the process is reaped.
 */
struct session {
    enum exec_state state;
    struct conn *conn; /* NULL: the client has gone */
    struct plan plan;
    uint8_t *plan_data;
    uint32_t plan_length;
    uint32_t flags, number, result_flags, leaving_ticks;
    bool killed;
    uint64_t limit;
    pid_t pid;
    int pidfd, status;
    bool reaped, ready;
    bool handed_over; /* its pipes are the client's */
    struct handler channel, timer, input;
    struct exec_stream out[2];
    int terminal; /* master, -1: none */
};

/* Apart from struct conn, so that a connection never used, or closed again, holds no memory. */
struct conn_buffer {
    _Alignas(4096) uint8_t in[CONN_IN];
    uint8_t out[CONN_OUT];
};

/* A client of the control socket. */
struct conn {
    struct handler handler;
    bool open, watching, had_exec;
    bool fed; /* the container's stdin came from it */
    /* An attached client: its socket is full, it has named its terminal's size, it was told of the end. */
    bool attached, full, sized, ended;
    uint32_t attach;  /* ATTACH_* that it gets */
    uint64_t dropped; /* bytes that it has not been told of yet */
    struct session *session;
    uint32_t in_length, out_begin, out_end;
    uint32_t stdin_left; /* bytes of a STDIN frame still to come or to be written */
    uint8_t *body;       /* EXEC payload while it arrives, mapped */
    uint32_t body_length, body_got;
    struct conn_buffer *buffer;
};

enum { ATTACH_STDIN = 2, ATTACH_STDOUT = 4, ATTACH_STDERR = 8, ATTACH_ALL = 14 };

enum state { STATE_STARTING, STATE_RUNNING, STATE_ENDING, STATE_LEAVING, STATE_GONE, STATES };
enum event { EVENT_STARTED, EVENT_FAILED, EVENT_DEADLINE, EVENT_EXITED, EVENT_QUIET, EVENT_FLUSHED, EVENTS };

struct shim {
    enum state state;
    int epoll, pidfd, terminal, exit_status;
    uint64_t epoch_us, started_ns, finished_ns, start_time, oom_kills, memory_peak;
    pid_t pid;
    bool reaped, ready;
    int wait_status;
    uint32_t ending_ticks, next_exec, leftovers, attachers;
    int failed_index;
    size_t failure_length;
    struct settings set;
    struct plan plan;
    const uint8_t *plan_data;
    size_t plan_length;
    struct timeline *timeline;
    size_t timeline_size;
    struct handler signals, listener, timer, channel, input, output[2];
    uint8_t failure[CHANNEL_MESSAGE_MAX];
    struct log log;
    struct session sessions[CONNECTIONS_MAX];
    struct conn conns[CONNECTIONS_MAX];
    struct conn_buffer buffers[CONNECTIONS_MAX];
};

/* loop.c */
int loop_open(struct shim *shim, struct err *e);
void loop_run(struct shim *shim);
void handler_set(struct shim *shim, struct handler *handler, uint32_t events);
/* Unregisters and closes. Always in this order: a child may still hold a copy of the descriptor. */
void handler_close(struct shim *shim, struct handler *handler);
int timer_open(struct shim *shim, struct handler *handler, struct err *e);
void timer_arm(struct handler *timer, uint64_t first_ns, uint64_t every_ns);
void timer_drain(const struct handler *timer);

/* supervise.c */
int supervise_start(struct shim *shim, struct err *e);
void supervise(struct shim *shim, enum event event);
void supervise_reaped(struct shim *shim, int wait_status);

/* stdio.c: the container's own stdin, stdout, stderr or terminal */
int stdio_open(struct shim *shim, int ret_child[3], struct err *e);
void stdio_terminal(struct shim *shim, int master);
void stdio_drain(struct shim *shim);

/* control.c */
int control_open(struct shim *shim, struct err *e);
void control_close(struct shim *shim);
void control_exited(struct shim *shim, const char *record, size_t length);
void conn_dispatch(struct shim *shim, struct conn *conn);

/* conn.c */
bool conn_send(struct shim *shim, struct conn *conn, uint16_t type, const void *payload, size_t length);
void conn_forget_buffer(const struct conn *conn);
bool conn_send_descriptors(struct shim *shim, struct conn *conn, uint16_t type, const void *payload,
                           size_t length, const int *descriptors, size_t count);
void conn_error(struct shim *shim, struct conn *conn, int errnum, const char *message);
bool conn_flush(struct shim *shim, struct conn *conn);
void conn_close(struct shim *shim, struct conn *conn);
void conn_update(struct shim *shim, struct conn *conn);
void conn_ready(struct shim *shim, struct handler *self, uint32_t events);

/* attach.c: clients that get the container's own output */
void attach_begin(struct shim *shim, struct conn *conn, const uint8_t *payload);
void attach_output(struct shim *shim, int stream, const uint8_t *data, size_t length);
void attach_resize(struct shim *shim, struct conn *conn, uint32_t rows, uint32_t cols);
/* The client's stdin has ended. */
void attach_stdin_end(struct shim *shim, struct conn *conn);
/* The socket has room; false when the connection is gone. */
bool attach_room(struct shim *shim, struct conn *conn);
/* The connection is being closed. */
void attach_left(struct shim *shim);
/* The container has ended: says so to all of them. */
void attach_end(struct shim *shim, uint32_t exit_code);
/* Whether one has not got all yet. */
bool attach_pending(const struct shim *shim);

/* exec.c and exec_io.c */
void exec_begin(struct shim *shim, struct conn *conn);
void exec_event(struct shim *shim, struct session *session, enum exec_event event);
bool exec_reaped(struct shim *shim, pid_t pid, int wait_status);
void exec_kill_all(struct shim *shim);
uint32_t exec_count(const struct shim *shim);
int exec_open_stdio(struct session *session, int ret_child[3], struct err *e);
void exec_attach_terminal(struct shim *shim, struct session *session, int master);
void exec_pump(struct shim *shim, struct session *session);
void exec_start_io(struct shim *shim, struct session *session);
void exec_hand_over(struct shim *shim, struct session *session, uint16_t type, const void *payload,
                    size_t length);
void exec_close_io(struct shim *shim, struct session *session);
void exec_drain(struct shim *shim, struct session *session);

/* report.c */
void report_started(struct shim *shim);
void report_probed(void);
void report_failed(const uint8_t *payload, size_t length);

#endif
