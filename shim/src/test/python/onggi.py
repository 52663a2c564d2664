"""Test-only encoder of plans and client of the shim, written from PROTOCOL.md alone (not from the C sources)."""
import os
import select
import socket
import struct
import subprocess

NEWTIME, NEWNS, NEWCGROUP, NEWUTS = 0x80, 0x20000, 0x02000000, 0x04000000
NEWIPC, NEWUSER, NEWPID, NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000
MS_REC, MS_PRIVATE, MS_SLAVE = 1 << 14, 1 << 18, 1 << 19
RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8


def u32(n):
    return struct.pack("<I", n & 0xFFFFFFFF)


def i32(n):
    return struct.pack("<i", n)


def u64(n):
    return struct.pack("<Q", n & 0xFFFFFFFFFFFFFFFF)


def text(s):
    raw = s if isinstance(s, bytes) else s.encode()
    return u32(len(raw)) + raw + b"\0"


def texts(items):
    return u32(len(items)) + b"".join(text(i) for i in items)


def words(items):
    return u32(len(items)) + b"".join(u32(i) for i in items)


def blob(data):
    return u32(len(data)) + data


# name: (opcode, encoders of its fields in order)
OPS = {
    "SOCKET": (0x0001, (text,)),
    "EXIT_RECORD": (0x0002, (text,)),
    "LOG": (0x0003, (text, u32)),
    "STDIO": (0x0004, (u32,)),
    "CLONE": (0x0005, (u64, text)),
    "OOM_COUNTER": (0x0006, (text, text)),
    "MEMORY_PEAK": (0x0007, (text,)),
    "EXEC_CGROUP": (0x0008, (u32, text)),
    "KILL_CGROUP": (0x0009, (u32, text)),
    "PID_NS": (0x000A, (text,)),
    "START_TIMEOUT": (0x000B, (u64,)),
    "SHIM_OOM_SCORE": (0x000C, (i32,)),
    "ID_MAPS": (0x000D, (text, text)),
    "JOIN_NS": (0x0100, (u64, text)),
    "JOIN_CONTAINER": (0x0101, (u64,)),
    "UNSHARE": (0x0102, (u64,)),
    "JOIN_CGROUP": (0x0103, (text,)),
    "PROPAGATION": (0x0104, (u64,)),
    "OPEN_TREE": (0x0110, (u32, u32, text)),
    "NEW_FS": (0x0111, (u32, u64, text, text, texts)),
    "OVERLAY": (0x0112, (u32, u64, text, text, texts, texts, text)),
    "SET_ATTR": (0x0113, (u32, u32, u64, u64, u64)),
    "ATTACH_ROOT": (0x0114, (u32, text)),
    "ATTACH": (0x0115, (u32, u32, u32, text)),
    "PATH_ATTR": (0x0116, (u32, u64, u64, u64, text)),
    "IDMAP": (0x0117, (u32, u32, u32, text)),
    "NEED_PROPAGATION": (0x0118, (u32, text)),
    "SUBTREE": (0x0119, (u32, text, text)),
    "SELF_BIND": (0x011A, (text,)),
    "PROBED": (0x011F, ()),
    "MKDIR": (0x0120, (u32, u32, u32, text)),
    "MKNOD": (0x0121, (u32, u32, u32, u32, u32, text)),
    "SYMLINK": (0x0122, (text, text)),
    "MASK": (0x0123, (text,)),
    "READONLY": (0x0124, (text,)),
    "SYSCTL": (0x0125, (text, text)),
    "HOSTNAME": (0x0126, (text,)),
    "OPEN_NS": (0x0127, (u32, text)),
    "PIVOT": (0x0128, ()),
    "ENTER_NS": (0x0129, (u32, u64)),
    "STDIO_OWNER": (0x012A, (u32, u32)),
    "FS_OWNER": (0x012B, (u32, u32)),
    "PLACE": (0x012C, (u32, text)),
    "TERMINAL": (0x0130, (u32, u32, u32)),
    "RLIMIT": (0x0131, (u32, u64, u64)),
    "OOM_SCORE_ADJ": (0x0132, (i32,)),
    "CHDIR": (0x0133, (text,)),
    "UMASK": (0x0134, (u32,)),
    "NO_NEW_PRIVS": (0x0135, ()),
    "CREDENTIALS": (0x0136, (u32, u32, words, u64, u64, u64, u64, u64)),
    "SECCOMP": (0x0137, (u32, blob)),
    "EXEC": (0x0138, (u32, text, texts, texts)),
    "INIT": (0x0139, ()),
}


