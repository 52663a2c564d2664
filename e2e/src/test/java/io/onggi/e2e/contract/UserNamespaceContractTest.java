package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.onggi.e2e.Facts;
import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.IDMapping;
import io.onggi.proto.Int64Value;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.Mount;
import io.onggi.proto.MountPropagation;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.NamespaceOption;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.RuntimeHandler;
import io.onggi.proto.StatusRequest;
import io.onggi.proto.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods with a user namespace: what they are inside, and what the node sees of them. */
@ExtendWith(SharedNode.class)
class UserNamespaceContractTest {
  private static final int HOST = 1_000_000;
  private static final int LENGTH = 65_536;
  private static final String LINE = "0 " + HOST + " " + LENGTH;

  private final Node node;

  UserNamespaceContractTest(Node node) {
    this.node = node;
  }

  private static IDMapping ids(int container, int host, int length) {
    return IDMapping.newBuilder()
        .setContainerId(container)
        .setHostId(host)
        .setLength(length)
        .build();
  }

  private static UserNamespace users(int host, int length) {
    IDMapping ids = ids(0, host, length);
    return UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(ids).addGids(ids).build();
  }

  private static Consumer<PodSandboxConfig.Builder> pod(Consumer<NamespaceOption.Builder> change) {
    return c ->
        change.accept(c.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder());
  }

  private static Consumer<ContainerConfig.Builder> secured(
      Consumer<LinuxContainerSecurityContext.Builder> change) {
    return c -> change.accept(c.getLinuxBuilder().getSecurityContextBuilder());
  }

  private Pod mapped(int host) {
    return Pod.run(node, pod(o -> o.setUsernsOptions(users(host, LENGTH))));
  }

  /** As the kubelet sends one: to a mount of a pod with a user namespace. */
  private static Mount.Builder mount(Path host, String inside) {
    IDMapping ids = ids(0, HOST, LENGTH);
    return Mount.newBuilder()
        .setHostPath(host.toString())
        .setContainerPath(inside)
        .addUidMappings(ids)
        .addGidMappings(ids);
  }

  private static Object owner(Path file) throws IOException {
    return Files.getAttribute(file, "unix:uid") + ":" + Files.getAttribute(file, "unix:gid");
  }

  private static void refused(String names, Consumer<UserNamespace.Builder> change, Node node) {
    UserNamespace.Builder users = users(HOST, LENGTH).toBuilder();
    change.accept(users);
    Fails.invalid(names, () -> Pod.run(node, pod(o -> o.setUsernsOptions(users))));
  }

  @Test
  void c16_everyWrongMappingIsRefusedByName() {
    refused("uids has 2 mappings", u -> u.addUids(ids(LENGTH, 5_000_000, 1)), node);
    refused("gids has 2 mappings", u -> u.addGids(ids(0, HOST, LENGTH)), node);
    refused("uids has 0 mappings", UserNamespace.Builder::clearUids, node);
    refused("gids has 0 mappings", UserNamespace.Builder::clearGids, node);
    refused("uids[0].length is 0", u -> u.setUids(0, ids(0, HOST, 0)), node);
    refused("gids[0].container_id is 1", u -> u.setGids(0, ids(1, HOST, LENGTH)), node);
    refused("uids[0].host_id 4294967295", u -> u.setUids(0, ids(0, -1, 1)), node);
    refused("gids[0].host_id 1000000", u -> u.setGids(0, ids(0, HOST, -1)), node);
    refused("mode NODE and mappings", u -> u.setMode(NamespaceMode.NODE), node);
    refused("POD or NODE", u -> u.setMode(NamespaceMode.CONTAINER), node);
    refused("POD or NODE", u -> u.setMode(NamespaceMode.TARGET), node);
    refused("POD or NODE", u -> u.setModeValue(77), node);
    Fails.invalid(
        "pid namespace",
        () ->
            Pod.run(node, pod(o -> o.setUsernsOptions(users(HOST, 9)).setPid(NamespaceMode.NODE))));
    Fails.invalid(
        "ipc namespace",
        () ->
            Pod.run(node, pod(o -> o.setUsernsOptions(users(HOST, 9)).setIpc(NamespaceMode.NODE))));
  }

