"""Attached clients: the container's own output, input and terminal."""
import errno
import os
import struct
import time

from tests_run import memory_kib, until
from tests_start import started
from world import *

DETACHED = 1


class Attached(Client):
    """A client that keeps what it was told."""

    def __init__(self, box, flags=ATTACH_OUT | ATTACH_ERR, timeout=10):
        super().__init__(box.socket, timeout)
        self.out, self.err, self.dropped, self.ended = b"", b"", 0, None
        kind, payload = self.ask(ATTACH, u32(flags))
        assert kind == ATTACHED, (kind, payload)
        self.pid, self.flags = struct.unpack("<II", payload)

    def take(self):
        kind, payload = self.receive()
        if kind == STDOUT:
            self.out += payload
        elif kind == STDERR:
            self.err += payload
        elif kind == DROPPED:
            self.dropped += struct.unpack("<Q", payload)[0]
        elif kind == ENDED:
            self.ended = struct.unpack("<II", payload)
        else:
            raise AssertionError(f"unexpected frame {kind:#x} {payload!r}")

    def take_until(self, condition):
        while not condition(self):
            self.take()
        return self

    def take_all(self):
        return self.take_until(lambda c: c.ended)


def refused(client, flags):
    kind, payload = client.ask(ATTACH, u32(flags))
    assert kind == ERROR, (kind, payload)
    r = Reader(payload)
    return r.take("I"), r.text()


def test_attached_client_gets_what_it_asked_for_and_then_the_end(world):
    box = world.box()
    shim = started(box, "sh", "-c", "read go; echo out; echo err >&2; exit 7", settings=box.settings(stdio=2))
    both, only_out, only_err = Attached(box), Attached(box, ATTACH_OUT), Attached(box, ATTACH_ERR)
    assert both.pid == shim.started["pid"] and both.flags == 12, both.flags
    box.client().send(STDIN, b"go\n")
    for client, out, err in ((both, b"out\n", b"err\n"), (only_out, b"out\n", b""), (only_err, b"", b"err\n")):
        client.take_all()
        assert (client.out, client.err, client.ended) == (out, err, (7, 0)), (client.out, client.err, client.ended)
    assert box.ended()["exit_code"] == 7
    assert box.output() == ["out"] and box.output("stderr") == ["err"]


def test_attach_gets_only_what_comes_after_it(world):
    box = world.box()
    started(box, "sh", "-c", "echo before; read go; echo after", settings=box.settings(stdio=2))
    until(lambda: box.output() == ["before"], "logged")
    client = Attached(box, ATTACH_IN | ATTACH_OUT)
    client.send(STDIN, b"go\n")
    assert client.take_all().out == b"after\n"


def test_attach_is_refused_with_a_reason(world):
    box = world.box()
    started(box, "sleep", "100")
    client = box.client()
    assert refused(client, 0) == (errno.EINVAL, "ATTACH: no stream, or an unknown flag")
    assert refused(client, 16)[0] == errno.EINVAL
    assert client.ask(ATTACH, u32(4))[0] == ATTACHED
    assert refused(client, 4) == (errno.EBUSY, "ATTACH: one exec or attach a connection")
    kind, payload = client.start_exec(box.exec_steps("true"))
    assert kind == ERROR and Reader(payload).take("I") == errno.EBUSY
    crowd = [Attached(box) for _ in range(32)]
    assert refused(box.client(), 4) == (errno.EAGAIN, "ATTACH: too many clients are attached")
    crowd.pop().close()
    until(lambda: box.client().ask(ATTACH, u32(4))[0] == ATTACHED, "room again")


def test_attach_without_a_stdin_says_so_and_drops_input(world):
    box = world.box()
    started(box, "sh", "-c", "cat; echo end; sleep 0.3")
    client = Attached(box, ATTACH_IN | ATTACH_OUT)
    assert client.flags == ATTACH_OUT
    client.send(STDIN, b"lost")
    client.send(STDIN)
    assert client.take_all().ended == (0, 0)


def test_stdin_stays_open_when_a_client_detaches(world):
    box = world.box()
    started(box, "cat", settings=box.settings(stdio=2))
    for word in (b"one\n", b"two\n"):
        client = Attached(box, ATTACH_IN | ATTACH_OUT)
        client.send(STDIN, word)
        client.take_until(lambda c: c.out == word)
        client.send(STDIN)
        assert client.take_all().ended == (0, DETACHED)
        client.close()
    assert box.client().ask(STATUS)[0] == TOLD_STATUS
    assert box.output() == ["one", "two"]


def test_what_came_before_the_end_of_stdin_is_told_before_detached(world):
    box = world.box()
    started(box, "sh", "-c", "read go; seq 1 5000; sleep 100", settings=box.settings(stdio=2))
    client = Attached(box, ATTACH_IN | ATTACH_OUT)
    client.send(STDIN, b"go\n")
    until(lambda: box.output()[-1:] == ["5000"], "said")
    client.send(STDIN)
    assert client.take_all().out.endswith(b"\n5000\n") and client.dropped == 0


def test_stdin_once_ends_with_the_first_client_of_it(world):
    for end_of_stdin in (True, False):
        box = world.box()
        started(box, "sh", "-c", "cat; echo eof; sleep 0.2", settings=box.settings(stdio=6))
        watcher = Attached(box, ATTACH_OUT)
        watcher.close()
        other = Attached(box, ATTACH_OUT)
        client = Attached(box, ATTACH_IN | ATTACH_OUT)
        client.send(STDIN, b"word\n")
        client.take_until(lambda c: c.out == b"word\n")
        if end_of_stdin:
            client.send(STDIN)
            assert client.take_all().out == b"word\neof\n", client.out
        else:
            client.close()
        assert other.take_all().out == b"word\neof\n", other.out
        box.ended()


