/* TAP-like checks that count themselves. */
#ifndef ONGGI_CHECK_H
#define ONGGI_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally {
    int passed, failed;
};

void check(struct tally *tally, bool good, const char *what);
int check_end(const struct tally *tally);
/* Reads a file into memory of exactly its size (so that ASan sees any step beyond it). */
uint8_t *load(const char *path, size_t *ret_length);

void test_plan(struct tally *tally, const char *golden);
void test_log(struct tally *tally);
void test_record(struct tally *tally, const char *golden);
void test_frames(struct tally *tally, const char *golden);

#endif
