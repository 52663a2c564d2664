/* The interpreter: carries out a plan's steps in the process that they are about. */
#ifndef ONGGI_STEPS_H
#define ONGGI_STEPS_H

#include "launch.h"

struct steps {
    const struct launch *spec;
    int channel;
    int root;  /* O_PATH of the attached root, -1: the process's own */
    int empty; /* tmpfs that masks directories */
    bool prepared;
    int slots[PLAN_SLOTS];
};

void steps_init(struct steps *steps, const struct launch *spec, int channel);
/* Returns only when a step fails, with its index, and after PROBED with 0. */
int steps_run(struct steps *steps, int *ret_index, struct err *e);

#endif