def test_terminal_is_attached_again_and_drawn_anew(world):
    """Also with stdinOnce: a terminal has no end of file to give."""
    box = world.box()
    steps = box.rootfs() + [("TERMINAL", 24, 80, 0)]
    script = "trap 'stty size' WINCH; stty -echo; echo ready; while :; do read x && echo got $x; done"
    started(box, "sh", "-c", script, steps=steps, settings=box.settings(stdio=7))
    until(lambda: "ready\r" in box.output(), "ready")
    for rows, cols in ((50, 132), (50, 132), (24, 80)):
        client = Attached(box, ATTACH_IN | ATTACH_OUT)
        client.send(RESIZE, u32(rows) + u32(cols))
        client.take_until(lambda c: b"%d %d\r\n" % (rows, cols) in c.out)
        client.send(STDIN, b"word\n")
        client.take_until(lambda c: b"got word\r\n" in c.out)
        client.send(STDIN)
        assert client.take_all().ended == (0, DETACHED)
        client.close()


def flood(world, lines=400000):
    """A container that writes about 100 MB when told to."""
    box = world.box()
    words = "0123456789" * 25
    script = f"read go; i=0; while test $i -lt {lines // 1000}; do i=$((i+1)); cat /tmp/block; done; exit 3"
    os.makedirs(f"{box.path}/upper/tmp")
    with open(f"{box.path}/upper/tmp/block", "w") as f:
        f.write((words + "\n") * 1000)
    shim = started(box, "sh", "-c", script, settings=box.settings(stdio=2))
    return box, shim, lines * (len(words) + 1)


def test_client_that_does_not_read_costs_no_line_and_no_memory(world):
    """Not for a sanitized build."""
    box, shim, size = flood(world)
    dead = [Attached(box, timeout=30) for _ in range(31)]
    live = Attached(box, timeout=60)
    box.client().send(STDIN, b"go\n")
    received, peak = 0, 0
    while not live.ended:
        live.take()
        received += len(live.out)
        live.out = b""
        if received % 64 == 0 or not peak:
            peak = max(peak, memory_kib(shim.process.pid))
    begin = time.monotonic()
    assert box.ended()["lost_lines"] == 0
    assert shim.wait(10) == 0 and time.monotonic() - begin < 5
    assert sum(1 for _ in open(box.log, "rb")) == 400000
    assert received + live.dropped == size, (received, live.dropped)
    assert live.ended == (3, 0)
    print(f"# resident {peak} KiB with 32 attached, 31 of them not reading; the reader missed {live.dropped} of {size} bytes")
    assert peak < 500, peak
    told = 0
    for client in dead:
        try:
            client.take_all()
        except (EOFError, OSError):
            pass
        assert len(client.out) > 100000, "a burst waits in the socket"
        assert b"\n".join(client.out.split(b"\n")[:10]) == b"\n".join([b"0123456789" * 25] * 10)
        told += client.ended == (3, 0)
    assert told == 0, "who never reads is not waited for"


def test_client_that_reads_late_is_told_how_much_it_missed(world):
    box, shim, size = flood(world, 40000)
    late = Attached(box, timeout=30)
    held = Attached(box, ATTACH_IN | ATTACH_OUT, timeout=30)
    held.send(STDIN, b"go\n")
    until(lambda: os.path.getsize(box.log) > size / 2, "half of it is in the log", 30)
    late.take_all()
    assert late.ended == (3, 0) and late.dropped > 0, (late.ended, late.dropped)
    assert len(late.out) + late.dropped == size, (len(late.out), late.dropped)


def test_a_burst_at_the_very_end_reaches_a_client_that_reads(world):
    box = world.box()
    started(box, "sh", "-c", "read go; cat /bin/busybox | head -c 400000", settings=box.settings(stdio=2))
    client = Attached(box)
    box.client().send(STDIN, b"go\n")
    assert client.take_all().dropped == 0
    with open("/bin/busybox", "rb") as f:
        assert client.out == f.read(400000)


def test_input_gets_through_a_flood_that_nobody_reads(world):
    """The ^C of one whose terminal is flooded."""
    box = world.box()
    steps = box.rootfs() + [("TERMINAL", 24, 80, 0)]
    started(box, "sh", "-c", "trap 'exit 9' INT; yes", steps=steps, settings=box.settings(stdio=3))
    client = Attached(box, ATTACH_IN | ATTACH_OUT)
    until(lambda: os.path.getsize(box.log) > 20_000_000, "flooded", 30)
    client.send(STDIN, b"\x03")
    assert box.ended()["exit_code"] == 9


def test_clients_that_come_and_go_leave_the_container_alone(world):
    box = world.box()
    started(box, "sh", "-c", "i=0; while test $i -lt 3000; do i=$((i+1)); echo $i; done; sleep 0.1")
    count = 0
    while box.shim.process.poll() is None:
        try:
            client = Attached(box, ATTACH_IN | ATTACH_OUT)
            client.close()
            count += 1
        except (OSError, EOFError, AssertionError):
            break
    box.ended()
    assert count > 5 and box.output() == [str(i) for i in range(1, 3001)], count
