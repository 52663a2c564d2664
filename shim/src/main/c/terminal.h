/* Pseudo terminals: opened inside the container, the master goes to the shim. */
#ifndef ONGGI_TERMINAL_H
#define ONGGI_TERMINAL_H

#include "plan.h"

/* The child's half: opens ptmx beneath root, makes the slave fd 0-2 and controlling terminal; the master's
 * fd. */
int terminal_open(int root, const struct op *op, struct err *e);
int terminal_resize(int master, uint32_t rows, uint32_t cols);
bool terminal_has_size(int master, uint32_t rows, uint32_t cols);

#endif
