/* pause: first process of a pod sandbox of other runtimes: reaps children, leaves on SIGINT and SIGTERM. */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static void quit(int sig)
{
    (void)sig;
    _exit(0);
}

static void reap(int sig)
{
    (void)sig;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

int main(void)
{
    struct sigaction on_quit = {.sa_handler = quit};
    struct sigaction on_child = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
    (void)sigaction(SIGINT, &on_quit, NULL);
    (void)sigaction(SIGTERM, &on_quit, NULL);
    (void)sigaction(SIGCHLD, &on_child, NULL);
    for (;;)
        (void)pause();
}