def entry(name, *values):
    opcode, encoders = OPS[name]
    assert len(values) == len(encoders), name
    payload = b"".join(encode(value) for encode, value in zip(encoders, values))
    return struct.pack("<HHI", opcode, 0, len(payload)) + payload


def plan(entries):
    body = b"".join(entry(*e) for e in entries)
    return b"ONGP" + struct.pack("<HHII", 1, 0, 16 + len(body), len(entries)) + body


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def text(self):
        length = self.take("I")
        raw = self.data[self.at:self.at + length]
        self.at += length + 1
        return raw.decode(errors="replace")


def frame(kind, payload=b""):
    return struct.pack("<IHH", len(payload), kind, 0) + payload


STATUS, KILL, REOPEN_LOG, WATCH, EXEC, STDIN, RESIZE, ATTACH = range(0x10, 0x18)
OK, ERROR, TOLD_STATUS, EXEC_STARTED, STDOUT, STDERR, EXEC_EXITED, EXITED, ATTACHED, DROPPED, ENDED = range(0x80, 0x8b)
STARTED, FAILED, PROBED = 1, 2, 3
ATTACH_IN, ATTACH_OUT, ATTACH_ERR = 2, 4, 8


class Client:
    """One connection to a shim's control socket."""

    def __init__(self, path, timeout=10):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(timeout)
        self.sock.connect(path)

    def send(self, kind, payload=b""):
        self.sock.sendall(frame(kind, payload))

    def exactly(self, length):
        data = b""
        while len(data) < length:
            got = self.sock.recv(length - len(data))
            if not got:
                raise EOFError("shim closed the connection")
            data += got
        return data

    def receive(self):
        length, kind, _ = struct.unpack("<IHH", self.exactly(8))
        return kind, self.exactly(length)

    def ask(self, kind, payload=b""):
        self.send(kind, payload)
        return self.receive()

    def start_exec(self, steps, flags=12, timeout_ns=0, limit=0):
        self.send(EXEC, u32(flags) + u64(timeout_ns) + u64(limit) + blob(plan(steps)))
        return self.receive()

    def start_exec_with_descriptors(self, steps, flags):
        """(kind, payload, [descriptor]): the exec's pipes are ours."""
        self.send(EXEC, u32(flags | 16) + u64(0) + u64(0) + blob(plan(steps)))
        data, descriptors, _, _ = socket.recv_fds(self.sock, 8, 8)
        while len(data) < 8:
            data += self.exactly(8 - len(data))
        length, kind, _ = struct.unpack("<IHH", data)
        return kind, self.exactly(length), descriptors

    def finish_exec(self):
        """(stdout, stderr, exit code, flags)"""
        out, err = b"", b""
        while True:
            kind, payload = self.receive()
            if kind == STDOUT:
                out += payload
            elif kind == STDERR:
                err += payload
            elif kind == EXEC_EXITED:
                return (out, err) + struct.unpack("<II", payload)
            else:
                raise AssertionError(f"unexpected frame {kind:#x} {payload!r}")

    def close(self):
        self.sock.close()


def parse_failed(payload):
    r = Reader(payload)
    index, errnum = r.take("II")
    return {"index": index, "errno": errnum, "step": r.text(), "object": r.text(), "detail": r.text()}


def parse_started(payload):
    r = Reader(payload)
    pid, start_time, started_ns, count = r.take("IQQI")
    return {"pid": pid, "start_time": start_time, "started_ns": started_ns,
            "times": [r.take("II") for _ in range(count)]}


class Shim:
    """A running onggi-shim and what its report pipe said."""

    def __init__(self, program, plan_file, timeout=20, verb="run"):
        read_end, write_end = os.pipe()

        def place_report():
            os.dup2(write_end, 3)
            os.set_inheritable(3, True)

        null = subprocess.DEVNULL
        self.process = subprocess.Popen([program, verb, plan_file], stdin=null, stdout=null, stderr=null,
                                        preexec_fn=place_report, close_fds=False)
        os.close(write_end)
        data = b""
        while select.select([read_end], [], [], timeout)[0]:
            got = os.read(read_end, 65536)
            if not got:
                break
            data += got
        os.close(read_end)
        self.started = self.failed = None
        self.probed = False
        self.raw = data
        if len(data) >= 8:
            kind = struct.unpack_from("<IHH", data)[1]
            self.started = parse_started(data[8:]) if kind == STARTED else None
            self.failed = parse_failed(data[8:]) if kind == FAILED else None
            self.probed = kind == PROBED

    def wait(self, timeout=10):
        return self.process.wait(timeout)


def parse_record(raw):
    lines = raw.split("\n")
    assert lines[0] == "onggi-exit 1" and lines[-2] == "end", raw
    return {k: int(v) for k, v in (line.split(" ") for line in lines[1:-2])}
