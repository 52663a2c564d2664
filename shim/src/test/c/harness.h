/* A shim without a container, for feeding bytes to its control connections. */
#ifndef ONGGI_HARNESS_H
#define ONGGI_HARNESS_H

#include "shim.h"

/* The shim answers as if starting: it has no process, so nothing that arrives can start or signal any. */
void harness_open(struct shim *shim);
void harness_close(struct shim *shim);
/* Feeds the bytes through a new connection; what it answered into answer, its length. */
size_t harness_feed(struct shim *shim, const uint8_t *data, size_t length, uint8_t *answer, size_t size);

#endif
