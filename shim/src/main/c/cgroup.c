#include "cgroup.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEPTH_MAX = 16, FREEZE_TRIES = 200, COUNTERS_MAX = 4096 };

struct entry64 {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};
enum { TYPE_DIRECTORY = 4 };

int cgroup_join(const char *file, struct err *e)
{
    return write_file(file, "0", e);
}

/* Calls visit for each sub-directory's path; the sum of its non-negative results. */
static int each_child(const char *dir, int (*visit)(const char *path, const char *name, void *data),
                      void *data)
{
    _Alignas(8) char buffer[1024];
    char path[PATH_MAX];
    int sum = 0;
    cleanup_fd fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    for (;;) {
        long length = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
        if (length <= 0)
            return sum;
        for (long at = 0; at < length;) {
            const struct entry64 *entry = (const struct entry64 *)(void *)(buffer + at);
            at += entry->length;
            if (entry->type != TYPE_DIRECTORY || entry->name[0] == '.')
                continue;
            int result = join_path(path, sizeof path, dir, entry->name) ? visit(path, entry->name, data) : 0;
            sum += result > 0 ? result : 0;
        }
    }
}

/* Signals each id listed in the file; ids are as this process sees them. The number of them, or -errno. */
static int signal_listed(const char *dir, const char *file, int signal)
{
    char path[PATH_MAX];
    char buffer[512];
    int count = 0;
    pid_t pid = 0;
    if (!join_path(path, sizeof path, dir, file))
        return -ENAMETOOLONG;
    cleanup_fd fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    for (;;) {
        ssize_t length = RETRY(read(fd, buffer, sizeof buffer));
        if (length <= 0)
            return length < 0 ? -errno : count;
        for (ssize_t i = 0; i < length; i++) {
            if (buffer[i] >= '0' && buffer[i] <= '9') {
                pid = pid * 10 + (buffer[i] - '0');
            } else if (pid > 0) {
                (void)kill(pid, signal);
                count++;
                pid = 0;
            }
        }
    }
}

struct visit {
    int signal;
    int depth;
};

static int signal_tree(const char *dir, const char *name, void *data)
{
    struct visit *visit = data;
    (void)name;
    if (visit->depth >= DEPTH_MAX)
        return 0;
    int count = signal_listed(dir, "cgroup.procs", visit->signal);
    struct visit below = {visit->signal, visit->depth + 1};
    return (count > 0 ? count : 0) + each_child(dir, signal_tree, &below);
}

static int set_freezer(const char *dir, const char *state)
{
    struct err e = {0};
    char path[PATH_MAX];
    return join_path(path, sizeof path, dir, "freezer.state") ? write_file(path, state, &e) : -ENAMETOOLONG;
}

/* Reading the state is what makes a v1 freezer look whether all tasks stand still by now. Bounded: a task in
 * an uninterruptible call may never freeze, and the caller comes again until the cgroup is empty. */
static void await_frozen(const char *dir)
{
    char path[PATH_MAX];
    char state[16] = "";
    if (!join_path(path, sizeof path, dir, "freezer.state"))
        return;
    for (int i = 0; i < FREEZE_TRIES; i++) {
        if (read_file(path, state, sizeof state) <= 0 || strncmp(state, "FROZEN", 6) == 0)
            return;
        (void)sched_yield();
    }
}

int cgroup_signal(uint32_t version, const char *dir, int signal)
{
    struct err e = {0};
    char path[PATH_MAX];
    struct visit top = {signal, 0};
    if (version == 2 && signal == SIGKILL) {
        int count = signal_tree(dir, "", &(struct visit){0, 0});
        if (count > 0 && join_path(path, sizeof path, dir, "cgroup.kill") && write_file(path, "1", &e) == 0)
            return count;
    }
    if (version == 1 && signal == SIGKILL) {
        if (signal_tree(dir, "", &(struct visit){0, 0}) == 0)
            return 0;
        (void)set_freezer(dir, "FROZEN");
        await_frozen(dir);
        int count = signal_tree(dir, "", &top);
        (void)set_freezer(dir, "THAWED");
        return count;
    }
    return signal_tree(dir, "", &top);
}

bool cgroup_join_file(uint32_t version, const char *dir, char *buffer, size_t size)
{
    return join_path(buffer, size, dir, version == 1 ? "tasks" : "cgroup.procs");
}

bool cgroup_exec_dir(const char *parent, uint32_t number, char *buffer, size_t size)
{
    struct text t = text_in(buffer, size);
    text_str(&t, parent);
    text_str(&t, "/exec-");
    text_u64(&t, number);
    return !t.cut;
}

static int remove_exec(const char *path, const char *name, void *data)
{
    (void)data;
    if (strncmp(name, "exec-", 5) != 0)
        return 0;
    return rmdir(path) < 0 && errno != ENOENT ? 1 : 0;
}

int cgroup_sweep(const char *parent)
{
    return each_child(parent, remove_exec, NULL);
}

bool cgroup_counter(const char *path, const char *key, uint64_t *ret_count)
{
    char buffer[COUNTERS_MAX];
    size_t length = strlen(key);
    if (read_file(path, buffer, sizeof buffer) < 0)
        return false;
    *ret_count = 0;
    for (const char *line = buffer; line && *line;) {
        if (strncmp(line, key, length) == 0 && line[length] == ' ') {
            *ret_count = parse_u64(line + length + 1);
            return true;
        }
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return true;
}

bool cgroup_above(const char *file, char *buffer, size_t size)
{
    const char *name = strrchr(file, '/');
    size_t end = name ? (size_t)(name - file) : 0;
    while (end > 0 && file[end - 1] != '/')
        end--;
    if (end < 2 || end + strlen(name) > size)
        return false;
    memcpy(buffer, file, end - 1);
    memcpy(buffer + end - 1, name, strlen(name) + 1);
    return true;
}
