"""Starting: what the container finds, and how a failing step is told."""
import errno
import os
import subprocess
import time

from world import *


def started(box, *command, **options):
    shim = box.run(*command, **options)
    assert shim.started, shim.failed
    return shim


def failing(box, step, errnum, *command, **options):
    """Runs what must fail at a step; nothing is left of it."""
    shim = box.run(*command, **options)
    failed = shim.failed
    assert failed, "it started"
    assert failed["step"] == step and failed["errno"] == errnum, failed
    assert shim.wait() == 1
    assert not os.path.exists(box.socket), "socket is left"
    assert open(f"{box.cgroups[0]}/cgroup.procs").read() == "", "a process is left"
    return failed


def test_missing_binary_is_told_with_index_name_path_and_errno(world):
    box = world.box()
    failed = failing(box, "EXEC", errno.ENOENT, "nope")
    count = len(box.settings()) + len(box.joins()) + len(box.rootfs()) + 2
    assert failed["object"] == "nope" and failed["detail"] == "execve" and failed["index"] == count, failed


def test_missing_binary_with_a_path_is_told(world):
    failed = failing(world.box(), "EXEC", errno.ENOENT, "/bin/nope")
    assert failed["object"] == "/bin/nope", failed


def test_file_that_may_not_be_executed_is_told(world):
    failing(world.box(), "EXEC", errno.EACCES, "/etc/image")


def test_bad_working_directory_is_told(world):
    box = world.box()
    failed = failing(box, "CHDIR", errno.ENOENT, "true", tail=[("CHDIR", "/not/here")])
    assert failed["object"] == "/not/here" and failed["detail"] == "chdir", failed


def test_joins_a_pinned_namespace(world):
    pin = f"{world.dir}/net"
    open(pin, "w").close()
    subprocess.run(["unshare", f"--net={pin}", "true"], check=True)
    try:
        box = world.box()
        inode = os.stat(pin).st_ino
        flags = NEWNS | NEWPID | NEWUTS | NEWIPC
        started(box, "readlink", "/proc/self/ns/net", settings=box.settings(flags=flags),
                steps=[("JOIN_NS", NEWNET, pin), *box.rootfs()])
        box.ended()
        assert box.output() == [f"net:[{inode}]"], (box.output(), inode)
    finally:
        subprocess.run(["umount", pin], check=True)


def test_unshares_in_a_step_and_keeps_slave_propagation(world):
    box = world.box()
    steps = [("UNSHARE", NEWUTS | NEWCGROUP), ("PROPAGATION", MS_REC | MS_SLAVE), *box.rootfs()]
    started(box, "sh", "-c", "hostname; cat /proc/self/cgroup | grep freezer", settings=box.settings(flags=NEWNS | NEWPID),
            steps=steps)
    box.ended()
    assert box.output()[0] == "red" and box.output()[1].endswith(":freezer:/"), box.output()
    assert os.uname().nodename != "red"


def test_missing_bind_source_is_told(world):
    box = world.box()
    steps = box.rootfs([("OPEN_TREE", 9, 1, "/no/such/source"), ("ATTACH", 9, 0, 0, "/data")])
    failed = failing(box, "OPEN_TREE", errno.ENOENT, "true", steps=steps)
    assert failed["object"] == "/no/such/source", failed


def test_bad_namespace_path_is_told(world):
    box = world.box()
    failed = failing(box, "JOIN_NS", errno.ENOENT, "true", steps=[("JOIN_NS", NEWNET, "/run/no/net")])
    assert failed["object"] == "/run/no/net", failed
    failing(world.box(), "JOIN_NS", errno.EINVAL, "true", steps=[("JOIN_NS", NEWNET, "/etc/passwd")])


def test_kernel_says_why_a_mount_option_is_refused(world):
    box = world.box()
    steps = box.rootfs([("NEW_FS", 9, 0, "tmpfs", "tmpfs", ["nonsense=1"])])
    failed = failing(box, "NEW_FS", errno.EINVAL, "true", steps=steps)
    assert "nonsense" in failed["detail"], failed


