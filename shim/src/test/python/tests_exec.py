"""Execs over the control socket."""
import errno
import os
import struct
import subprocess
import time

from tests_run import memory_kib, until
from tests_start import started
from world import *


def running(world, **options):
    box = world.box(**options)
    started(box, "sleep", "1000")
    return box


def sub_cgroups(box):
    return [d for d in os.listdir(box.cgroups[0]) if d.startswith("exec-")]


def test_exec_gives_output_and_exit_code(world):
    box = running(world)
    out, err, code, flags = box.execute("sh", "-c", "echo out; echo err >&2; hostname; exit 4")
    assert (out, err, code, flags) == (b"out\nred\n", b"err\n", 4, 0), (out, err, code, flags)
    assert sub_cgroups(box) == []


def test_exec_is_in_the_container(world):
    box = running(world)
    out = box.execute("sh", "-c", "ps | wc -l; cat /etc/image; echo $$; cat /proc/self/cgroup")[0].decode().split("\n")
    assert int(out[0]) <= 6 and out[1] == "from the image" and int(out[2]) > 1, out
    assert [l for l in out if ":freezer:" in l and "/exec-" in l], out


def test_exec_has_only_stdio_open(world):
    box = world.box()
    os.makedirs(f"{box.path}/upper/bin")
    subprocess.run(["cp", world.probe, f"{box.path}/upper/bin/probe"], check=True)
    started(box, "sleep", "1000")
    others = [box.client() for _ in range(3)]
    assert box.execute("probe", "fds")[0] == b"0 1 2 \n"
    del others


def test_exec_that_is_not_there_is_told(world):
    box = running(world)
    client = box.client()
    kind, payload = client.start_exec(box.exec_steps("nope"))
    failed = parse_failed(payload)
    assert kind == FAILED and (failed["step"], failed["errno"], failed["object"]) == ("EXEC", errno.ENOENT, "nope"), failed
    assert failed["index"] == len(box.exec_steps("nope")) - 1
    until(lambda: sub_cgroups(box) == [], "sub-cgroup removed")
    kind, payload = box.client().start_exec([("STDIO", 0), *box.exec_steps("true")])
    assert kind == FAILED and parse_failed(payload)["detail"] == "decode: setting in an exec plan"


def test_exec_timeout_kills_the_whole_tree(world):
    box = running(world)
    begin = time.monotonic()
    out, _, code, flags = box.execute("sh", "-c", "echo begin; setsid sleep 50 & (sleep 50 & sleep 50) & wait",
                                      timeout_ns=300_000_000)
    took = time.monotonic() - begin
    assert (out, code, flags) == (b"begin\n", 137, 1), (out, code, flags)
    assert 0.3 <= took < 1.0, took
    until(lambda: b"sleep 50" not in box.execute("ps")[0], "the tree is dead")
    assert box.client().ask(STATUS)[0] == TOLD_STATUS


def test_exec_timeout_kills_a_storm_of_forks(world):
    box = running(world)
    _, _, code, flags = box.execute("sh", "-c", "while :; do setsid sleep 70 & done", timeout_ns=150_000_000)
    assert (code, flags) == (137, 1), (code, flags)
    until(lambda: sub_cgroups(box) == [], "sub-cgroup removed")
    assert b"sleep 70" not in box.execute("ps")[0]


def test_exec_that_hangs_before_its_exec_times_out(world):
    box = running(world)
    os.mkfifo(f"{box.path}/fifo")
    client = box.client()
    kind, payload = client.start_exec([("JOIN_CGROUP", f"{box.path}/fifo"), *box.exec_steps("true")],
                                      timeout_ns=100_000_000)
    assert kind == FAILED and parse_failed(payload)["errno"] == errno.ETIMEDOUT, payload
    until(lambda: sub_cgroups(box) == [], "sub-cgroup removed")


