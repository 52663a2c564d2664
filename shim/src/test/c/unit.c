/* Unit tests of the shim's parts, built with ASan and UBSan against glibc. */
#include <stdio.h>

#include "check.h"

void check(struct tally *tally, bool good, const char *what)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", tally->passed + tally->failed + 1, what);
    *(good ? &tally->passed : &tally->failed) += 1;
}

int check_end(const struct tally *tally)
{
    printf("%d passed, %d failed\n", tally->passed, tally->failed);
    return tally->failed > 0;
}

int main(int argc, char **argv)
{
    struct tally tally = {0};
    const char *golden = argc > 1 ? argv[1] : "src/test/golden";
    test_plan(&tally, golden);
    test_log(&tally);
    test_record(&tally, golden);
    test_frames(&tally, golden);
    return check_end(&tally);
}
