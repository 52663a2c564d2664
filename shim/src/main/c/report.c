/* The report pipe: one frame about the start, then it is closed. */
#include <sys/mman.h>
#include <unistd.h>

#include "shim.h"

enum { REPORT_STARTED = 0x01, REPORT_FAILED = 0x02, REPORT_PROBED = 0x03, STARTED_FIXED = 24 };

static void put_header(uint8_t *at, size_t length, uint16_t type)
{
    put_u32(at, (uint32_t)length);
    put_u16(at + 4, type);
    put_u16(at + 6, 0);
}

/* The frame is as long as the plan has entries, so it is built in a mapping of its own. */
void report_started(struct shim *shim)
{
    size_t length = STARTED_FIXED + 8 * (size_t)shim->plan.count;
    uint8_t *frame =
        mmap(NULL, FRAME_HEADER + length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (frame != MAP_FAILED) {
        uint8_t *at = frame + FRAME_HEADER;
        put_header(frame, length, REPORT_STARTED);
        put_u32(at, (uint32_t)shim->pid);
        put_u64(at + 4, shim->start_time);
        put_u64(at + 12, shim->started_ns);
        put_u32(at + 20, shim->plan.count);
        for (uint32_t i = 0; i < shim->plan.count; i++) {
            put_u32(at + STARTED_FIXED + 8 * (size_t)i, shim->timeline->entry[i].begin_us);
            put_u32(at + STARTED_FIXED + 4 + 8 * (size_t)i, shim->timeline->entry[i].length_us);
        }
        (void)write_all(REPORT_FD, frame, FRAME_HEADER + length);
        (void)munmap(frame, FRAME_HEADER + length);
    }
    (void)close(REPORT_FD);
}

void report_failed(const uint8_t *payload, size_t length)
{
    uint8_t header[FRAME_HEADER];
    put_header(header, length, REPORT_FAILED);
    if (write_all(REPORT_FD, header, sizeof header) == 0)
        (void)write_all(REPORT_FD, payload, length);
    (void)close(REPORT_FD);
}

void report_probed(void)
{
    uint8_t header[FRAME_HEADER];
    put_header(header, 0, REPORT_PROBED);
    (void)write_all(REPORT_FD, header, sizeof header);
}