def test_container_cannot_look_through_an_exec_that_begins(world):
    """Before it has joined, an exec's process still has the host's root: /proc/PID must not lead there."""
    box = running(world)
    os.mkfifo(f"{box.path}/fifo")
    client = box.client()
    client.send(EXEC, u32(12) + u64(0) + u64(0) + blob(plan([("JOIN_CGROUP", f"{box.path}/fifo"), *box.exec_steps("true")])))
    until(lambda: sub_cgroups(box) != [], "the exec has begun")
    script = "n=0; for p in /proc/[0-9]*; do grep -q 'Name:.*onggi' $p/status || continue; n=$((n+1)); " \
             "ls $p/root/ && echo seen; for l in exe cwd root fd/0 fd/5; do readlink $p/$l && echo seen; done; done; echo $n"
    until(lambda: box.execute("sh", "-c", script)[0] == b"1\n", "found, and nothing of it seen")
    client.close()
    until(lambda: sub_cgroups(box) == [], "sub-cgroup removed")


def test_grandchild_that_holds_stdout_delays_nothing(world):
    box = running(world)
    begin = time.monotonic()
    out, _, code, _ = box.execute("sh", "-c", "setsid sleep 2 & echo done")
    assert (out, code) == (b"done\n", 0) and time.monotonic() - begin < 0.5
    assert len(sub_cgroups(box)) == 1, "the daemon lives on in its sub-cgroup"
    until(lambda: b"sleep 2" not in box.execute("ps")[0] and sub_cgroups(box) == [], "left-over sub-cgroup removed")


def test_client_that_goes_away_ends_its_exec(world):
    box = running(world)
    client = box.client()
    kind, payload = client.start_exec(box.exec_steps("sh", "-c", "setsid sleep 60 & sleep 60"))
    pid = struct.unpack("<I", payload)[0]
    assert kind == EXEC_STARTED and os.path.exists(f"/proc/{pid}")
    until(lambda: b"sleep 60" in box.execute("ps")[0], "started")
    client.close()
    until(lambda: not os.path.exists(f"/proc/{pid}"), "killed and reaped")
    until(lambda: b"sleep 60" not in box.execute("ps")[0] and sub_cgroups(box) == [], "all of it killed")


def test_exec_stdin_is_fed_and_closed(world):
    box = running(world)
    client = box.client()
    assert client.start_exec(box.exec_steps("wc", "-c"), flags=14)[0] == EXEC_STARTED
    for _ in range(4):
        client.send(STDIN, b"y" * 200_000)
    client.send(STDIN, b"")
    out, _, code, _ = client.finish_exec()
    assert (out.strip(), code) == (b"800000", 0), out


def test_exec_terminal_with_resize(world):
    box = running(world)
    client = box.client()
    steps = box.exec_steps("sh", "-c", "tty; stty size; read x; stty size; exit 6", tail=[("TERMINAL", 10, 20, 0)])
    assert client.start_exec(steps, flags=7)[0] == EXEC_STARTED
    out = b""
    while b"10 20" not in out:
        out += client.receive()[1]
    client.send(RESIZE, u32(33) + u32(44))
    client.send(STDIN, b"go\n")
    rest, _, code, _ = client.finish_exec()
    assert b"/dev/pts/" in out and b"33 44" in rest and code == 6, (out, rest)


def test_descriptors_handed_over_are_the_process_own_pipes(world):
    box = running(world)
    client = box.client()
    kind, _, (stdin, stdout, stderr) = client.start_exec_with_descriptors(
        box.exec_steps("sh", "-c", "cat; echo e >&2; exit 7"), flags=14)
    assert kind == EXEC_STARTED
    os.write(stdin, b"over the pipe")
    os.close(stdin)  # ours is the only one: the process sees the end
    assert client.finish_exec() == (b"", b"", 7, 0)
    assert os.read(stdout, 100) == b"over the pipe" and os.read(stdout, 100) == b""
    assert os.read(stderr, 100) == b"e\n" and os.read(stderr, 100) == b""
    os.close(stdout)
    os.close(stderr)
    until(lambda: sub_cgroups(box) == [], "sub-cgroup removed")


