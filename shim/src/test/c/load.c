#include <stdio.h>
#include <stdlib.h>

#include "check.h"

uint8_t *load(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) < 0)
        return NULL;
    size_t length = (size_t)ftell(file);
    uint8_t *data = malloc(length ? length : 1);
    rewind(file);
    size_t got = fread(data, 1, length, file);
    (void)fclose(file);
    if (got != length) {
        free(data);
        return NULL;
    }
    *ret_length = length;
    return data;
}
