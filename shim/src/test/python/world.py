"""What the root tests stand on: a busybox root in a temporary directory, cgroups of their own, plans for them."""
import os
import shutil
import subprocess
import tempfile
import time

from onggi import *

CAPS_ALL = (1 << 41) - 1
DEFAULT_CAPS = 0xA80425FB  # the usual fourteen of container runtimes
ENV = ["PATH=/bin:/usr/bin", "HOME=/root"]
APPLETS = "sh cat ls sleep echo true false id stat ps kill touch dd hostname stty mount head tail yes setsid " \
          "wc mkdir rm tty printf readlink grep test seq ln"


def busybox_root(where):
    for d in ("bin", "proc", "sys", "dev", "tmp", "etc", "root", "usr/bin"):
        os.makedirs(f"{where}/{d}")
    shutil.copy("/bin/busybox", f"{where}/bin/busybox")
    for applet in APPLETS.split():
        os.symlink("busybox", f"{where}/bin/{applet}")
    listed = subprocess.run(["ldd", "/bin/busybox"], capture_output=True, text=True).stdout
    for word in listed.split():
        if word.startswith("/"):
            os.makedirs(where + os.path.dirname(word), exist_ok=True)
            shutil.copy(word, where + word)
    open(f"{where}/etc/image", "w").write("from the image\n")


class World:
    """Directories and cgroups of one test run; close() takes everything away again."""

    def __init__(self, program, probe):
        self.program, self.probe = program, probe
        self.dir = tempfile.mkdtemp(prefix="onggi-shim-test-")
        self.lower = f"{self.dir}/lower"
        busybox_root(self.lower)
        self.v1 = os.path.exists("/sys/fs/cgroup/freezer/tasks")
        self.base = f"onggi-test-{os.getpid()}"
        self.count = 0
        self.boxes = []

    def box(self, **options):
        self.count += 1
        box = Box(self, f"{self.dir}/box{self.count}", f"c{self.count}", **options)
        self.boxes.append(box)
        return box

    def end_test(self):
        for box in self.boxes:
            box.close()
        self.boxes = []

    def close(self):
        self.end_test()
        for controller in ("freezer", "memory", "unified"):
            path = f"/sys/fs/cgroup/{controller}/{self.base}"
            if os.path.isdir(path):
                os.rmdir(path)
        shutil.rmtree(self.dir)


