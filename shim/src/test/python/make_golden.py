"""Writes shim/src/test/golden/ (PROTOCOL.md 6). Run it only when the protocol grows; both languages test the result."""
import os
import sys

from onggi import *

NAMES = {
    "SOCKET": "path", "EXIT_RECORD": "path", "LOG": "path max_line", "STDIO": "flags", "CLONE": "flags cgroup",
    "OOM_COUNTER": "path key", "MEMORY_PEAK": "path", "EXEC_CGROUP": "version dir", "KILL_CGROUP": "version dir",
    "PID_NS": "path", "START_TIMEOUT": "nanoseconds", "SHIM_OOM_SCORE": "score", "ID_MAPS": "uids gids", "JOIN_NS": "kind path",
    "JOIN_CONTAINER": "kinds", "UNSHARE": "flags", "JOIN_CGROUP": "file", "PROPAGATION": "flags",
    "OPEN_TREE": "slot flags path", "NEW_FS": "slot attrs type source options",
    "OVERLAY": "slot attrs upper work lowers options scratch", "SET_ATTR": "slot flags set clear propagation",
    "ATTACH_ROOT": "slot mountpoint", "ATTACH": "slot flags mode path",
    "PATH_ATTR": "flags set clear propagation path", "MKDIR": "mode uid gid path",
    "MKNOD": "mode major minor uid gid path", "SYMLINK": "target path", "MASK": "path", "READONLY": "path",
    "SYSCTL": "name value", "HOSTNAME": "name", "PIVOT": "", "TERMINAL": "rows cols flags",
    "RLIMIT": "resource soft hard", "OOM_SCORE_ADJ": "score", "CHDIR": "path", "UMASK": "mask", "NO_NEW_PRIVS": "",
    "CREDENTIALS": "uid gid groups bounding permitted effective inheritable ambient", "SECCOMP": "flags filter",
    "EXEC": "flags file argv env", "INIT": "", "IDMAP": "slot flags userns path", "OPEN_NS": "slot path",
    "ENTER_NS": "slot kind", "STDIO_OWNER": "uid gid", "FS_OWNER": "uid gid", "PLACE": "slot path",
    "EXEC": "flags file argv env", "INIT": "",
    "NEED_PROPAGATION": "kind path", "SUBTREE": "slot path scratch", "SELF_BIND": "path", "PROBED": "",
}


def quoted(s):
    raw = s if isinstance(s, bytes) else s.encode()
    out = ""
    for b in raw:
        if b in b'"\\':
            out += "\\" + chr(b)
        else:
            out += chr(b) if 0x20 <= b <= 0x7E else f"\\x{b:02x}"
    return f'"{out}"'


def shown(encode, value):
    if encode in (u32, u64, i32):
        return str(value)
    if encode is text:
        return quoted(value)
    if encode is texts:
        return "[" + ",".join(quoted(v) for v in value) + "]"
    if encode is words:
        return "[" + ",".join(str(v) for v in value) + "]"
    return value.hex()


def lines_of(entries):
    for i, (name, *values) in enumerate(entries):
        fields = zip(NAMES[name].split(), OPS[name][1], values)
        yield " ".join([str(i), name] + [f"{n}={shown(e, v)}" for n, e, v in fields]) + "\n"


MINIMAL = [("EXEC", 0, "/bin/true", ["true"], [])]

RET_ALLOW = bytes([6, 0, 0, 0, 0, 0, 0xFF, 0x7F])

