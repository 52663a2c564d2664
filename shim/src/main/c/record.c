#include "record.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STAT_START_TIME = 22 };

int exit_code_of(int wait_status)
{
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

size_t record_text(const struct record *r, char *buffer)
{
    const struct {
        const char *key;
        uint64_t value;
    } lines[] = {
        {"onggi-exit ", 1},
        {"pid ", r->pid},
        {"start_time ", r->start_time},
        {"started_ns ", r->started_ns},
        {"finished_ns ", r->finished_ns},
        {"exit_code ", r->exit_code},
        {"signal ", r->signal},
        {"oom_kills ", r->oom_kills},
        {"memory_peak ", r->memory_peak},
        {"lost_lines ", r->lost_lines},
        {"lost_bytes ", r->lost_bytes},
    };
    struct text t = text_in(buffer, RECORD_MAX);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        text_str(&t, lines[i].key);
        text_u64(&t, lines[i].value);
        text_str(&t, "\n");
    }
    text_str(&t, "end\n");
    return text_length(&t);
}

static int write_new(const char *path, const char *text, size_t length, struct err *e)
{
    cleanup_fd fd = (int)RETRY(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd < 0)
        return fail(e, errno, "open", path);
    int result = write_all(fd, text, length);
    return result < 0 ? fail(e, -result, "write", path) : 0;
}

int record_write(const char *path, const char *text, size_t length, struct err *e)
{
    char temporary[PATH_MAX];
    struct text t = text_in(temporary, sizeof temporary);
    text_str(&t, path);
    text_str(&t, ".tmp");
    if (t.cut)
        return fail(e, ENAMETOOLONG, "open", path);
    int result = write_new(temporary, text, length, e);
    if (result == 0 && rename(temporary, path) < 0)
        result = fail(e, errno, "rename", path);
    if (result < 0)
        (void)unlink(temporary);
    e->object = path;
    return result;
}

uint64_t start_time_of(pid_t pid)
{
    char path[48];
    char stat[1024];
    struct text t = text_in(path, sizeof path);
    text_str(&t, "/proc/");
    text_i64(&t, pid);
    text_str(&t, "/stat");
    if (read_file(path, stat, sizeof stat) < 0)
        return 0;
    /* The name (field 2) may hold spaces and brackets: count from its last closing one. */
    const char *at = strrchr(stat, ')');
    for (int field = 2; at && field < STAT_START_TIME; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at ? parse_u64(at) : 0;
}
