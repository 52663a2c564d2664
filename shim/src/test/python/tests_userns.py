"""User namespaces: id maps, idmapped layers and mounts, what the process may there, execs."""
import errno
import os
import subprocess
from contextlib import contextmanager

from tests_run import until
from tests_start import failing, started
from world import *

HOST, COUNT = 100000, 65536
NS = 200  # slot of the user namespace
KINDS = {"user": NEWUSER, "net": NEWNET, "ipc": NEWIPC, "uts": NEWUTS}


@contextmanager
def pinned(world, count=COUNT):
    """The pins of a user namespace and of the namespaces that it owns."""
    box = world.box()
    maps = f"0 {HOST} {count}\n"
    settings = [("SOCKET", box.socket), ("CLONE", NEWUSER, ""), ("ID_MAPS", maps, maps)]
    steps = [("CREDENTIALS", 0, 0, [], CAPS_ALL, CAPS_ALL, CAPS_ALL, 0, 0), ("UNSHARE", NEWNET | NEWIPC | NEWUTS),
             ("INIT",)]
    shim = box.run(raw=plan([*settings, *steps]))
    assert shim.started, shim.failed
    pins = {}
    try:
        for kind in KINDS:
            pins[kind] = f"{box.path}/{kind}"
            open(pins[kind], "w").close()
            subprocess.run(["mount", "--bind", f"/proc/{shim.started['pid']}/ns/{kind}", pins[kind]], check=True)
        box.kill()
        shim.wait()
        yield pins
    finally:
        for pin in pins.values():
            subprocess.run(["umount", pin], check=True)


def layers(box, pins):
    """Layers and the writable folder, each placed over itself with the id map."""
    steps = [("OPEN_NS", NS, pins["user"]), ("PROPAGATION", MS_REC | MS_PRIVATE)]
    for slot, where in ((100, box.world.lower), (101, box.path)):
        steps += [("OPEN_TREE", slot, 0, where), ("IDMAP", slot, 0, NS, where), ("PLACE", slot, where)]
    return [*steps, ("FS_OWNER", HOST, HOST)]


def joins(pins):
    return [("JOIN_NS", KINDS[kind], pins[kind]) for kind in ("net", "ipc", "uts")]


def enter(uid=0):
    return [("STDIO_OWNER", HOST + uid, HOST), ("ENTER_NS", NS, NEWUSER), ("UNSHARE", NEWNS)]


def run(box, pins, *command, uid=0, caps=DEFAULT_CAPS, sources=(), mounts=(), stdio=0):
    devpts = ("NEW_FS", 3, NOSUID | NOEXEC, "devpts", "devpts", ["newinstance", "ptmxmode=0666", "mode=0620"])
    root = [s for s in box.rootfs(list(mounts))[1:]]
    root = [devpts if s[:2] == ("NEW_FS", 3) else s for s in root]
    root = [(*s[:4], HOST, HOST, s[6]) if s[0] == "MKNOD" and s[6] != "/dev/host" else s for s in root]
    terminal = [("TERMINAL", 24, 80, 1)] if stdio & 1 else []
    steps = [*layers(box, pins)[:1], *joins(pins), *sources, *layers(box, pins)[1:], *root, *terminal, *enter(uid)]
    return started(box, *command, settings=box.settings(flags=NEWNS | NEWPID, stdio=stdio), steps=steps,
                   tail=[("UMASK", 0o022), ("CHDIR", "/"), *box.user(uid, caps)])


def test_ids_are_mapped_and_the_layer_stays_as_it_is(world):
    with pinned(world) as pins:
        box = world.box()
        shim = run(box, pins, "sh", "-c", "cat /proc/self/uid_map /proc/self/gid_map; id -u; stat -c %u:%g / /etc/image;"
                   "echo more >>/etc/image; echo new >/tmp/new; stat -c %u /tmp/new; mkdir /tmp/d; sleep 0.2")
        seen = os.stat(f"/proc/{shim.started['pid']}").st_uid
        assert seen == HOST, seen
        box.ended()
        line = f"         0     {HOST}      {COUNT}"
        assert box.output() == [line, line, "0", "0:0", "0:0", "0"], box.output()
        assert os.stat(f"{box.path}/upper/tmp/new").st_uid == 0, "a file of the container's root on disk"
        assert os.stat(f"{world.lower}/etc/image").st_uid == 0
        assert open(f"{world.lower}/etc/image").read() == "from the image\n"
        assert open(f"{box.path}/upper/etc/image").read() == "from the image\nmore\n"


def test_a_user_of_the_container_reopens_its_stdout(world):
    with pinned(world) as pins:
        box = world.box()
        run(box, pins, "sh", "-c", "id -u; echo again >/dev/stdout; echo x >/dev/null", uid=1000)
        box.ended()
        assert box.output() == ["1000", "again"], (box.output(), box.output("stderr"))


def test_a_terminal_belongs_to_the_user(world):
    with pinned(world) as pins:
        box = world.box()
        run(box, pins, "sh", "-c", "tty; stat -c %u $(tty); echo hello >$(tty)", uid=1000, stdio=1)
        box.ended()
        assert [l.strip() for l in box.output()] == ["/dev/pts/0", "1000", "hello"], box.output()


def test_capabilities_reach_as_far_as_the_namespace(world):
    with pinned(world) as pins:
        box = world.box()
        run(box, pins, "sh", "-c",
            "hostname blue && hostname; mount -t tmpfs t /tmp && echo mounted;"
            "mount -o remount,bind,rw /proc/sys 2>/dev/null || echo locked;"
            "busybox umount /proc/kcore 2>/dev/null || echo locked;"
            "echo 1 >/proc/sys/kernel/panic 2>/dev/null || echo kept", caps=CAPS_ALL)
        box.ended()
        assert box.output() == ["blue", "mounted", "locked", "locked", "kept"], (box.output(), box.output("stderr"))


