/* The birth of a process: clone3, the plan's steps in the child, what the child says over its channel. */
#ifndef ONGGI_LAUNCH_H
#define ONGGI_LAUNCH_H

#include "plan.h"

/* Shared with the child: when each entry ran, microseconds since the shim's start; the entry it stands in. */
struct timeline {
    uint32_t current;
    struct {
        uint32_t begin_us, length_us;
    } entry[];
};

struct launch {
    const struct plan *plan;
    uint64_t clone_flags;
    const char *into_cgroup; /* v2 directory, NULL: none */
    const char *join_file;   /* cgroup file that the child joins first, NULL: none */
    int stdio[3];
    const char *uid_map, *gid_map; /* for a new user namespace, NULL: none */
    int container;                 /* pidfd of the container's first process, -1: this is it */
    struct timeline *timeline;     /* NULL: not kept */
    uint64_t epoch_us;
};

struct launched {
    pid_t pid;
    int pidfd, channel;
};

/* Messages on the channel (SOCK_SEQPACKET), by first byte. End of file after READY: the exec succeeded. */
enum {
    CHANNEL_FAILED = 'F',   /* then the payload of a FAILED frame */
    CHANNEL_TERMINAL = 'T', /* with the master's descriptor */
    CHANNEL_READY = 'R',    /* all but the last calls before exec are done */
    CHANNEL_MESSAGE_MAX = 2048,
};

int launch(const struct launch *spec, struct launched *ret_child, struct err *e);

/* Payload of a FAILED frame into buffer; its length. Long words are cut. */
size_t launch_failure(uint8_t *buffer, size_t size, int index, const char *step, const struct err *e);

struct channel_message {
    size_t length; /* 0: end of file */
    int terminal;  /* descriptor that came along, -1: none */
    uint8_t data[CHANNEL_MESSAGE_MAX];
};
/* 1 with a message (or end of file), 0 when there is none now. */
int channel_read(int channel, struct channel_message *ret_message);

#endif
