"""Running: exit records, signals, control, the log, the shim's own size."""
import errno
import os
import struct
import subprocess
import threading
import time

from tests_start import failing, started
from world import *


def until(condition, what, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def memory_kib(pid, key="VmRSS"):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith(key + ":"):
            return int(line.split()[1])


def test_exit_codes(world):
    for code in (0, 3, 255):
        box = world.box()
        shim = started(box, "sh", "-c", f"exit {code}")
        record = box.ended()
        assert record["exit_code"] == code and record["signal"] == 0, record
        assert shim.process.returncode == 0 and not os.path.exists(box.socket)
        assert record["pid"] == shim.started["pid"] and record["finished_ns"] >= record["started_ns"]
        assert not os.path.exists(f"/proc/{record['pid']}"), "a zombie or a survivor"
        assert not os.path.exists(box.record + ".tmp")


def test_kill_ends_the_container_with_137(world):
    for whole in (0, 1):
        box = world.box()
        started(box, "sh", "-c", "setsid sleep 100 & sleep 100")
        watcher = box.client()
        assert watcher.ask(WATCH)[0] == OK
        box.kill(9, whole)
        kind, payload = watcher.receive()
        assert kind == EXITED and parse_record(payload.decode())["exit_code"] == 137
        record = box.ended()
        assert record["exit_code"] == 137 and record["signal"] == 9, record
        assert open(f"{box.cgroups[0]}/tasks").read() == ""


def test_kill_sends_any_signal_to_the_first_process(world):
    box = world.box()
    started(box, "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done")
    until(lambda: box.output() == ["ready"], "ready")
    client = box.client()
    assert client.ask(KILL, u32(0) + u32(0))[0] == OK
    kind, payload = client.ask(KILL, u32(65) + u32(0))
    assert kind == ERROR and struct.unpack_from("<I", payload)[0] == errno.EINVAL
    box.kill(15, 0)
    assert box.ended()["exit_code"] == 7


def test_signals_to_the_shim_go_on_to_the_container(world):
    box = world.box()
    shim = started(box, "sh", "-c", "trap 'exit 8' TERM; echo ready; while :; do sleep 0.01; done")
    until(lambda: box.output() == ["ready"], "ready")
    shim.process.terminate()
    assert box.ended()["exit_code"] == 8


def test_no_signal_but_kill_ends_the_shim(world):
    box = world.box()
    shim = started(box, "sleep", "1000")
    for number in range(1, 65):
        if number not in (9, 19, 15, 2, 1, 3, 10, 12):
            os.kill(shim.process.pid, number)
    assert box.execute("echo", "alive")[0] == b"alive\n" and shim.process.poll() is None


def test_oom_kill_is_noted(world):
    box = world.box()
    open(f"{box.cgroups[1]}/memory.limit_in_bytes", "w").write(str(16 << 20))
    os.makedirs(f"{box.path}/upper/bin")
    subprocess.run(["cp", world.probe, f"{box.path}/upper/bin/probe"], check=True)
    started(box, "probe", "eat", "64")
    record = box.ended()
    assert record["exit_code"] == 137 and record["oom_kills"] == 1, record
    assert 15 << 20 <= record["memory_peak"] <= 16 << 20, record


def test_status_tells_pid_and_state(world):
    box = world.box()
    shim = started(box, "sleep", "100")
    client = box.client()
    kind, payload = client.ask(STATUS)
    pid, start_time, running, lines, lost, execs = struct.unpack("<IQIQQI", payload)
    assert kind == TOLD_STATUS and (pid, start_time) == (shim.started["pid"], shim.started["start_time"])
    assert (running, lines, lost, execs) == (1, 0, 0, 0)
    stat = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    assert int(stat[19]) == start_time


def test_shim_is_small(world):
    """Not for a sanitized build."""
    size = os.path.getsize(world.program)
    assert size < 200 * 1024, size
    box = world.box()
    shim = started(box, "sleep", "100")
    for _ in range(20):
        assert box.execute("echo", "x")[0] == b"x\n"
    resident = memory_kib(shim.process.pid)
    print(f"# binary {size} bytes, resident {resident} KiB after 20 execs, peak {memory_kib(shim.process.pid, 'VmHWM')} KiB")
    assert resident < 500, resident


def answers(box):
    try:
        return box.client().ask(STATUS)[0] == TOLD_STATUS
    except (EOFError, OSError):
        return False


def test_shim_stays_small_with_many_connections_and_log_lines(world):
    """Not for a sanitized build."""
    box = world.box()
    shim = started(box, "sh", "-c", "seq 1 200000; echo done; sleep 100")
    until(lambda: os.path.exists(box.log) and box.log_lines()[-1:] and box.log_lines()[-1].endswith(b"done"), "done", 20)
    clients = [box.client() for _ in range(1024)]
    assert all(c.ask(STATUS)[0] == TOLD_STATUS for c in clients)
    extra = box.client()
    try:
        extra.ask(STATUS)
        raise AssertionError("the 1025th connection was answered")
    except (EOFError, OSError):
        pass
    for c in clients + [extra]:
        c.close()
    until(lambda: answers(box), "answers again")
    resident = memory_kib(shim.process.pid)
    print(f"# resident {resident} KiB after 200,000 lines and 1,024 connections")
    assert resident < 500, resident


def test_terminal_is_logged_and_resized(world):
    box = world.box()
    steps = box.rootfs() + [("TERMINAL", 24, 80, 1)]
    started(box, "sh", "-c", "tty; stty size; test -c /dev/console && echo console; read x; echo got $x; stty size",
            steps=steps, settings=box.settings(stdio=3))
    until(lambda: "console\r" in box.output(), "first lines")
    client = box.client()
    client.send(RESIZE, u32(50) + u32(132))
    client.send(STDIN, b"hello\n")
    box.ended()
    out = [line.rstrip("\r") for line in box.output()]
    assert out[0].startswith("/dev/pts/") and out[1] == "24 80" and out[-2:] == ["got hello", "50 132"], out


def test_stdin_of_the_container_is_fed_and_closed(world):
    box = world.box()
    started(box, "wc", "-c", settings=box.settings(stdio=2))
    client = box.client()
    for _ in range(5):
        client.send(STDIN, b"x" * 100000)
    client.send(STDIN, b"")
    box.ended()
    assert box.output()[0].strip() == "500000", box.output()


def test_stdin_closes_with_the_first_attach_when_asked_to(world):
    box = world.box()
    started(box, "wc", "-c", settings=box.settings(stdio=6))
    client = box.client()
    client.send(STDIN, b"12345")
    client.close()
    box.ended()
    assert box.output()[0].strip() == "5", box.output()


def test_log_is_reopened_without_a_lost_line(world):
    box = world.box()
    started(box, "sh", "-c", "i=0; while test $i -lt 20000; do i=$((i+1)); echo $i; done")
    client = box.client()
    rotated = 0
    while rotated < 8:
        until(lambda: os.path.getsize(box.log) > 0, "lines")
        os.rename(box.log, f"{box.log}.{rotated}")
        rotated += 1
        try:
            assert client.ask(REOPEN_LOG)[0] == OK
        except (EOFError, OSError):
            break
    box.ended(30)
    numbers = []
    for name in [f"{box.log}.{i}" for i in range(rotated)] + [box.log]:
        if os.path.exists(name):
            numbers += [int(line.split(b" ")[3]) for line in open(name, "rb")]
    assert rotated == 8 and numbers == list(range(1, 20001)), (rotated, len(numbers))


def test_log_that_cannot_be_reopened_stays(world):
    box = world.box()
    started(box, "sh", "-c", "trap 'echo more; exit' TERM; echo one; while :; do sleep 0.01; done")
    until(lambda: box.output() == ["one"], "one")
    os.rename(box.log, f"{box.path}/moved")
    os.mkdir(box.log)
    kind, payload = box.client().ask(REOPEN_LOG)
    assert kind == ERROR and struct.unpack_from("<I", payload)[0] == errno.EISDIR
    box.kill(15, 0)
    box.ended()
    assert [l.split(b" ")[3] for l in open(f"{box.path}/moved", "rb")] == [b"one\n", b"more\n"]


def test_full_disk_loses_counted_lines_and_says_so(world):
    box = world.box()
    tiny = f"{box.path}/tiny"
    os.mkdir(tiny)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tiny], check=True)
    try:
        with open(f"{tiny}/filler", "wb") as f:
            f.write(b"x" * 40960)
        box.log = f"{tiny}/log"
        started(box, "sh", "-c", "seq 1 3000; touch /tmp/full; while ! test -e /tmp/go; do sleep 0.02; done; echo last; echo end",
                settings=box.settings(log=box.log))
        until(lambda: box.execute("test", "-e", "/tmp/full")[2] == 0, "3000 lines written")
        _, payload = box.client().ask(STATUS)
        lost = struct.unpack("<IQIQQI", payload)[3]
        assert lost > 0
        os.unlink(f"{tiny}/filler")
        box.execute("touch", "/tmp/go")
        record = box.ended()
        lines = box.log_lines()
        assert all(len(line.split(b" ", 3)) == 4 for line in lines), "a torn record"
        assert box.output()[-2:] == ["last", "end"], box.output()[-3:]
        marker = box.output("stderr")
        assert marker == [f"onggi: {record['lost_lines']} log lines ({record['lost_bytes']} bytes) lost: No space left on device"], marker
        assert len(box.output()) + record["lost_lines"] == 3002
    finally:
        subprocess.run(["umount", "-l", tiny], check=True)


