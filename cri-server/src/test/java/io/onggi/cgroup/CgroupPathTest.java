package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CgroupPathTest {
  @Test
  void aPathIsMadePlainAndKnowsItsParents() {
    CgroupPath path = CgroupPath.of("/kubepods//burstable/pod1/").child("c");
    assertEquals("/kubepods/burstable/pod1/c", path.toString());
    assertEquals(
        List.of("/kubepods", "/kubepods/burstable", "/kubepods/burstable/pod1"),
        path.parents().stream().map(CgroupPath::toString).toList());
    assertEquals(List.of(), CgroupPath.of("/onggi").parents());
  }

  @Test
  void aPathThatLeavesItsPlaceIsRefused() {
    refused("relative", "does not begin with /");
    refused("/", "is the root of the hierarchy");
    refused("/a/../../b", "has a part ..");
    refused("/a/b\nc", "has a control character");
    refused("/" + "x".repeat(256), "longer than 255 bytes");
    assertThrows(CriException.InvalidArgument.class, () -> CgroupPath.of("/a").child("b/c"));
    assertThrows(CriException.InvalidArgument.class, () -> CgroupPath.of("/a").child(".."));
  }

  private static void refused(String path, String why) {
    CriException.InvalidArgument e =
        assertThrows(CriException.InvalidArgument.class, () -> CgroupPath.of(path));
    assertTrue(String.valueOf(e.getMessage()).contains(why), e.getMessage());
  }

  @Test
  void hierarchiesAreFoundInMountinfoWithTheFreezerFirst() {
    String mountinfo =
        """
        31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:3 - cgroup cgroup rw,cpu,cpuacct
        33 31 0:30 / /sys/fs/cgroup/my\\040mem rw - cgroup cgroup rw,memory
        34 31 0:31 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,xattr,freezer
        35 31 0:31 / /sys/fs/cgroup/freezer2 rw - cgroup cgroup rw,xattr,freezer
        36 31 0:32 / /elsewhere/pids rw - cgroup cgroup rw,pids
        37 31 0:33 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
        38 31 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        """;
    String own =
        """
        5:name=systemd:/
        4:freezer:/
        3:memory:/a
        2:cpu,cpuacct:/
        1:pids:/
        0::/
        """;
    assertEquals(
        List.of(
            new Hierarchy(Path.of("/sys/fs/cgroup/freezer"), Set.of("freezer")),
            new Hierarchy(Path.of("/sys/fs/cgroup/cpu,cpuacct"), Set.of("cpu", "cpuacct")),
            new Hierarchy(Path.of("/sys/fs/cgroup/my mem"), Set.of("memory")),
            new Hierarchy(Path.of("/sys/fs/cgroup/systemd"), Set.of("name=systemd"))),
        Hierarchy.parse(mountinfo, own, Path.of("/sys/fs/cgroup")));
  }
}