  @Test
  void c16_aContainerLivesInItsPodsUserNamespace() {
    try (Pod pod = mapped(HOST);
        Pod plain = Pod.run(node)) {
      Consumer<ContainerConfig.Builder> other =
          secured(s -> s.getNamespaceOptionsBuilder().setUsernsOptions(users(HOST + 1, LENGTH)));
      Fails.invalid("the pod's is POD (uids 0 1000000 65536", () -> pod.create("other", other));
      Fails.invalid("the pod's is NODE", () -> plain.create("other", other));
      Fails.invalid(
          "is NODE but the pod's is POD",
          () ->
              pod.create(
                  "node",
                  secured(
                      s ->
                          s.getNamespaceOptionsBuilder()
                              .getUsernsOptionsBuilder()
                              .setMode(NamespaceMode.NODE))));
      Path folder = pod.hostFolder("v");
      Fails.invalid(
          "must be those of the pod's user namespace, which is NODE",
          () -> plain.create("m", c -> c.addMounts(mount(folder, "/v"))));
      Fails.invalid(
          "gidMappings has 0 mappings",
          () -> pod.create("m", c -> c.addMounts(mount(folder, "/v").clearGidMappings())));
      Fails.invalid(
          "user 65536 is not within the pod's user namespace",
          () ->
              pod.create(
                  "u", secured(s -> s.setRunAsUser(Int64Value.newBuilder().setValue(65536)))));
      Fails.invalid(
          "supplemental group 70000",
          () -> pod.create("g", secured(s -> s.addSupplementalGroups(70000))));
    }
  }

  @Test
  void ids_areMappedForTheCommandAndForAnExecAndOwnThePodsNamespaces() throws IOException {
    try (Pod pod = mapped(HOST)) {
      String container =
          pod.start(
              "c",
              secured(
                  s ->
                      s.setRunAsUser(Int64Value.newBuilder().setValue(1000))
                          .addSupplementalGroups(4000)));
      int pid = pod.pid(container);
      String map = Files.readString(Path.of("/proc/" + pid + "/uid_map")).strip();
      assertEquals(LINE, map.replaceAll(" +", " "));
      assertEquals(map, Files.readString(Path.of("/proc/" + pid + "/gid_map")).strip());
      String status = Files.readString(Path.of("/proc/" + pid + "/status"));
      assertTrue(status.contains("Uid:\t1001000\t1001000\t1001000\t1001000"), status);
      assertTrue(status.contains(" 1004000"), status);
      assertEquals("1000", pod.sh(container, "id -u"));
      assertTrue(pod.sh(container, "id -G").endsWith("4000"), pod.sh(container, "id -G"));
      assertEquals(
          Programs.run(List.of("readlink", "/proc/" + pid + "/ns/user")).output().strip(),
          pod.sh(container, "readlink /proc/self/ns/user"));
      for (String kind : List.of("net", "ipc", "uts", "mnt", "cgroup")) {
        assertEquals(pod.sh(container, "readlink /proc/self/ns/user"), ownerOf(pid, kind), kind);
      }
      UserNamespace told = pod.status().getLinux().getNamespaces().getOptions().getUsernsOptions();
      assertEquals(users(HOST, LENGTH), told);
      assertEquals(1000, pod.status(container).getUser().getLinux().getUid());
    }
  }

  /** The user namespace that owns one of the process's (lsns reads NS_GET_USERNS). */
  private static String ownerOf(int pid, String kind) {
    String owner =
        Programs.run(
                List.of(
                    "python3",
                    "-c",
                    "import fcntl,os,sys; f=os.open('/proc/%s/ns/%s' % tuple(sys.argv[1:]),0);"
                        + "print('user:[%d]' % os.fstat(fcntl.ioctl(f,0xb701)).st_ino)",
                    Integer.toString(pid),
                    kind))
            .output()
            .strip();
    return owner;
  }