def pod_init(world):
    """A pod's init in a pid namespace of its own, on an empty read-only root."""
    box = world.box()
    settings = box.settings(log="", flags=NEWNS | NEWPID)
    steps = [("PROPAGATION", MS_REC | MS_PRIVATE), ("NEW_FS", 1, RDONLY, "tmpfs", "tmpfs", []),
             ("ATTACH_ROOT", 1, f"{box.path}/root"), ("PIVOT",)]
    shim = box.run(raw=plan([*settings, *box.joins(), *steps, ("INIT",)]))
    assert shim.started, shim.failed
    return box, shim.started["pid"]


def test_shared_pid_namespace_with_an_init(world):
    pod, init = pod_init(world)
    box = world.box()
    settings = box.settings(flags=NEWNS | NEWUTS | NEWIPC | NEWNET, extra=[("PID_NS", f"/proc/{init}/ns/pid")])
    started(box, "sh", "-c", "echo $$; cat /proc/1/comm; readlink /proc/1/exe || echo hidden; setsid sleep 100 & "
                             "sleep 0.2; exit 5", settings=settings)
    record = box.ended()
    out = box.output()
    assert out[0] != "1" and out[1:] == ["onggi-init", "hidden"], out
    assert record["exit_code"] == 5
    assert open(f"{box.cgroups[0]}/tasks").read() == "", "a process of the container survived it"
    assert memory_kib(init) < 500 or "asan" in world.program
    pod.kill(15, 0)
    assert pod.ended()["exit_code"] == 0


def test_start_latency(world):
    times = []
    for _ in range(15):
        box = world.box()
        begin = time.monotonic()
        started(box, "true")
        times.append(time.monotonic() - begin)
        box.ended()
    times.sort()
    print(f"# start to STARTED: p50 {times[7] * 1e3:.2f} ms, best {times[0] * 1e3:.2f} ms (with python's fork)")


def test_records_survive_a_missing_directory_by_exit_status(world):
    box = world.box()
    settings = [("EXIT_RECORD", f"{box.path}/gone/exit") if e[0] == "EXIT_RECORD" else e for e in box.settings()]
    shim = started(box, "true", settings=settings)
    assert shim.wait() == 1