def test_descriptors_handed_over_hold_no_answer_up_and_no_memory(world):
    """Not for a sanitized build."""
    box = world.box()
    shim = started(box, "sleep", "1000")
    client = box.client()
    begin = time.monotonic()
    _, _, (stdout,) = client.start_exec_with_descriptors(
        box.exec_steps("sh", "-c", "setsid sleep 2 & head -c 30000 /dev/zero"), flags=4)
    assert client.finish_exec()[2:] == (0, 0) and time.monotonic() - begin < 0.5
    assert not os.get_blocking(stdout) and len(os.read(stdout, 100_000)) == 30000
    os.close(stdout)
    sessions = []
    for _ in range(1000):
        one = box.client()
        sessions.append((one, one.start_exec_with_descriptors(box.exec_steps("cat"), flags=6)[2]))
    resident = memory_kib(shim.process.pid)
    print(f"# resident {resident} KiB with 1,000 execs whose pipes are away")
    assert resident < 500, resident
    for one, descriptors in sessions:
        os.close(descriptors[0])
        assert one.finish_exec()[2:] == (0, 0)
        os.close(descriptors[1])


def test_exec_with_descriptors_away_ends_with_its_connection(world):
    box = running(world)
    client = box.client()
    _, payload, descriptors = client.start_exec_with_descriptors(box.exec_steps("sh", "-c", "setsid sleep 61 & sleep 61"), 6)
    pid = struct.unpack("<I", payload)[0]
    until(lambda: b"sleep 61" in box.execute("ps")[0], "started")
    client.close()
    until(lambda: not os.path.exists(f"/proc/{pid}"), "killed and reaped")
    until(lambda: b"sleep 61" not in box.execute("ps")[0] and sub_cgroups(box) == [], "all of it killed")
    assert os.read(descriptors[1], 10) == b""
    for fd in descriptors:
        os.close(fd)


def test_terminal_handed_over_still_takes_sizes(world):
    box = running(world)
    client = box.client()
    steps = box.exec_steps("sh", "-c", "stty size; read x; stty size; exit 6", tail=[("TERMINAL", 10, 20, 0)])
    _, _, (stdin, stdout) = client.start_exec_with_descriptors(steps, flags=7)
    os.set_blocking(stdout, True)
    out = b""
    while b"10 20" not in out:
        out += os.read(stdout, 1000)
    client.send(RESIZE, u32(33) + u32(44))
    assert client.ask(STATUS)[0] == TOLD_STATUS  # so that the size is set before the line comes
    os.write(stdin, b"go\n")
    assert client.finish_exec()[2] == 6
    os.set_blocking(stdout, False)
    assert b"33 44" in os.read(stdout, 1000)
    os.close(stdin)
    os.close(stdout)


def test_limit_for_output_that_is_handed_over_is_refused(world):
    box = running(world)
    kind, payload = box.client().start_exec(box.exec_steps("true"), flags=12 | 16, limit=5)
    assert kind == FAILED and "limit" in parse_failed(payload)["detail"], payload


def test_output_limit_cuts_and_says_so(world):
    box = running(world)
    out, err, code, flags = box.execute("sh", "-c", "seq 1 10000; echo e >&2", limit=1000)
    assert len(out) == 1000 and err == b"e\n" and code == 0 and flags == 2, (len(out), err, flags)


def test_client_that_does_not_read_is_not_read_from(world):
    box = running(world)
    client = box.client()
    assert client.start_exec(box.exec_steps("dd", "if=/dev/zero", "bs=65536", "count=320"), flags=4)[0] == EXEC_STARTED
    time.sleep(0.3)
    resident = int([l for l in open(f"/proc/{box.shim.process.pid}/status") if l.startswith("VmRSS")][0].split()[1])
    assert resident < 500 or "asan" in world.program, resident
    assert box.client().ask(STATUS)[0] == TOLD_STATUS, "others are served"
    out, _, code, _ = client.finish_exec()
    assert len(out) == 320 * 65536 and code == 0, len(out)