def test_slot_that_holds_nothing_is_told(world):
    box = world.box()
    failing(box, "ATTACH", errno.EBADF, "true", steps=box.rootfs([("ATTACH", 77, 0, 0, "/data")]))


def test_plan_that_does_not_decode_does_nothing(world):
    box = world.box()
    raw = bytearray(box.plan("true"))
    raw[4] = 9
    failed = failing(box, "plan", errno.EPROTO, raw=bytes(raw))
    assert failed["detail"] == "decode: unknown version" and failed["index"] == 0xFFFFFFFF, failed
    assert not os.path.exists(box.log)
    raw = box.plan("true", steps=[("CHDIR", "/")])
    cut = raw[:8] + u32(len(raw) - 3) + raw[12:-3]
    failed = failing(world.box(), "plan", errno.EPROTO, raw=cut)
    assert failed["index"] != 0xFFFFFFFF, failed


def test_start_timeout_names_the_step_that_hangs(world):
    box = world.box()
    os.mkfifo(f"{box.path}/fifo")
    begin = time.monotonic()
    failed = failing(box, "JOIN_CGROUP", errno.ETIMEDOUT, "true", settings=box.settings(timeout_s=0.3),
                     joins=box.joins() + [("JOIN_CGROUP", f"{box.path}/fifo")])
    assert failed["object"] == f"{box.path}/fifo", failed
    assert 0.3 <= time.monotonic() - begin < 2


def test_log_that_cannot_be_opened_is_told(world):
    box = world.box()
    failed = failing(box, "LOG", errno.ENOENT, "true", settings=box.settings(log=f"{box.path}/no/log"))
    assert failed["object"] == f"{box.path}/no/log", failed


def test_socket_in_use_is_told_and_left_alone(world):
    box = world.box()
    open(box.socket, "w").close()
    shim = box.run("true")
    assert shim.failed["step"] == "SOCKET" and shim.failed["errno"] == errno.EADDRINUSE, shim.failed
    assert shim.wait() == 1 and os.path.exists(box.socket)


def test_container_has_root_names_and_ids_of_its_own(world):
    box = world.box()
    started(box, "sh", "-c", "cat /etc/image; hostname; echo $$; ls /; test -c /dev/null && echo null; pwd")
    box.ended()
    out = box.output()
    assert out[:3] == ["from the image", "red", "1"] and "null" in out and out[-1] == "/", out


def test_nothing_but_stdio_is_open_in_the_container(world):
    box = world.box()
    os.makedirs(f"{box.path}/upper/bin")
    subprocess.run(["cp", world.probe, f"{box.path}/upper/bin/probe"], check=True)
    started(box, "probe", "fds")
    box.ended()
    assert box.output() == ["0 1 2 "], box.output()


def test_chroot_escape_stays_inside(world):
    bare = f"{world.dir}/bare"
    os.makedirs(bare)
    subprocess.run(["cp", world.probe, f"{bare}/probe"], check=True)
    out = subprocess.run(["/probe", "escape", world.dir], preexec_fn=lambda: os.chroot(bare), cwd="/",
                         capture_output=True, text=True).stdout
    assert out == "outside\n", "the program does not work from a bare chroot: " + out
    box = world.box()
    os.makedirs(f"{box.path}/upper/bin")
    subprocess.run(["cp", world.probe, f"{box.path}/upper/bin/probe"], check=True)
    started(box, "probe", "escape", world.dir)
    box.ended()
    assert box.output() == ["inside"], box.output()


def test_symlinks_of_the_image_lead_nowhere_outside(world):
    box = world.box()
    os.makedirs(f"{box.path}/upper/deep")
    os.symlink("/etc", f"{box.path}/upper/evil")
    os.symlink("../../../../../../etc", f"{box.path}/upper/deep/evil")
    os.symlink("/later/made", f"{box.path}/upper/dangling")
    name = f"onggi-evil-{os.getpid()}"
    targets = [f"/evil/{name}", f"/deep/evil/{name}2", "/dangling/x"]
    steps = []
    for slot, target in enumerate(targets, 10):
        steps += [("NEW_FS", slot, 0, "tmpfs", "tmpfs", []), ("ATTACH", slot, 0, 0, target)]
    steps += [("MKDIR", 0o755, 0, 0, f"/evil/{name}3"), ("SYMLINK", "x", f"/evil/{name}4")]
    started(box, "sh", "-c", "grep -c -e onggi-evil -e /later/made/x /proc/mounts; ls /etc", steps=box.rootfs(steps))
    box.ended()
    out = box.output()
    assert out[0] == "3" and name in out and f"{name}4" in out, out
    assert not [f for f in os.listdir("/etc") if f.startswith("onggi-evil")]