class Box:
    """One container to be: its paths, cgroups and plan."""

    def __init__(self, world, path, name, version=1):
        self.world, self.path = world, path
        for d in ("upper", "work", "root"):
            os.makedirs(f"{path}/{d}")
        self.socket, self.record, self.log = f"{path}/s", f"{path}/exit", f"{path}/log"
        self.version = version
        controllers = ("freezer", "memory") if version == 1 else ("unified",)
        self.cgroups = [f"/sys/fs/cgroup/{c}/{world.base}/{name}" for c in controllers]
        for cgroup in self.cgroups:
            os.makedirs(cgroup, exist_ok=True)
        self.shim = None

    def settings(self, stdio=0, log=None, max_line=16384, timeout_s=10, flags=None, extra=()):
        if flags is None:
            flags = NEWNS | NEWPID | NEWUTS | NEWIPC | NEWNET
        cgroup = self.cgroups[0]
        entries = [("SOCKET", self.socket), ("EXIT_RECORD", self.record),
                   ("LOG", self.log if log is None else log, max_line), ("STDIO", stdio),
                   ("CLONE", flags, cgroup if self.version == 2 else ""),
                   ("EXEC_CGROUP", self.version, cgroup), ("KILL_CGROUP", self.version, cgroup),
                   ("START_TIMEOUT", int(timeout_s * 1e9))]
        if self.version == 1:
            entries += [("OOM_COUNTER", f"{self.cgroups[1]}/memory.oom_control", "oom_kill"),
                        ("MEMORY_PEAK", f"{self.cgroups[1]}/memory.max_usage_in_bytes")]
        return entries + list(extra)

    def joins(self):
        return [("JOIN_CGROUP", f"{c}/tasks") for c in self.cgroups] if self.version == 1 else []

    def rootfs(self, before_pivot=()):
        return [
            ("PROPAGATION", MS_REC | MS_PRIVATE),
            ("OVERLAY", 0, 0, f"{self.path}/upper", f"{self.path}/work", [self.world.lower], [], f"{self.path}/root"),
            ("ATTACH_ROOT", 0, f"{self.path}/root"),
            ("NEW_FS", 1, NOSUID | NODEV | NOEXEC, "proc", "proc", []),
            ("ATTACH", 1, 0, 0o555, "/proc"),
            ("NEW_FS", 2, NOSUID, "tmpfs", "tmpfs", ["mode=755", "size=65536k"]),
            ("ATTACH", 2, 0, 0o755, "/dev"),
            ("MKNOD", 0o020666, 1, 3, 0, 0, "/dev/null"),
            ("MKNOD", 0o020666, 1, 5, 0, 0, "/dev/zero"),
            ("NEW_FS", 3, NOSUID | NOEXEC, "devpts", "devpts", ["newinstance", "ptmxmode=0666", "mode=0620"]),
            ("ATTACH", 3, 0, 0o755, "/dev/pts"),
            ("SYMLINK", "pts/ptmx", "/dev/ptmx"),
            ("SYMLINK", "/proc/self/fd/1", "/dev/stdout"),
            ("MASK", "/proc/kcore"), ("MASK", "/proc/acpi"), ("MASK", "/proc/scsi"), ("MASK", "/nowhere"),
            ("READONLY", "/proc/sys"),
            *before_pivot,
            ("HOSTNAME", "red"),
            ("PIVOT",),
        ]

    def user(self, uid=0, caps=DEFAULT_CAPS):
        kept = caps if uid == 0 else 0
        return [("CREDENTIALS", uid, uid, [uid], caps, kept, kept, 0, 0)]

    def plan(self, *command, file=None, settings=None, steps=None, tail=None, joins=None):
        settings = self.settings() if settings is None else settings
        joins = self.joins() if joins is None else joins
        steps = self.rootfs() if steps is None else steps
        tail = [("CHDIR", "/"), *self.user()] if tail is None else tail
        last = ("EXEC", 1, file or command[0], list(command), ENV)
        return plan([*settings, *joins, *steps, *tail, last])

    def run(self, *command, raw=None, **options):
        plan_file = f"{self.path}/plan"
        with open(plan_file, "wb") as f:
            f.write(self.plan(*command, **options) if raw is None else raw)
        self.shim = Shim(self.world.program, plan_file)
        return self.shim

    def exec_steps(self, *command, tail=()):
        joins = [("JOIN_CGROUP", f"{self.cgroups[1]}/tasks")] if self.version == 1 else []
        kinds = NEWNS | NEWPID | NEWUTS | NEWIPC | NEWNET
        return [*joins, ("JOIN_CONTAINER", kinds), ("CHDIR", "/"), *tail, *self.user(),
                ("EXEC", 1, command[0], list(command), ENV)]

    def client(self):
        return Client(self.socket)

    def execute(self, *command, flags=12, timeout_ns=0, limit=0, tail=()):
        client = self.client()
        kind, payload = client.start_exec(self.exec_steps(*command, tail=tail), flags, timeout_ns, limit)
        assert kind == EXEC_STARTED, (hex(kind), payload)
        result = client.finish_exec()
        client.close()
        return result

    def kill(self, signal=9, whole=1):
        client = self.client()
        kind, payload = client.ask(KILL, u32(signal) + u32(whole))
        client.close()
        assert kind == OK, payload

    def ended(self, timeout=10):
        """Waits for the shim to leave; the exit record."""
        self.shim.wait(timeout)
        return parse_record(open(self.record).read())

    def log_lines(self):
        return open(self.log, "rb").read().split(b"\n")[:-1]

    def output(self, stream="stdout"):
        """The content of the log's lines of one stream."""
        found = []
        for line in self.log_lines():
            _, name, _, content = line.split(b" ", 3)
            if name.decode() == stream:
                found.append(content.decode(errors="replace"))
        return found

    def close(self):
        if self.shim and self.shim.process.poll() is None:
            try:
                self.kill()
                self.shim.wait()
            except (OSError, EOFError, AssertionError):
                self.shim.process.kill()
                self.shim.process.wait()
        for cgroup in self.cgroups:
            for _ in range(50):
                try:
                    os.rmdir(cgroup)
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)
