#include "init.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"

/* Signals stay blocked and are taken one by one; those of children mean that there is something to reap. */
_Noreturn void init_main(void)
{
    sigset_t all;
    memset(&all, 0xff, sizeof all); /* sigfillset leaves out 32 to 34, which libc keeps for itself */
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, K_SIGSET_SIZE);
    (void)prctl(PR_SET_NAME, "onggi-init", 0, 0, 0);
    (void)sys_close_range(3, ~0u, 0);
    for (;;) {
        int signal = sigwaitinfo(&all, NULL);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (signal == SIGTERM || signal == SIGINT)
            _exit(0);
    }
}