FULL = [
    ("SOCKET", "/run/onggi/containers/c1/shim.sock"),
    ("EXIT_RECORD", "/run/onggi/containers/c1/exit"),
    ("LOG", "/var/log/pods/ns_red_uid/web/0.log", 16384),
    ("STDIO", 7),
    ("CLONE", NEWNS | NEWPID | NEWCGROUP, "/sys/fs/cgroup/pod1/c1"),
    ("OOM_COUNTER", "/sys/fs/cgroup/memory/pod1/c1/memory.oom_control", "oom_kill"),
    ("MEMORY_PEAK", "/sys/fs/cgroup/memory/pod1/c1/memory.max_usage_in_bytes"),
    ("EXEC_CGROUP", 1, "/sys/fs/cgroup/freezer/pod1/c1"),
    ("KILL_CGROUP", 2, "/sys/fs/cgroup/pod1/c1"),
    ("START_TIMEOUT", 240000000000),
    ("SHIM_OOM_SCORE", -998),
    ("JOIN_NS", NEWNET, "/run/onggi/ns/pod1/net"),
    ("UNSHARE", NEWUTS | NEWIPC),
    ("JOIN_CGROUP", "/sys/fs/cgroup/cpu/pod1/c1/tasks"),
    ("PROPAGATION", MS_REC | MS_SLAVE),
    ("OVERLAY", 0, 0, "/var/lib/onggi/c1/upper", "/var/lib/onggi/c1/work", ["/var/lib/onggi/l2", "/var/lib/onggi/l1"],
     ["index=off", "metacopy=on"], "/var/lib/onggi/c1/root"),
    ("ATTACH_ROOT", 0, "/var/lib/onggi/c1/root"),
    ("NEW_FS", 1, NOSUID | NODEV | NOEXEC, "proc", "proc", []),
    ("ATTACH", 1, 0, 0o555, "/proc"),
    ("NEW_FS", 2, NOSUID, "tmpfs", "tmpfs", ["mode=755", "size=65536k"]),
    ("ATTACH", 2, 0, 0o755, "/dev"),
    ("OPEN_TREE", 3, 1, "/srv/data with space \"quoted\" \\ ünï\n"),
    ("SET_ATTR", 3, 1, RDONLY | NOSUID, 0, MS_PRIVATE),
    ("ATTACH", 3, 1, 0, "/data"),
    ("PATH_ATTR", 1, RDONLY, NOEXEC, 0, "/sys"),
    ("MKDIR", 0o1777, 1000, 1001, "/tmp"),
    ("MKNOD", 0o020666, 1, 3, 0, 0, "/dev/null"),
    ("SYMLINK", "/proc/self/fd", "/dev/fd"),
    ("MASK", "/proc/kcore"),
    ("READONLY", "/proc/sys"),
    ("SYSCTL", "net/ipv4/ip_forward", "1"),
    ("HOSTNAME", "red"),
    ("PIVOT",),
    ("TERMINAL", 24, 80, 1),
    ("RLIMIT", 7, 1024, 0xFFFFFFFFFFFFFFFF),
    ("OOM_SCORE_ADJ", 985),
    ("CHDIR", "/work"),
    ("UMASK", 0o022),
    ("NO_NEW_PRIVS",),
    ("CREDENTIALS", 1000, 1001, [1001, 4, 4294967294], 0xA80425FB, 0x400, 0x400, 0, 0x400),
    ("SECCOMP", 1, RET_ALLOW * 2),
    ("EXEC", 1, "sh", ["sh", "-c", ""], ["PATH=/bin", b"BYTES=\x80\xff"]),
]

POD_INIT = [
    ("PID_NS", "/run/onggi/ns/pod1/pid"),
    ("CLONE", NEWNS, ""),
    ("NEW_FS", 255, RDONLY, "tmpfs", "tmpfs", []),
    ("ATTACH_ROOT", 255, "/run/onggi/empty"),
    ("PIVOT",),
    ("INIT",),
]

USERNS = [
    ("CLONE", NEWUSER, ""),
    ("ID_MAPS", "0 100000 65536\n", "0 200000 65536\n"),
    ("OPEN_NS", 9, "/run/onggi/sandboxes/p1/user"),
    ("OPEN_TREE", 1, 0, "/var/lib/onggi/layers"),
    ("IDMAP", 1, 1, 9, "/var/lib/onggi/layers"),
    ("PLACE", 1, "/var/lib/onggi/layers"),
    ("FS_OWNER", 100000, 200000),
    ("STDIO_OWNER", 101000, 201000),
    ("ENTER_NS", 9, NEWUSER),
    ("INIT",),
]

MOUNTS = [
    ("NEED_PROPAGATION", 1, "/srv/shared"),
    ("NEED_PROPAGATION", 2, "/srv/followed"),
    ("OVERLAY", 2047, RDONLY, "", "", ["/var/lib/onggi/l2", "/var/lib/onggi/l1"], [], "/run/onggi/root"),
    ("SUBTREE", 2047, "models/small", "/run/onggi/root"),
    ("SELF_BIND", "/var/cache"),
    ("EXEC", 0, "/bin/true", ["true"], []),
]

PROBE = [
    ("UNSHARE", NEWNS),
    ("OPEN_TREE", 0, 0, "/srv/data"),
    ("PROBED",),
]

