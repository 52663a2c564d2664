/* onggi-shim: stands between clone and exec, and afterwards beside the container until it ends. */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "creds.h"
#include "kernel.h"
#include "shim.h"
#include "steps.h"

#ifndef ONGGI_VERSION
#define ONGGI_VERSION "0.1.0"
#endif

static const char version_line[] = "onggi-shim " ONGGI_VERSION " protocol 1\n";
static const char usage_line[] = "usage: onggi-shim run|probe PLANFILE 3>REPORT | hold 3<PIPE | --version\n";

enum { EXIT_USAGE = 64, LAST_SIGNAL = 64 };

/* The kernel's struct sigaction: libc's own call refuses the signals that it keeps for itself (32 to 34). */
struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/* Ignored signals would stay ignored in the container: whoever started the shim may have left some. */
static void reset_signals(void)
{
    uint64_t all = UINT64_MAX;
    struct kernel_action now = {0}, fresh = {0};
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        if (syscall(SYS_rt_sigaction, signal, NULL, &now, sizeof now.mask) == 0 && now.handler == SIG_IGN)
            (void)syscall(SYS_rt_sigaction, signal, &fresh, NULL, sizeof fresh.mask);
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
}

/* Descriptors 0-2 must be taken, or the next file opened would become the container's stdin. */
static bool fill_stdio(void)
{
    int fd = 0;
    while (fd >= 0 && fd < REPORT_FD)
        fd = fcntl(fd, F_GETFD) >= 0 ? fd + 1 : open("/dev/null", O_RDWR);
    return fd >= 0;
}

/* A host's descriptor that stays open here could end up in the container, so failing to close them is the
 * end. */
static int become_shim(struct err *e)
{
    if (sys_close_range(REPORT_FD + 1, ~0u, 0) < 0)
        return fail(e, errno, "close_range", NULL);
    (void)setsid();
    reset_signals();
    (void)umask(0);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    return 0;
}

static int map_plan(struct shim *shim, const char *path, enum plan_use use, struct err *e)
{
    struct stat st = {0};
    cleanup_fd fd = (int)RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (fd < 0)
        return fail(e, errno, "open", path);
    if (fstat(fd, &st) < 0)
        return fail(e, errno, "stat", path);
    if (st.st_size <= 0 || st.st_size > PLAN_MAX)
        return fail_detail(e, EPROTO, "decode", path, "wrong length");
    void *data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return fail(e, errno, "mmap", path);
    shim->plan_data = data;
    shim->plan_length = (size_t)st.st_size;
    int result = plan_decode(shim->plan_data, shim->plan_length, use, &shim->plan, &shim->failed_index, e);
    if (result < 0)
        e->object = path;
    return result;
}

static char *text_setting(const struct plan *plan, enum opcode code)
{
    const struct op *op = plan_setting(plan, code);
    return op && *op->text ? strdup(op->text) : NULL;
}

static char *copy(const char *text)
{
    return *text ? strdup(text) : NULL;
}

static void take_cgroup(const struct plan *plan, enum opcode code, char **ret_dir, uint32_t *ret_version)
{
    const struct op *op = plan_setting(plan, code);
    if (!op)
        return;
    *ret_dir = copy(op->cgroup.dir);
    *ret_version = op->cgroup.version;
}

/* The plan is unmapped once the container runs, so what is needed later is copied now, once. */
static void take_settings(struct settings *set, const struct plan *plan)
{
    const struct op *log = plan_setting(plan, OP_LOG), *stdio = plan_setting(plan, OP_STDIO);
    const struct op *clone = plan_setting(plan, OP_CLONE), *oom = plan_setting(plan, OP_OOM_COUNTER);
    const struct op *timeout = plan_setting(plan, OP_START_TIMEOUT);
    set->socket = text_setting(plan, OP_SOCKET);
    set->record = text_setting(plan, OP_EXIT_RECORD);
    set->peak = text_setting(plan, OP_MEMORY_PEAK);
    set->pid_ns = text_setting(plan, OP_PID_NS);
    set->log = log ? copy(log->log.path) : NULL;
    set->max_line = log ? log->log.max_line : PLAN_LINE_MAX;
    set->stdio = stdio ? stdio->word : 0;
    set->clone_flags = clone ? clone->clone.flags : 0;
    set->clone_cgroup = clone ? copy(clone->clone.cgroup) : NULL;
    set->oom_path = oom ? copy(oom->pair.first) : NULL;
    set->oom_key = oom ? strdup(oom->pair.second) : NULL;
    char above[PATH_MAX];
    if (set->oom_path && cgroup_above(set->oom_path, above, sizeof above))
        (void)cgroup_counter(above, set->oom_key, &set->oom_above);
    set->start_timeout_ns = timeout ? timeout->number : 0;
    take_cgroup(plan, OP_EXEC_CGROUP, &set->exec_dir, &set->exec_version);
    take_cgroup(plan, OP_KILL_CGROUP, &set->kill_dir, &set->kill_version);
}