def test_mounts_are_unseen_on_the_host(world):
    box = world.box()
    started(box, "sleep", "100")
    assert box.path not in open("/proc/self/mounts").read()
    assert os.listdir(f"{box.path}/root") == []


def test_old_root_is_gone(world):
    box = world.box()
    started(box, "sh", "-c", "wc -l < /proc/mounts; cat /proc/mounts")
    box.ended()
    out = box.output()
    assert out[1].startswith("overlay / overlay ") and int(out[0]) <= 7, out


def test_masked_and_readonly_paths(world):
    box = world.box()
    steps = box.rootfs([("MASK", "/proc/version"), ("MASK", "/proc/fs")])
    started(box, "sh", "-c", "cat /proc/version | wc -c; ls /proc/fs | wc -l; "
                             "echo 1 > /proc/sys/vm/drop_caches; cat /proc/mounts | grep ' /proc/sys '", steps=steps)
    box.ended()
    out = box.output()
    assert out[0] == "0" and out[1] == "0" and " ro," in out[2], out
    assert "Read-only" in box.output("stderr")[0], box.output("stderr")


def test_bind_mounts_make_their_targets(world):
    box = world.box()
    open(f"{box.path}/file", "w").write("bound\n")
    steps = [("OPEN_TREE", 9, 0, f"{box.path}/file"), ("SET_ATTR", 9, 1, RDONLY, 0, MS_PRIVATE),
             ("ATTACH", 9, 0, 0, "/a/b/file"), ("OPEN_TREE", 10, 1, box.path), ("ATTACH", 10, 0, 0, "/a/dir"),
             ("PATH_ATTR", 1, RDONLY, 0, 0, "/a/dir"), ("MKDIR", 0o1777, 5, 6, "/a/mode"),
             ("SYSCTL", "net/ipv4/ip_forward", "1")]
    started(box, "sh", "-c", "cat /a/b/file; echo x > /a/b/file; ls /a/dir; touch /a/dir/new; "
                             "stat -c '%a %u %g' /a/mode; cat /proc/sys/net/ipv4/ip_forward", steps=box.rootfs(steps))
    box.ended()
    out = box.output()
    assert out[0] == "bound" and "file" in out and out[-2:] == ["1777 5 6", "1"], out
    assert len(box.output("stderr")) == 2, box.output("stderr")


def test_overlay_by_mount_where_the_new_way_fails(world):
    """Two options in one string are refused by fsconfig and taken by mount(2)."""
    box = world.box()
    steps = [(*e[:6], ["index=off,metacopy=off"], e[7]) if e[0] == "OVERLAY" else e for e in box.rootfs()]
    started(box, "sh", "-c", "cat /etc/image; touch /new", steps=steps)
    box.ended()
    assert box.output() == ["from the image"] and os.listdir(f"{box.path}/upper") == ["new"], box.output()
    assert os.listdir(f"{box.path}/root") == []


def test_overlay_that_cannot_be_made_is_told(world):
    box = world.box()
    steps = [(*e[:5], ["/no/layer"], *e[6:]) if e[0] == "OVERLAY" else e for e in box.rootfs()]
    failed = failing(box, "OVERLAY", errno.ENOENT, "true", steps=steps)
    assert failed["object"] == "/no/layer", failed


def test_attach_onto_a_target_that_must_exist(world):
    box = world.box()
    steps = box.rootfs([("NEW_FS", 9, 0, "tmpfs", "tmpfs", []), ("ATTACH", 9, 1, 0, "/missing")])
    failing(box, "ATTACH", errno.ENOENT, "true", steps=steps)


