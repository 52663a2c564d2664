/* The text form of a plan (PROTOCOL.md 6), for tests. */
#ifndef ONGGI_DUMP_H
#define ONGGI_DUMP_H

#include <stdio.h>

#include "plan.h"

void dump_plan(FILE *out, const struct plan *plan);

#endif
