package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ExecSyncResponse;
import io.onggi.proto.Int64Value;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.LinuxContainerUser;
import io.onggi.proto.SupplementalGroupsPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who a container's process is and what it may do, asked of the process itself. */
@ExtendWith(SharedNode.class)
class SecurityContractTest {
  /**
   * chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
   * sys_chroot, mknod, audit_write, setfcap.
   */
  private static final long DEFAULTS = 0xa80425fbL;

  private static final long NET_ADMIN = 1L << 12;
  private static final long SYS_TIME = 1L << 25;
  private static final long CHOWN = 1;

  private final Node node;

  SecurityContractTest(Node node) {
    this.node = node;
  }

  private static Consumer<ContainerConfig.Builder> secured(
      Consumer<LinuxContainerSecurityContext.Builder> change) {
    return c -> change.accept(c.getLinuxBuilder().getSecurityContextBuilder());
  }

  private static Int64Value number(long value) {
    return Int64Value.newBuilder().setValue(value).build();
  }

  private Pod privilegedPod() {
    return Pod.run(node, c -> c.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true));
  }

  @Test
  void c12_aPrivilegedContainerNeedsAPrivilegedSandbox() {
    try (Pod pod = Pod.run(node)) {
      Fails.invalid(pod.id(), () -> pod.create("c", secured(s -> s.setPrivileged(true))));
    }
  }

  @Test
  void c24_aGroupWithoutAUserAndAnUnknownUsernameAreRefused() {
    try (Pod pod = Pod.run(node)) {
      Fails.invalid(
          "run_as_group", () -> pod.create("c", secured(s -> s.setRunAsGroup(number(5)))));
      Fails.invalid(
          "no-such-user", () -> pod.create("c", secured(s -> s.setRunAsUsername("no-such-user"))));
    }
  }

  @Test
  void c24_userGroupAndUsernameAreThoseOfTheProcessAndInTheStatus() {
    try (Pod pod = Pod.run(node)) {
      assertIs(
          pod,
          pod.start("ids", secured(s -> s.setRunAsUser(number(1234)).setRunAsGroup(number(4321)))),
          1234,
          4321);
      assertIs(pod, pod.start("user", secured(s -> s.setRunAsUser(number(1234)))), 1234, 0);
      assertIs(pod, pod.start("known", secured(s -> s.setRunAsUser(number(33)))), 33, 33);
      assertIs(pod, pod.start("name", secured(s -> s.setRunAsUsername("www-data"))), 33, 33);
      assertIs(
          pod,
          pod.start("both", secured(s -> s.setRunAsUsername("www-data").setRunAsGroup(number(7)))),
          33,
          7);
      assertIs(pod, pod.start("root"), 0, 0);
      assertIs(
          pod,
          pod.start("largest", secured(s -> s.setRunAsUser(number(0xffff_fffeL)))),
          0xffff_fffeL,
          0);
    }
  }

  private static void assertIs(Pod pod, String container, long uid, long gid) {
    Map<String, String> status = processStatus(pod, container);
    assertEquals("%1$d\t%1$d\t%1$d\t%1$d".formatted(uid), status.get("Uid"));
    assertEquals("%1$d\t%1$d\t%1$d\t%1$d".formatted(gid), status.get("Gid"));
    LinuxContainerUser user = pod.status(container).getUser().getLinux();
    assertEquals(uid, user.getUid());
    assertEquals(gid, user.getGid());
  }

  /** /proc/1/status of the container: what the kernel says of its first process. */
  private static Map<String, String> processStatus(Pod pod, String container) {
    return pod.sh(container, "cat /proc/1/status")
        .lines()
        .map(l -> l.split(":", 2))
        .collect(Collectors.toMap(f -> f[0], f -> f[1].strip()));
  }

  @Test
  void c25_groupsAreMergedWithTheImagesOrStrictlyThoseAsked() {
    try (Image image =
            Image.with(
                node,
                "etc/passwd",
                "merger:x:1000:50000::/:/bin/sh\n",
                "etc/group",
                "fifty:x:50000:\nextra:x:60000:merger\n");
        Pod pod = Pod.run(node)) {
      Consumer<LinuxContainerSecurityContext.Builder> asked =
          s -> s.setRunAsUser(number(1000)).addSupplementalGroups(1234);
      String merged = pod.start("merge", secured(asked).andThen(image::use));
      assertEquals(List.of(1234L, 50000L, 60000L), groups(pod, merged));
      String strict =
          pod.start(
              "strict",
              secured(
                      asked.andThen(
                          s -> s.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)))
                  .andThen(image::use));
      assertEquals(List.of(1234L, 50000L), groups(pod, strict));
    }
  }

  /** As `id` prints them, which the status must agree with; in rising order. */
  private static List<Long> groups(Pod pod, String container) {
    List<Long> said =
        Stream.of(pod.sh(container, "id -G").split(" ", -1)).map(Long::valueOf).sorted().toList();
    LinuxContainerUser user = pod.status(container).getUser().getLinux();
    List<Long> told =
        Stream.concat(Stream.of(user.getGid()), user.getSupplementalGroupsList().stream())
            .distinct()
            .sorted()
            .toList();
    assertEquals(told, said);
    return said;
  }

  @Test
  void c26_privilegedHasEveryCapabilityNothingHiddenAndEveryDevice() {
    try (Pod pod = privilegedPod()) {
      String container =
          pod.start(
              "c",
              secured(
                  s ->
                      s.setPrivileged(true)
                          .addMaskedPaths("/proc/timer_list")
                          .addReadonlyPaths("/proc/sys")));
      // Every capability that the daemon itself may hand on.
      String own = Programs.run(List.of("sh", "-c", "grep CapBnd /proc/self/status")).output();
      long all = Long.parseUnsignedLong(own.split(":")[1].strip(), 16);
      Map<String, String> status = processStatus(pod, container);
      for (String set : List.of("CapEff", "CapPrm", "CapBnd")) {
        assertEquals(all, bits(status, set), set);
      }
      assertEquals("0", status.get("Seccomp"));
      pod.sh(container, "test ! -e /proc/timer_list || head -n 1 /proc/timer_list | grep -q .");
      assertFalse(options(pod, container, "/proc").contains("ro"));
      assertFalse(options(pod, container, "/sys").contains("ro"));
      assertEquals("", pod.sh(container, "awk '$5 == \"/proc/sys\"' /proc/self/mountinfo"));
      for (String device : List.of("/dev/kmsg", "/dev/loop-control", "/dev/fuse")) {
        if (Files.exists(Path.of(device))) {
          pod.sh(container, "test -c " + device);
        }
      }
      pod.sh(container, "mount -t tmpfs none /mnt && umount /mnt");
    }
  }

  private static long bits(Map<String, String> status, String set) {
    return Long.parseUnsignedLong(status.getOrDefault(set, "absent"), 16);
  }

  private static List<String> options(Pod pod, String container, String mountPoint) {
    return List.of(
        pod.sh(container, "awk '$5 == \"" + mountPoint + "\" { print $6 }' /proc/self/mountinfo")
            .split(",", -1));
  }

  @Test
  void c27_addIsInAllSetsButAmbientDropInNoneAndAmbientInAll() {
    try (Pod pod = Pod.run(node)) {
      assertCapabilities(pod, pod.start("plain"), DEFAULTS, 0);
      assertCapabilities(
          pod,
          pod.start("add", capabilities("add", "NET_ADMIN", "CAP_SYS_TIME")),
          DEFAULTS | NET_ADMIN | SYS_TIME,
          0);
      assertCapabilities(
          pod, pod.start("drop", capabilities("drop", "CHOWN")), DEFAULTS & ~CHOWN, 0);
      assertCapabilities(pod, pod.start("none", capabilities("drop", "ALL")), 0, 0);
      assertCapabilities(
          pod,
          pod.start("one", capabilities("drop", "ALL").andThen(capabilities("add", "NET_ADMIN"))),
          NET_ADMIN,
          0);
      assertCapabilities(
          pod,
          pod.start("ambient", capabilities("ambient", "NET_ADMIN")),
          DEFAULTS | NET_ADMIN,
          NET_ADMIN);
      Fails.invalid("NO_SUCH", () -> pod.create("bad", capabilities("add", "NO_SUCH")));
    }
  }

  @Test
  void c27_anotherUserThanRootHasOnlyWhatIsAmbient() {
    try (Pod pod = Pod.run(node)) {
      Consumer<ContainerConfig.Builder> user = secured(s -> s.setRunAsUser(number(1234)));
      Map<String, String> plain = processStatus(pod, pod.start("plain", user));
      assertEquals(0, bits(plain, "CapEff"));
      assertEquals(DEFAULTS, bits(plain, "CapBnd"));
      Map<String, String> ambient =
          processStatus(
              pod, pod.start("ambient", user.andThen(capabilities("ambient", "NET_ADMIN"))));
      assertEquals(NET_ADMIN, bits(ambient, "CapEff"));
      assertEquals(NET_ADMIN, bits(ambient, "CapAmb"));
    }
  }

  private static Consumer<ContainerConfig.Builder> capabilities(String list, String... names) {
    return secured(
        s -> {
          for (String name : names) {
            switch (list) {
              case "add" -> s.getCapabilitiesBuilder().addAddCapabilities(name);
              case "drop" -> s.getCapabilitiesBuilder().addDropCapabilities(name);
              default -> s.getCapabilitiesBuilder().addAddAmbientCapabilities(name);
            }
          }
        });
  }

  private static void assertCapabilities(Pod pod, String container, long sets, long ambient) {
    Map<String, String> status = processStatus(pod, container);
    for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd")) {
      assertEquals("%016x".formatted(sets), status.get(set), set);
    }
    assertEquals("%016x".formatted(ambient), status.get("CapAmb"));
  }

  @Test
  void rootfs_readOnlyMeansReadOnlyAndOtherwiseItIsWritable() {
    try (Pod pod = Pod.run(node)) {
      String locked = pod.start("locked", secured(s -> s.setReadonlyRootfs(true)));
      pod.shFails(locked, "touch /file");
      pod.shFails(locked, "touch /etc/hosts");
      pod.sh(locked, "touch /dev/shm/file");
      String open = pod.start("open");
      pod.sh(open, "touch /file && echo more >>/etc/hosts");
    }
  }

  @Test
  void paths_maskedOnesAreEmptyAndReadonlyOnesRefuseWrites() {
    try (Pod pod = Pod.run(node)) {
      String container =
          pod.start(
              "c",
              secured(
                  s ->
                      s.addMaskedPaths("/etc/passwd")
                          .addMaskedPaths("/demo")
                          .addMaskedPaths("/no/such/path")
                          .addReadonlyPaths("/tmp")
                          .addReadonlyPaths("/proc/sys")
                          .addReadonlyPaths("/no/such/path")));
      assertEquals("", pod.sh(container, "cat /etc/passwd"));
      assertEquals("", pod.sh(container, "ls -A /demo"));
      pod.shFails(container, "touch /tmp/file");
      pod.shFails(container, "touch /demo/file");
      pod.shFails(container, "echo 1 >/proc/sys/net/ipv4/ip_forward");
      pod.sh(container, "touch /var/tmp/file");
      assertTrue(pod.sh(pod.start("plain"), "ls -A /demo").contains("changed"));
    }
  }

  @Test
  void noNewPrivs_isSetOnTheProcessOnlyWhenAsked() {
    try (Pod pod = Pod.run(node)) {
      String locked = pod.start("locked", secured(s -> s.setNoNewPrivs(true)));
      assertEquals("1", processStatus(pod, locked).get("NoNewPrivs"));
      assertEquals("0", processStatus(pod, pod.start("open")).get("NoNewPrivs"));
    }
  }

  @Test
  void sys_isReadOnlyAndTheHostsDevicesAreAbsentUnlessPrivileged() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c");
      assertTrue(options(pod, container, "/sys").contains("ro"));
      assertEquals(
          "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero",
          pod.sh(container, "cd /dev; echo $(ls | grep -vxE 'console|core')"));
      ExecSyncResponse node =
          pod.exec(container, 0, "sh", "-c", "mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg");
      String said = node.getStderr().toStringUtf8();
      assertTrue(
          said.contains("Operation not permitted"), "exit " + node.getExitCode() + " " + said);
      pod.shFails(container, "mount -t tmpfs none /mnt");
    }
  }
}