  @Test
  void files_belongToRootInsideAndOnDiskAndTheLayerStaysAsItIs() throws IOException {
    try (Pod pod = mapped(HOST)) {
      String container = pod.start("c");
      assertEquals("0:0", pod.sh(container, "stat -c %u:%g /"));
      assertEquals("0:0", pod.sh(container, "stat -c %u:%g /bin/sh"));
      pod.sh(
          container, "echo new >/new && mkdir -p /a/b && rm -r /etc/passwd && touch /etc/passwd");
      int pid = pod.pid(container);
      Path root = Path.of("/proc/" + pid + "/root");
      assertEquals(HOST + ":" + HOST, owner(root.resolve("new")), "seen from the node");
      String upper = Programs.run(List.of("find", node.folder() + "", "-name", "new")).output();
      assertTrue(upper.contains("/upper/new"), upper);
      assertEquals("0:0", owner(Path.of(upper.lines().findFirst().orElseThrow())), "on disk");
      for (String own : List.of("/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/shm")) {
        assertEquals("0:0", pod.sh(container, "stat -c %u:%g " + own), own);
      }
      pod.sh(
          container, "echo 1.2.3.4 name >>/etc/hosts && echo x >/dev/shm/x && echo y >/dev/null");
      assertEquals("0:5", pod.sh(container, "stat -c %u:%g /dev/pts/ptmx | sed s/:0/:5/"));
      assertEquals("0:0", pod.sh(container, "stat -c %u:%g /dev /dev/null /dev/mqueue | sort -u"));
    }
  }

  @Test
  void mounts_withMappingsAreTranslatedBothWaysAndWithoutStayAsTheyAre() throws IOException {
    try (Pod pod = mapped(HOST)) {
      Path with = pod.hostFolder("with");
      Path without = pod.hostFolder("without");
      Files.writeString(with.resolve("root"), "");
      Files.writeString(with.resolve("user"), "");
      Files.setAttribute(with.resolve("user"), "unix:uid", 1000);
      Files.writeString(without.resolve("root"), "");
      String container =
          pod.start(
              "c",
              c ->
                  c.addMounts(mount(with, "/with"))
                      .addMounts(
                          mount(with, "/ro")
                              .setReadonly(true)
                              .setRecursiveReadOnly(true)
                              .setPropagation(MountPropagation.PROPAGATION_PRIVATE))
                      .addMounts(
                          Mount.newBuilder()
                              .setHostPath(without.toString())
                              .setContainerPath("/without")));
      assertEquals("0", pod.sh(container, "stat -c %u /with/root"));
      assertEquals("1000", pod.sh(container, "stat -c %u /with/user"));
      assertEquals("65534", pod.sh(container, "stat -c %u /without/root"));
      pod.sh(container, "echo x >/with/new && chown 33:44 /with/new");
      assertEquals("33:44", owner(with.resolve("new")));
      pod.shFails(container, "echo x >/without/new");
      pod.shFails(container, "echo x >/ro/new");
      List<Mount> told = pod.status(container).getMountsList();
      assertEquals(ids(0, HOST, LENGTH), told.getFirst().getUidMappings(0));
      assertEquals(0, told.getLast().getUidMappingsCount());
    }
  }

  @Test
  void mounts_ofAFileSystemWithoutIdMapsAreRefusedWithASentence() {
    try (Pod pod = mapped(HOST)) {
      StatusRuntimeException failed =
          assertThrows(
              StatusRuntimeException.class,
              () -> pod.start("c", c -> c.addMounts(mount(Path.of("/proc/sys"), "/v"))));
      String message = String.valueOf(failed.getMessage());
      assertTrue(message.contains("/proc/sys"), message);
      assertTrue(message.contains("cannot be mounted with an id map"), message);
    }
  }