SESSION = [
    ("JOIN_CGROUP", "/sys/fs/cgroup/memory/pod1/c1/tasks"),
    ("JOIN_CONTAINER", NEWNS | NEWPID | NEWUTS | NEWIPC | NEWNET),
    ("TERMINAL", 0, 0, 0),
    ("CHDIR", "/"),
    ("CREDENTIALS", 0, 0, [], 0xA80425FB, 0xA80425FB, 0xA80425FB, 0, 0),
    ("EXEC", 0, "/bin/cat", ["cat", "/etc/hosts"], ["TERM=xterm"]),
]

RECORD = """onggi-exit 1
pid 4711
start_time 123456
started_ns 1700000000000000000
finished_ns 1700000001000000000
exit_code 137
signal 9
oom_kills 1
memory_peak 209715200
lost_lines 0
lost_bytes 0
end
"""

FRAMES = [
    (STARTED, u32(4711) + u64(123456) + u64(1700000000000000000) + u32(2) + u32(0) + u32(0) + u32(250) + u32(31),
     "STARTED pid=4711 start_time=123456 started_ns=1700000000000000000 times=[0:0,250:31]"),
    (FAILED, u32(7) + u32(2) + text("EXEC") + text("/bin/nope") + text("execve"),
     'FAILED index=7 errno=2 step="EXEC" object="/bin/nope" detail="execve"'),
    (FAILED, u32(0xFFFFFFFF) + u32(71) + text("plan") + text("/run/p") + text("decode: not a plan"),
     'FAILED index=4294967295 errno=71 step="plan" object="/run/p" detail="decode: not a plan"'),
    (PROBED, b"", "PROBED"),
    (STATUS, b"", "STATUS"),
    (KILL, u32(15) + u32(0), "KILL signal=15 flags=0"),
    (REOPEN_LOG, b"", "REOPEN_LOG"),
    (WATCH, b"", "WATCH"),
    (EXEC, u32(12) + u64(2000000000) + u64(16777216) + blob(plan(MINIMAL)),
     f"EXEC flags=12 timeout_ns=2000000000 limit=16777216 plan={plan(MINIMAL).hex()}"),
    (STDIN, b"in\n\0", "STDIN data=696e0a00"),
    (STDIN, b"", "STDIN data="),
    (RESIZE, u32(50) + u32(132), "RESIZE rows=50 cols=132"),
    (ATTACH, u32(14), "ATTACH flags=14"),
    (OK, b"", "OK"),
    (ERROR, u32(3) + text("KILL: the container has ended"), 'ERROR errno=3 message="KILL: the container has ended"'),
    (TOLD_STATUS, u32(4711) + u64(123456) + u32(1) + u64(5) + u64(600) + u32(2),
     "STATUS pid=4711 start_time=123456 running=1 lost_lines=5 lost_bytes=600 execs=2"),
    (EXEC_STARTED, u32(4800), "EXEC_STARTED pid=4800"),
    (STDOUT, b"out\n", "STDOUT data=6f75740a"),
    (STDERR, b"\xff", "STDERR data=ff"),
    (EXEC_EXITED, u32(137) + u32(1), "EXEC_EXITED exit_code=137 flags=1"),
    (EXITED, RECORD.encode(), f"EXITED data={RECORD.encode().hex()}"),
    (ATTACHED, u32(4711) + u32(12), "ATTACHED pid=4711 flags=12"),
    (DROPPED, u64(1 << 33), "DROPPED bytes=8589934592"),
    (ENDED, u32(137) + u32(0), "ENDED exit_code=137 flags=0"),
]


def write(path, data):
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def main(where):
    os.makedirs(where, exist_ok=True)
    plans = {"minimal": MINIMAL, "full": FULL, "podinit": POD_INIT, "userns": USERNS, "exec-session": SESSION,
             "mounts": MOUNTS, "probe": PROBE}
    for name, entries in plans.items():
        write(f"{where}/{name}.plan", plan(entries))
        write(f"{where}/{name}.txt", "".join(lines_of(entries)))
    write(f"{where}/frames.bin", b"".join(frame(k, p) for k, p, _ in FRAMES))
    write(f"{where}/frames.txt", "".join(f"0x{k:02x} {line}\n" for k, _, line in FRAMES))
    write(f"{where}/record-killed.exit", RECORD)
    clean = RECORD.replace("137", "0").replace("signal 9", "signal 0").replace("oom_kills 1", "oom_kills 0")
    write(f"{where}/record-clean.exit", clean)
    write(f"{where}/record-torn.exit", RECORD[:-4])


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../golden"))