static int start(struct shim *shim, const char *plan_path, const char **ret_step, struct err *e)
{
    struct err ignored = {0};
    *ret_step = "start";
    int result = become_shim(e);
    if (result < 0)
        return result;
    *ret_step = "plan";
    result = map_plan(shim, plan_path, PLAN_RUN, e);
    if (result < 0)
        return result;
    take_settings(&shim->set, &shim->plan);
    const struct op *score = plan_setting(&shim->plan, OP_SHIM_OOM_SCORE);
    if (score)
        (void)creds_oom_score(score->score, &ignored);
    *ret_step = "LOG";
    result = log_open(&shim->log, shim->set.log ? shim->set.log : "", shim->set.max_line, e);
    *ret_step = result < 0 ? "LOG" : "SOCKET";
    if (result == 0)
        result = loop_open(shim, e);
    if (result == 0)
        result = control_open(shim, e);
    if (result < 0)
        return result;
    *ret_step = "start";
    return supervise_start(shim, e);
}

static void shim_init(struct shim *shim)
{
    struct handler *single[] = {&shim->signals, &shim->listener,  &shim->timer,    &shim->channel,
                                &shim->input,   &shim->output[0], &shim->output[1]};
    shim->epoch_us = monotonic_us();
    shim->epoll = shim->pidfd = shim->terminal = shim->log.fd = -1;
    shim->failed_index = PLAN_OUTSIDE;
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        single[i]->fd = -1;
}

static int run(struct shim *shim, const char *plan_path)
{
    struct err e = {0};
    const char *step = NULL;
    shim_init(shim);
    if (start(shim, plan_path, &step, &e) < 0) {
        if (shim->failed_index != PLAN_OUTSIDE && shim->plan_data)
            step = "plan";
        shim->failure_length =
            launch_failure(shim->failure, sizeof shim->failure, shim->failed_index, step, &e);
        supervise(shim, EVENT_FAILED);
    }
    loop_run(shim);
    return shim->exit_status;
}

static int probe_steps(struct shim *shim, const char *plan_path, const char **ret_step, struct err *e)
{
    const struct launch spec = {.plan = &shim->plan, .container = -1};
    struct steps steps;
    *ret_step = "start";
    int result = become_shim(e);
    if (result < 0)
        return result;
    *ret_step = "plan";
    result = map_plan(shim, plan_path, PLAN_PROBE, e);
    if (result < 0)
        return result;
    steps_init(&steps, &spec, -1);
    result = steps_run(&steps, &shim->failed_index, e);
    if (result < 0)
        *ret_step = op_name(&shim->plan, (uint32_t)shim->failed_index);
    return result;
}

/* Does its steps itself and leaves: what hangs in them hangs nobody else. */
static int probe(struct shim *shim, const char *plan_path)
{
    struct err e = {0};
    const char *step = NULL;
    shim_init(shim);
    if (probe_steps(shim, plan_path, &step, &e) < 0) {
        report_failed(shim->failure,
                      launch_failure(shim->failure, sizeof shim->failure, shim->failed_index, step, &e));
        return EXIT_FAILURE;
    }
    report_probed();
    return EXIT_SUCCESS;
}

/* Does nothing until the pipe's other end is closed, by hand or by its owner's death. */
static int hold(void)
{
    char byte;
    while (RETRY(read(REPORT_FD, &byte, 1)) > 0)
        ;
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static struct shim shim; /* zeroed pages that are not touched cost nothing */
    bool reportable = fill_stdio() && fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) == 0;
    if (argc == 3 && strcmp(argv[1], "run") == 0 && reportable)
        return run(&shim, argv[2]);
    if (argc == 3 && strcmp(argv[1], "probe") == 0 && reportable)
        return probe(&shim, argv[2]);
    if (argc == 2 && strcmp(argv[1], "hold") == 0 && reportable)
        return hold();
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return write_all(STDOUT_FILENO, version_line, sizeof version_line - 1) < 0;
    (void)write_all(STDERR_FILENO, usage_line, sizeof usage_line - 1);
    return EXIT_USAGE;
}