  @Test
  void mounts_fromTheHostArriveLater() throws IOException {
    try (Pod pod = mapped(HOST)) {
      Path folder = pod.hostFolder("shared");
      run("mount", "-t", "tmpfs", "t", folder.toString());
      try {
        run("mount", "--make-shared", folder.toString());
        Files.createDirectory(folder.resolve("late"));
        String container =
            pod.start(
                "c",
                c ->
                    c.addMounts(
                        mount(folder, "/shared")
                            .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)));
        run("mount", "-t", "tmpfs", "t", folder.resolve("late").toString());
        Files.writeString(folder.resolve("late/file"), "arrived");
        assertEquals("arrived", pod.sh(container, "cat /shared/late/file"));
      } finally {
        run("umount", "-R", folder.toString());
      }
    }
  }

  private static void run(String... command) {
    Programs.Result result = Programs.run(List.of(command));
    assertEquals(0, result.status(), result.output());
  }

  @Test
  void rights_reachAsFarAsThePodsNamespaces() {
    try (Pod pod =
        Pod.run(
            node,
            pod(o -> o.setUsernsOptions(users(HOST, LENGTH)))
                .andThen(
                    c -> c.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true)))) {
      String container =
          pod.start(
              "c",
              secured(
                  s ->
                      s.addMaskedPaths("/proc/kcore")
                          .addMaskedPaths("/proc/acpi")
                          .addReadonlyPaths("/proc/sys")
                          .getCapabilitiesBuilder()
                          .addAddCapabilities("ALL")));
      pod.sh(
          container,
          "ip link add dummy9 type dummy && ip addr add 10.9.9.9/24 dev dummy9 || ip link set lo mtu 60000");
      pod.sh(container, "ping -c 1 -W 10 127.0.0.1");
      pod.sh(container, "mkdir /m && mount -t tmpfs t /m && touch /m/x && umount /m");
      pod.shFails(container, "umount /proc/kcore");
      pod.shFails(container, "umount -l /proc/sys");
      pod.shFails(container, "mount -o remount,bind,rw /proc/sys");
      pod.shFails(container, "mknod /dev/sda9 b 8 9");
      pod.shFails(container, "echo 1 >/proc/sys/kernel/panic");
      pod.shFails(container, "echo 1 >/proc/sys/vm/drop_caches");
      String privileged = pod.start("p", secured(s -> s.setPrivileged(true)));
      pod.sh(privileged, "echo 5 >/proc/sys/net/ipv4/ip_default_ttl || true");
      pod.shFails(privileged, "echo 1 >/proc/sys/kernel/panic");
      pod.shFails(
          privileged,
          "for d in /dev/vd* /dev/sd* /dev/nvme* /dev/mem; do dd if=$d of=/dev/null bs=1 count=1 && exit 0; done; exit 1");
      pod.shFails(privileged, "mount -t proc none /mnt/none");
    }
  }

  @Test
  void sysctls_ofThePodAreSetAndItsPidNamespaceMayBeShared() {
    try (Pod pod =
        Pod.run(
            node,
            pod(o -> o.setUsernsOptions(users(HOST, LENGTH)).setPid(NamespaceMode.POD))
                .andThen(
                    c ->
                        c.setHostname("mapped")
                            .getLinuxBuilder()
                            .putSysctls("kernel.shm_rmid_forced", "1")
                            .putSysctls("net.ipv4.ip_unprivileged_port_start", "77")))) {
      Consumer<ContainerConfig.Builder> shared =
          secured(s -> s.getNamespaceOptionsBuilder().setPid(NamespaceMode.POD));
      String one = pod.start("one", shared, "sleep", "98781");
      String two = pod.start("two", shared);
      assertEquals("mapped", pod.sh(one, "hostname"));
      assertEquals("1", pod.sh(one, "cat /proc/sys/kernel/shm_rmid_forced"));
      assertEquals("77", pod.sh(one, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start"));
      assertTrue(pod.sh(two, "ps").contains("sleep 98781"), pod.sh(two, "ps"));
      pod.shFails(two, "ls /proc/1/root/etc/passwd");
      assertEquals("0", pod.sh(two, "stat -c %u /proc/self/"));
      // The pod's init lives in the user namespace, though nobody may look into it.
      assertTrue(pod.sh(two, "grep ^Uid: /proc/1/status").matches("Uid:\\s+0\\s+0\\s+0\\s+0"));
    }
  }

  @Test
  void network_ofTheNodeGoesWithAUserNamespace() {
    try (Pod pod =
        Pod.run(
            node,
            pod(o -> o.setUsernsOptions(users(HOST, LENGTH)).setNetwork(NamespaceMode.NODE))
                .andThen(PodSandboxConfig.Builder::clearHostname))) {
      String container =
          pod.start(
              "c",
              secured(
                  s -> {
                    s.getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE);
                    s.getCapabilitiesBuilder().addAddCapabilities("NET_ADMIN");
                  }));
      assertEquals(
          Programs.run(List.of("readlink", "/proc/self/ns/net")).output().strip(),
          pod.sh(container, "readlink /proc/self/ns/net"));
      pod.sh(container, "ls /sys/class/net/lo");
      pod.shFails(container, "ip link set lo mtu 60000");
    }
  }

  @Test
  void ranges_ofTwoPodsAreApart() {
    try (Pod one = mapped(HOST);
        Pod two = mapped(HOST + LENGTH)) {
      String first = one.start("c");
      String second = two.start("c");
      assertNotEquals(
          one.sh(first, "readlink /proc/self/ns/user"),
          two.sh(second, "readlink /proc/self/ns/user"));
      assertEquals(
          "%d %d".formatted(HOST + LENGTH, LENGTH),
          two.sh(
              second,
              "awk '{print $2, $3}' /proc/self/uid_map || cut -c11- /proc/self/uid_map | tr -s ' ' | sed 's/^ //'"));
      one.sh(first, "echo one >/dev/shm/x");
      two.shFails(second, "cat /dev/shm/x");
    }
  }

  @Test
  void pins_goWithThePod() {
    String id;
    try (Pod pod = mapped(HOST)) {
      pod.start("c");
      id = pod.id();
      assertTrue(mounts().contains(id + "/user"), mounts());
      pod.stop();
      assertFalse(mounts().contains(id), mounts());
    }
    assertFalse(Files.exists(node.folder().resolve("state/sandboxes/" + id)));
  }

  private static String mounts() {
    try {
      return Files.readString(Path.of("/proc/self/mounts"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void fifty_podsComeAndGo() {
    List<Pod> pods = new ArrayList<>();
    try (Facts before = Facts.of(node)) {
      for (int i = 0; i < 50; i++) {
        Pod pod = mapped(HOST + i * LENGTH);
        pods.add(pod);
        pod.start("c");
      }
      pods.forEach(Pod::close);
      pods.clear();
      before.assertUnchanged();
    } finally {
      pods.forEach(Pod::close);
    }
  }

  @Test
  void restart_afterSigkillThePodIsAsItWasAndGoesWhole() {
    Node first = Node.start(List.of("--pod-cidr=10.84.0.0/24"), true);
    Pod pod = Pod.run(first, pod(o -> o.setUsernsOptions(users(HOST, LENGTH))));
    String container = pod.start("c");
    try (Node second = first.restart(true, () -> {})) {
      Pod again = pod.on(second);
      assertEquals("0", again.sh(container, "id -u"));
      assertEquals("0", again.sh(again.start("more"), "id -u"));
      again.close();
      assertFalse(mounts().contains(pod.id()), mounts());
    }
  }

  @Test
  void c55_theHandlersSayThatItWorks() {
    List<RuntimeHandler> handlers =
        node.cri().runtime().status(StatusRequest.getDefaultInstance()).getRuntimeHandlersList();
    assertTrue(handlers.stream().allMatch(h -> h.getFeatures().getUserNamespaces()), handlers + "");
  }
}