def test_user_groups_capabilities_limits_and_flags(world):
    box = world.box()
    tail = [("RLIMIT", 7, 64, 128), ("OOM_SCORE_ADJ", 500), ("UMASK", 0o027), ("CHDIR", "/tmp"), ("NO_NEW_PRIVS",),
            ("CREDENTIALS", 1000, 1001, [1001, 7], 0x400 | 0x1, 0x400, 0x400, 0x400, 0x400)]
    steps = box.rootfs()
    script = "cat /proc/self/status /proc/self/limits; umask; pwd; echo to > /dev/stdout"
    started(box, "sh", "-c", script, steps=steps[:-1] + tail[:2] + steps[-1:], tail=tail[2:])
    box.ended()
    status = {l.split(":")[0]: l.split(":")[1].split() for l in box.output() if ":" in l}
    assert status["Uid"] == ["1000"] * 4 and status["Gid"] == ["1001"] * 4 and status["Groups"] == ["7", "1001"], status
    assert int(status["CapBnd"][0], 16) == 0x401 and int(status["CapEff"][0], 16) == 0x400, status
    assert int(status["CapPrm"][0], 16) == 0x400 and int(status["CapAmb"][0], 16) == 0x400, status
    assert status["NoNewPrivs"] == ["1"] and status["SigBlk"] == ["0" * 16] and status["SigIgn"] == ["0" * 16], status
    out = box.output()
    assert [l for l in out if l.startswith("Max open files") and l.split()[3:5] == ["64", "128"]], out
    assert out[-3:] == ["0027", "/tmp", "to"], out


def bpf(code, jt, jf, k):
    return struct.pack("<HBBI", code, jt, jf, k & 0xFFFFFFFF)


def deny(*numbers):
    """A filter that answers EPERM to these calls."""
    rules = b"".join(bpf(0x15, len(numbers) - i, 0, n) for i, n in enumerate(numbers))
    return bpf(0x20, 0, 0, 0) + rules + bpf(6, 0, 0, 0x7FFF0000) + bpf(6, 0, 0, 0x50001)


def test_seccomp_filter_holds_and_does_not_hinder_the_exec(world):
    box = world.box()
    mkdir, sigprocmask, close_range, sendmsg = (83, 14, 436, 46) if os.uname().machine == "x86_64" else (34, 135, 436, 211)
    tail = [*box.user(), ("NO_NEW_PRIVS",), ("SECCOMP", 0, deny(mkdir, sigprocmask, close_range, sendmsg))]
    started(box, "sh", "-c", "mkdir /tmp/x; grep Seccomp: /proc/self/status", tail=tail)
    box.ended()
    assert box.output() == ["Seccomp:\t2"], box.output()
    assert "not permitted" in box.output("stderr")[0], box.output("stderr")


def test_shim_without_a_report_pipe_or_plan_says_how_to_call_it(world):
    for arguments in (["run", "/no/plan"], [], ["walk"]):
        done = subprocess.run([world.program, *arguments], capture_output=True, text=True)
        assert done.returncode == 64 and done.stderr.startswith("usage: onggi-shim run"), done
    done = subprocess.run([world.program, "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.endswith(" protocol 1\n"), done


def test_closed_stdio_of_the_shim_harms_nobody(world):
    box = world.box()
    with open(f"{box.path}/plan", "wb") as f:
        f.write(box.plan("sh", "-c", "cat; echo out"))
    command = f"exec {world.program} run {box.path}/plan 3>{box.path}/report 4</etc/passwd <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command]).returncode == 0
    assert box.output() == ["out"] and parse_record(open(box.record).read())["exit_code"] == 0


def test_time_line_has_an_entry_for_each_step(world):
    box = world.box()
    shim = started(box, "true")
    times = shim.started["times"]
    settings = len(box.settings())
    assert len(times) == settings + len(box.joins()) + len(box.rootfs()) + 3
    assert times[:settings] == [(0, 0)] * settings
    begins = [begin for begin, _ in times[settings:]]
    assert begins == sorted(begins) and begins[0] > 0, times
    record = box.ended()
    assert record["start_time"] == shim.started["start_time"] and record["started_ns"] == shim.started["started_ns"]
