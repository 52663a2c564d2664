#include "terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "kernel.h"
#include "mounts.h"
#include "root.h"

/* asm-generic/ioctls.h, the same number on x86_64 and aarch64: the slave by descriptor, whatever /dev/pts
 * looks like. */
#define K_TIOCGPTPEER 0x5441

int terminal_resize(int master, uint32_t rows, uint32_t cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    return ioctl(master, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

bool terminal_has_size(int master, uint32_t rows, uint32_t cols)
{
    struct winsize size = {0};
    return ioctl(master, TIOCGWINSZ, &size) == 0 && size.ws_row == rows && size.ws_col == cols;
}

static int bind_console(int root, int slave, struct err *e)
{
    cleanup_fd mount = sys_open_tree(slave, "", K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | K_AT_EMPTY_PATH);
    if (mount < 0)
        return fail(e, errno, "open_tree", "/dev/pts");
    cleanup_fd target = root_target(root, "/dev/console", false, 0600, false, e);
    return target < 0 ? target : mounts_attach(mount, target, "/dev/console", e);
}

static int make_controlling(int slave, struct err *e)
{
    if (ioctl(slave, TIOCSCTTY, 0) < 0)
        return fail(e, errno, "ioctl TIOCSCTTY", "/dev/ptmx");
    for (int fd = 0; fd <= 2; fd++)
        if (dup2(slave, fd) < 0)
            return fail(e, errno, "dup2", "/dev/ptmx");
    return 0;
}

int terminal_open(int root, const struct op *op, struct err *e)
{
    int unlock = 0;
    cleanup_fd master = root_open(root, "/dev/ptmx", O_RDWR | O_NOCTTY);
    if (master < 0)
        return fail(e, -master, "open", "/dev/ptmx");
    if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
        return fail(e, errno, "ioctl TIOCSPTLCK", "/dev/ptmx");
    cleanup_fd slave = ioctl(master, K_TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return fail(e, errno, "ioctl TIOCGPTPEER", "/dev/ptmx");
    int result = terminal_resize(master, op->terminal.rows, op->terminal.cols);
    if (result < 0)
        return fail(e, -result, "ioctl TIOCSWINSZ", "/dev/ptmx");
    if (op->terminal.flags & TERMINAL_CONSOLE)
        result = bind_console(root, slave, e);
    if (result == 0)
        result = make_controlling(slave, e);
    return result < 0 ? result : steal_fd(&master);
}
