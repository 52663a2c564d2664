#include "dump.h"

#include <inttypes.h>

static void dump_str(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c >= 0x20 && c <= 0x7e)
            fputc(c, out);
        else
            fprintf(out, "\\x%02x", c);
    }
    fputc('"', out);
}

static void dump_strs(FILE *out, const struct strs *list)
{
    const uint8_t *at = list->first;
    fputc('[', out);
    for (uint32_t i = 0; i < list->count; i++) {
        fputs(i ? "," : "", out);
        dump_str(out, next_str(&at));
    }
    fputc(']', out);
}

static void dump_u32s(FILE *out, const struct u32s *list)
{
    fputc('[', out);
    for (uint32_t i = 0; i < list->count; i++)
        fprintf(out, "%s%" PRIu32, i ? "," : "", get_u32(list->data + 4 * (size_t)i));
    fputc(']', out);
}

static void dump_bytes(FILE *out, const struct bytes *bytes)
{
    for (uint32_t i = 0; i < bytes->length; i++)
        fprintf(out, "%02x", bytes->data[i]);
}

static void dump_field(FILE *out, enum kind kind, const void *value)
{
    switch (kind) {
    case KIND_U32:
        fprintf(out, "%" PRIu32, *(const uint32_t *)value);
        break;
    case KIND_U64:
        fprintf(out, "%" PRIu64, *(const uint64_t *)value);
        break;
    case KIND_I32:
        fprintf(out, "%" PRId32, *(const int32_t *)value);
        break;
    case KIND_STR:
        dump_str(out, *(const char *const *)value);
        break;
    case KIND_STRS:
        dump_strs(out, value);
        break;
    case KIND_U32S:
        dump_u32s(out, value);
        break;
    case KIND_BYTES:
        dump_bytes(out, value);
        break;
    }
}

void dump_plan(FILE *out, const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->count; i++) {
        const struct op_form *form = op_form(plan->ops[i].code);
        fprintf(out, "%" PRIu32 " %s", i, form->name);
        for (uint32_t f = 0; f < form->count; f++) {
            fprintf(out, " %s=", form->fields[f].name);
            dump_field(out, form->fields[f].kind, (const char *)&plan->ops[i] + form->fields[f].offset);
        }
        fputc('\n', out);
    }
}