def test_everything_written_before_the_end_arrives(world):
    box = running(world)
    for _ in range(10):
        out = box.execute("sh", "-c", "seq 1 9000 > /tmp/s; cat /tmp/s")[0]
        assert out.split() == [b"%d" % i for i in range(1, 9001)], len(out)


def test_second_exec_on_a_connection_is_refused(world):
    box = running(world)
    client = box.client()
    assert client.start_exec(box.exec_steps("true"))[0] == EXEC_STARTED
    client.finish_exec()
    assert client.ask(STATUS)[0] == TOLD_STATUS
    assert client.start_exec(box.exec_steps("true"))[0] == ERROR


def test_unknown_frame_closes_the_connection(world):
    box = running(world)
    client = box.client()
    assert client.ask(0x44)[0] == ERROR
    try:
        client.receive()
        raise AssertionError("still open")
    except EOFError:
        pass


def test_many_execs_at_once(world):
    box = running(world)
    clients = [box.client() for _ in range(40)]
    for i, client in enumerate(clients):
        steps = box.exec_steps("sh", "-c", f"sleep 0.1; echo {i}; exit {i}")
        client.send(EXEC, u32(12) + u64(0) + u64(0) + blob(plan(steps)))
    for i, client in enumerate(clients):
        assert client.receive()[0] == EXEC_STARTED
        out, _, code, _ = client.finish_exec()
        assert (out, code) == (b"%d\n" % i, i)
    assert sub_cgroups(box) == []
    children = open(f"/proc/{box.shim.process.pid}/task/{box.shim.process.pid}/children").read().split()
    assert len(children) == 1, "zombies: " + str(children)


def test_execs_end_with_the_container(world):
    box = running(world)
    client = box.client()
    assert client.start_exec(box.exec_steps("sleep", "60"))[0] == EXEC_STARTED
    begin = time.monotonic()
    box.kill(9, 0)
    assert client.finish_exec()[2] == 137
    assert box.ended()["exit_code"] == 137 and time.monotonic() - begin < 0.5
    assert sub_cgroups(box) == []


def test_exec_after_the_end_is_refused_or_gone(world):
    box = running(world)
    box.kill()
    box.ended()
    try:
        box.client()
        raise AssertionError("the socket is still there")
    except FileNotFoundError:
        pass


def test_exec_latency(world):
    box = running(world)
    times = []
    for _ in range(60):
        begin = time.monotonic()
        assert box.execute("true")[2] == 0
        times.append(time.monotonic() - begin)
    times.sort()
    print(f"# exec of /bin/true (dynamic busybox): p50 {times[30] * 1e3:.2f} ms, best {times[0] * 1e3:.2f} ms")


def test_cgroup_v2_container_and_exec(world):
    if not os.path.exists("/sys/fs/cgroup/unified/cgroup.procs"):
        print("# no v2 hierarchy here")
        return
    box = world.box(version=2)
    started(box, "sh", "-c", "cat /proc/self/cgroup | grep ^0; sleep 1000")
    until(lambda: box.output(), "first line")
    assert box.output()[0].endswith(box.cgroups[0].split("unified")[1]), box.output()
    out, _, code, flags = box.execute("sh", "-c", "grep ^0 /proc/self/cgroup; setsid sleep 50 & sleep 50",
                                      timeout_ns=200_000_000)
    assert b"/exec-0" in out and (code, flags) == (137, 1), (out, code, flags)
    until(lambda: sub_cgroups(box) == [], "sub-cgroup removed")
    box.kill()
    assert box.ended()["exit_code"] == 137