def test_a_host_node_keeps_its_host_owner(world):
    with pinned(world) as pins:
        box = world.box()
        node = ("MKNOD", 0o020600, 1, 5, 0, 0, "/dev/host")
        run(box, pins, "sh", "-c", "stat -c %u /dev/host; cat /dev/host 2>/dev/null || echo refused", caps=CAPS_ALL,
            mounts=[node])
        box.ended()
        assert box.output() == ["65534", "refused"], box.output()


def test_a_bind_mount_is_mapped_both_ways_or_left_alone(world):
    with pinned(world) as pins:
        box = world.box()
        for name in ("mapped", "plain"):
            os.makedirs(f"{box.path}/{name}")
            open(f"{box.path}/{name}/root", "w").close()
        sources = [("OPEN_TREE", 10, 1, f"{box.path}/mapped"), ("IDMAP", 10, 1, NS, "mapped"),
                   ("OPEN_TREE", 11, 1, f"{box.path}/plain")]
        mounts = [("ATTACH", 10, 0, 0, "/mapped"), ("ATTACH", 11, 0, 0, "/plain")]
        run(box, pins, "sh", "-c", "stat -c %u /mapped/root /plain/root; touch /mapped/new;"
            "touch /plain/new 2>/dev/null || echo refused", sources=sources, mounts=mounts)
        box.ended()
        assert box.output() == ["0", "65534", "refused"], box.output()
        assert os.stat(f"{box.path}/mapped/new").st_uid == 0


def test_a_file_system_without_id_maps_is_told(world):
    with pinned(world) as pins:
        box = world.box()
        steps = [("OPEN_NS", NS, pins["user"]), ("OPEN_TREE", 10, 0, "/proc"), ("IDMAP", 10, 0, NS, "/proc"),
                 *box.rootfs()]
        failed = failing(box, "IDMAP", errno.EINVAL, "true", steps=steps)
        assert failed["object"] == "/proc" and "cannot be mounted with an id map" in failed["detail"], failed


def test_a_user_that_is_not_mapped_is_told(world):
    with pinned(world, count=1000) as pins:
        box = world.box()
        steps = [("OPEN_NS", NS, pins["user"]), *box.rootfs(), ("ENTER_NS", NS, NEWUSER)]
        failing(box, "CREDENTIALS", errno.EINVAL, "true", steps=steps, tail=box.user(1000))


def test_a_bad_map_is_told_and_leaves_no_process(world):
    box = world.box()
    settings = box.settings(flags=NEWNS | NEWUSER, extra=[("ID_MAPS", "0 0 0\n", "0 0 1\n")])
    shim = box.run("true", settings=settings, steps=[], tail=[], joins=[])
    assert shim.failed["step"] == "start" and shim.failed["errno"] == errno.EINVAL, shim.failed
    assert shim.failed["object"] == "/uid_map", shim.failed
    assert shim.wait() == 1


def test_exec_enters_the_user_namespace(world):
    with pinned(world) as pins:
        box = world.box()
        run(box, pins, "sleep", "100")
        kinds = NEWNS | NEWPID | NEWUTS | NEWIPC | NEWNET
        for uid in (0, 1000):
            steps = [("JOIN_CONTAINER", kinds), ("STDIO_OWNER", HOST + uid, HOST), ("JOIN_CONTAINER", NEWUSER),
                     ("CHDIR", "/"), *box.user(uid),
                     ("EXEC", 1, "sh", ["sh", "-c", "id -u; readlink /proc/self/ns/user; echo x >/dev/stdout;"
                                        "cat /proc/self/uid_map"], ENV)]
            client = box.client()
            kind, payload = client.start_exec(steps)
            assert kind == EXEC_STARTED, payload
            out, err, code, _ = client.finish_exec()
            client.close()
            inode = os.stat(pins["user"]).st_ino
            wanted = f"{uid}\nuser:[{inode}]\nx\n         0     {HOST}      {COUNT}\n"
            assert (out.decode(), code) == (wanted, 0), (out, err, code)
        box.kill()
        box.ended()


def test_the_container_cannot_look_into_a_process_that_is_about_to_join_it(world):
    """Before it joins the user namespace and after: its memory belongs to the node's. OPEN_NS waits at a fifo."""
    look = ("busybox mkfifo /tmp/fifo; while :; do for p in /proc/[0-9]*; do read n <$p/comm; [ $n = onggi-shim ] ||"
            " continue; echo met; readlink $p/root; ls $p/fd/; cat $p/environ $p/mem; echo open >/tmp/fifo; done; done")
    kinds = NEWNS | NEWPID | NEWUTS | NEWIPC | NEWNET
    with pinned(world) as pins:
        box = world.box()
        run(box, pins, "sh", "-c", f"exec 2>/dev/null; {look}", caps=CAPS_ALL)
        until(lambda: os.path.exists(f"{box.path}/upper/tmp/fifo"), "fifo")
        wait, enter_user = ("OPEN_NS", 5, "/tmp/fifo"), ("JOIN_CONTAINER", NEWUSER)
        for steps in ([wait, enter_user], [enter_user, wait]):
            client = box.client()
            kind, payload = client.start_exec([("JOIN_CONTAINER", kinds), *steps, ("EXEC", 0, "/no", ["x"], [])])
            assert kind == FAILED and parse_failed(payload)["step"] == "EXEC", (kind, payload)
            client.close()
        box.kill()
        box.ended()
        assert set(box.output()) == {"met"} and len(box.output()) >= 2, box.output()
