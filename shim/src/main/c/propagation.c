/* How mounts propagate, read from /proc/self/mountinfo (Documentation/filesystems/proc.rst, 3.5). */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mounts.h"

enum { TOKEN_MAX = 24, CHUNK = 4096, FDINFO_MAX = 512, OPTIONAL_FIELDS = 6 };

/* Where the walk over mountinfo stands; lines are longer than any buffer, so it goes byte by byte. */
struct walk {
    char token[TOKEN_MAX]; /* begin of the field */
    size_t length;
    int field;
    bool mine, ended;      /* this line is the mount's; its optional fields are over */
    bool shared, receives; /* what the mount's line said */
    uint64_t id;
};

static void end_field(struct walk *w)
{
    w->token[w->length] = 0;
    if (w->field == 0)
        w->mine = parse_u64(w->token) == w->id;
    else if (w->mine && w->field >= OPTIONAL_FIELDS && !w->ended) {
        w->ended = strcmp(w->token, "-") == 0;
        w->shared |= strncmp(w->token, "shared:", 7) == 0;
        w->receives |= strncmp(w->token, "master:", 7) == 0;
    }
    w->field++;
    w->length = 0;
}

static void take(struct walk *w, char c)
{
    if (c == ' ' || c == '\n')
        end_field(w);
    else if (w->length < TOKEN_MAX - 1)
        w->token[w->length++] = c;
    if (c == '\n') {
        w->field = 0;
        w->ended = false;
    }
}

static int find_mount(struct walk *w, struct err *e)
{
    char chunk[CHUNK];
    cleanup_fd file = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : 0;
    while (file >= 0 && (length = RETRY(read(file, chunk, sizeof chunk))) > 0)
        for (ssize_t i = 0; i < length; i++)
            take(w, chunk[i]);
    return length < 0 ? fail(e, errno, "read", "/proc/self/mountinfo") : 0;
}

/* The mount that an open file lies on, as mountinfo numbers it. */
static int mount_id(int fd, uint64_t *ret_id, struct err *e)
{
    static const char key[] = "mnt_id:\t";
    char path[64] = "";
    char info[FDINFO_MAX] = "";
    struct text t = text_in(path, sizeof path);
    text_str(&t, "/proc/self/fdinfo/");
    text_i64(&t, fd);
    ssize_t length = read_file(path, info, sizeof info);
    const char *found = length < 0 ? NULL : strstr(info, key);
    if (!found)
        return fail(e, length < 0 ? (int)-length : EPROTO, "read", "/proc/self/fdinfo");
    *ret_id = parse_u64(found + sizeof key - 1);
    return 0;
}

int mounts_need_propagation(uint32_t kind, const char *path, struct err *e)
{
    struct walk walk = {0};
    cleanup_fd fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return fail(e, errno, "open", path);
    int result = mount_id(fd, &walk.id, e);
    if (result == 0)
        result = find_mount(&walk, e);
    if (result < 0 || walk.shared || (kind == NEED_SHARED_OR_SLAVE && walk.receives))
        return result;
    return fail_detail(e, EINVAL, "propagation", path,
                       kind == NEED_SHARED ? "the mount it lies on is not shared"
                                           : "the mount it lies on is neither shared nor a slave");
}
