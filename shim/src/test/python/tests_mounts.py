"""What mounts come from: parts of images, propagation, folders that stay writable, probes."""
import errno
import os
import subprocess

from tests_start import failing, started
from world import *


def layers(box, *contents):
    """One folder a layer, the topmost first; a value None is a folder."""
    paths = []
    for number, files in enumerate(contents):
        layer = f"{box.path}/layer{number}"
        os.makedirs(layer)
        for name, text in files.items():
            if text is None:
                os.makedirs(f"{layer}/{name}")
            elif text.startswith("->"):
                os.symlink(text[2:], f"{layer}/{name}")
            else:
                os.makedirs(os.path.dirname(f"{layer}/{name}"), exist_ok=True)
                open(f"{layer}/{name}", "w").write(text)
        paths.append(layer)
    return paths


def image_at(box, lowers, sub, target="/volume"):
    """A read-only image, or a part of it, attached in the container."""
    part = [("SUBTREE", 9, sub, f"{box.path}/root")] if sub else []
    steps = box.rootfs([("ATTACH", 9, 0, 0, target)])
    return [steps[0], ("OVERLAY", 9, RDONLY, "", "", lowers, [], ""), *part, ("SET_ATTR", 9, 0, RDONLY, 0, 0), *steps[1:]]


def test_part_of_an_image_is_mounted_read_only_from_all_its_layers(world):
    box = world.box()
    lowers = layers(box, {"data/deep/top": "top"}, {"data/deep/base": "base", "outside": "no"})
    started(box, "sh", "-c", "cd /volume; ls; cat top base; touch new; grep -c ' / ' /proc/self/mountinfo",
            steps=image_at(box, lowers, "data/deep"))
    box.ended()
    assert box.output()[:3] == ["base", "top", "topbase" + box.output()[2][7:]], box.output()
    assert "Read-only file system" in "".join(box.output("stderr")), box.output("stderr")
    assert "layer0" not in open("/proc/self/mountinfo").read()


def test_part_that_is_a_file_and_one_behind_an_absolute_link_are_found_inside_the_image(world):
    box = world.box()
    lowers = layers(box, {"etc/passwd": "image's", "link": "->/etc", "up": "->../../../../etc"}, {"x": None})
    for number, sub in enumerate(("etc/passwd", "link/passwd", "up/passwd", "../../etc/passwd")):
        inner = world.box()
        started(inner, "cat", "/file", steps=image_at(inner, lowers, sub, "/file"))
        inner.ended()
        assert inner.output() == ["image's"], (sub, inner.output())
        assert number < 4


def test_part_that_is_not_in_the_image_is_told(world):
    box = world.box()
    failed = failing(box, "SUBTREE", errno.ENOENT, "true", steps=image_at(box, layers(box, {"a": None}, {"b": None}), "c"))
    assert failed["object"] == "c" and failed["detail"] == "open", failed
    assert "onggi-shim-test" not in open("/proc/self/mountinfo").read()


def test_folder_bound_on_itself_stays_writable_in_a_read_only_root(world):
    box = world.box()
    steps = box.rootfs([("SELF_BIND", "/var/new"), ("SELF_BIND", "/tmp"), ("PATH_ATTR", 0, RDONLY, 0, 0, "/")])
    started(box, "sh", "-c", "echo a >/var/new/a && echo b >/tmp/b && cat /var/new/a /tmp/b; touch /etc/c", steps=steps)
    box.ended()
    assert box.output() == ["a", "b"], box.output()
    assert "Read-only file system" in "".join(box.output("stderr")), box.output("stderr")


class Mounted:
    def __init__(self, path, *propagation):
        self.path = path
        os.makedirs(path, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", path], check=True)
        for kind in propagation:
            subprocess.run(["mount", f"--make-{kind}", path], check=True)

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=True)


def test_propagation_that_a_mount_does_not_have_is_told(world):
    with Mounted(f"{world.dir}/private", "private") as private, Mounted(f"{world.dir}/shared", "shared") as shared, \
            Mounted(f"{world.dir}/slave", "shared", "slave") as lone:
        os.makedirs(f"{shared}/below")
        box = world.box()
        started(box, "true", steps=[("NEED_PROPAGATION", 1, f"{shared}/below"), ("NEED_PROPAGATION", 2, shared), *box.rootfs()])
        for kind, path, words in ((1, private, "is not shared"), (2, private, "neither shared nor a slave"),
                                  (1, lone, "is not shared")):
            box = world.box()
            failed = failing(box, "NEED_PROPAGATION", errno.EINVAL, "true", steps=[("NEED_PROPAGATION", kind, path), *box.rootfs()])
            assert failed["object"] == path and words in failed["detail"], failed
        subprocess.run(["mount", "--bind", shared, lone], check=True)
        try:
            subprocess.run(["mount", "--make-slave", lone], check=True)
            box = world.box()
            started(box, "true", steps=[("NEED_PROPAGATION", 2, lone), *box.rootfs()])
            box = world.box()
            failing(box, "NEED_PROPAGATION", errno.EINVAL, "true", steps=[("NEED_PROPAGATION", 1, lone), *box.rootfs()])
        finally:
            subprocess.run(["umount", lone], check=True)


def probe(world, *steps, raw=None):
    path = f"{world.dir}/probe-plan"
    with open(path, "wb") as f:
        f.write(plan([("UNSHARE", NEWNS), ("PROPAGATION", MS_REC | MS_PRIVATE), *steps, ("PROBED",)]) if raw is None else raw)
    return Shim(world.program, path, verb="probe")


def test_probe_does_its_steps_and_leaves_no_trace(world):
    box = world.box()
    before = open("/proc/self/mountinfo").read()
    lowers = layers(box, {"a/b": "x"}, {"c": None})
    image = ("OVERLAY", 0, RDONLY, "", "", lowers, [], "")
    done = probe(world, ("OPEN_TREE", 1, 0, lowers[0]), image, ("SUBTREE", 0, "a/b", f"{box.path}/root"))
    assert done.probed and done.wait() == 0, (done.failed, done.raw)
    failed = probe(world, ("OPEN_TREE", 1, 0, f"{world.dir}/missing"))
    assert failed.failed["step"] == "OPEN_TREE" and failed.failed["errno"] == errno.ENOENT and failed.wait() == 1
    assert failed.failed["object"] == f"{world.dir}/missing" and failed.failed["index"] == 2, failed.failed
    failed = probe(world, image, ("SUBTREE", 0, "a/none", f"{box.path}/root"))
    assert failed.failed["object"] == "a/none" and failed.wait() == 1, failed.failed
    assert open("/proc/self/mountinfo").read() == before


def test_probe_refuses_a_plan_that_is_none(world):
    run = probe(world, raw=plan([("EXEC", 0, "/bin/true", ["true"], [])]))
    assert run.failed["step"] == "plan" and run.failed["detail"] == "decode: not for probes" and run.wait() == 1, run.failed
    box = world.box()
    shim = box.run(raw=plan([("PROBED",)]))
    assert shim.failed["detail"] == "decode: only for probes" and shim.wait() == 1, shim.failed


def test_a_thousand_mounts_fit_one_container(world):
    box = world.box()
    steps = box.rootfs([("ATTACH", n, 0, 0, f"/many/{n}") for n in range(1000, 2000)])
    opened = [("OPEN_TREE", n, 1, box.path) for n in range(1000, 2000)]
    started(box, "sh", "-c", "grep -c /many/ /proc/self/mountinfo", steps=[*opened, *steps])
    box.ended()
    assert box.output() == ["1000"], box.output()
