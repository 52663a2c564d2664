package io.onggi.e2e.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.e2e.Node;
import io.onggi.e2e.Programs;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.DNSConfig;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.NamespaceOption;
import io.onggi.proto.PodSandboxConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a container shares with its pod, with the node, with another container. */
@ExtendWith(SharedNode.class)
class NamespaceContractTest {
  private final Node node;

  NamespaceContractTest(Node node) {
    this.node = node;
  }

  private static Consumer<PodSandboxConfig.Builder> pod(Consumer<NamespaceOption.Builder> change) {
    return c ->
        change.accept(c.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder());
  }

  private static Consumer<ContainerConfig.Builder> container(
      Consumer<NamespaceOption.Builder> change) {
    return c ->
        change.accept(c.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder());
  }

  private static String own(String kind) {
    return Programs.run(List.of("readlink", "/proc/self/ns/" + kind)).output().strip();
  }

  private static String of(Pod pod, String container, String kind) {
    return pod.sh(container, "readlink /proc/self/ns/" + kind);
  }

  @Test
  void c17_aTargetIsAContainerOfTheSamePodWithAPidNamespaceOfItsOwn() {
    try (Pod pod = Pod.run(node);
        Pod other = Pod.run(node)) {
      String target = pod.start("target", "sleep", "98767");
      String debug = pod.start("debug", container(o -> target(o, target)));
      assertEquals(of(pod, target, "pid"), of(pod, debug, "pid"));
      assertTrue(pod.sh(debug, "ps").contains("sleep 98767"), pod.sh(debug, "ps"));
      assertNotEquals(of(pod, target, "mnt"), of(pod, debug, "mnt"));
      Fails.invalid("target_id", () -> pod.create("none", container(o -> target(o, ""))));
      Fails.notFound("no-such", () -> pod.create("missing", container(o -> target(o, "no-such"))));
      Fails.invalid("another pod", () -> other.create("far", container(o -> target(o, target))));
      Fails.invalid(debug, () -> pod.create("chained", container(o -> target(o, debug))));
    }
  }

  private static void target(NamespaceOption.Builder options, String id) {
    options.setPid(NamespaceMode.TARGET).setTargetId(id);
  }

  @Test
  void pid_inASharedPidNamespacePidOneIsThePodsAndContainersSeeEachOther() {
    try (Pod pod = Pod.run(node, pod(o -> o.setPid(NamespaceMode.POD)))) {
      String one = pod.start("one", container(o -> o.setPid(NamespaceMode.POD)), "sleep", "98768");
      String two = pod.start("two", container(o -> o.setPid(NamespaceMode.POD)), "sleep", "98769");
      assertEquals(of(pod, one, "pid"), of(pod, two, "pid"));
      assertNotEquals(own("pid"), of(pod, one, "pid"));
      assertTrue(pod.sh(one, "ps").contains("sleep 98769"), pod.sh(one, "ps"));
      assertTrue(pod.sh(two, "ps").contains("sleep 98768"), pod.sh(two, "ps"));
      assertFalse(pod.sh(one, "tr '\\0' ' ' </proc/1/cmdline").contains("sleep"));
      pod.shFails(one, "ls /proc/1/root/etc/passwd");
      // Pid 1 reaps: an orphan does not stay a zombie.
      pod.sh(one, "(sleep 0.01 &) ; true");
      Await.until(
          () -> pod.sh(one, "ps -o pid,stat,args"),
          () -> pod.sh(one, "grep -l '^State:.Z' /proc/[0-9]*/status || true").isEmpty());
      // A container that ends leaves the other and pid 1 alone.
      pod.stop(one, 0);
      assertEquals("alive", pod.sh(two, "echo alive"));
      assertFalse(pod.sh(two, "ps").contains("98768"), pod.sh(two, "ps"));
      String again = pod.start("again", container(o -> o.setPid(NamespaceMode.POD)));
      assertEquals(of(pod, two, "pid"), of(pod, again, "pid"));
    }
  }

  @Test
  void pid_inANamespaceOfItsOwnTheCommandIsPidOneAndHostProcessesAreUnseen() {
    try (Pod pod = Pod.run(node)) {
      String container = pod.start("c", "sleep", "98770");
      assertEquals("sleep 98770", pod.sh(container, "tr '\\0' ' ' </proc/1/cmdline"));
      assertFalse(pod.sh(container, "ls -d /proc/[0-9]*").contains("/proc/" + node.pid()));
    }
  }

  @Test
  void pid_onTheNodeItSeesTheHostsProcesses() {
    try (Pod pod = Pod.run(node, pod(o -> o.setPid(NamespaceMode.NODE)))) {
      String container = pod.start("c", container(o -> o.setPid(NamespaceMode.NODE)));
      assertEquals(own("pid"), of(pod, container, "pid"));
      assertTrue(pod.sh(container, "ls /proc/" + node.pid() + "/status").endsWith("status"));
      int pid = pod.pid(container);
      assertEquals("sleep", pod.sh(container, "cat /proc/" + pid + "/comm"));
      pod.stop(container, 0);
      Await.until(() -> "process " + pid, () -> !Files.exists(Path.of("/proc/" + pid)));
    }
  }

  @Test
  void ipc_isThePodsOrTheNodes() {
    try (Pod pod = Pod.run(node);
        Pod host = Pod.run(node, pod(o -> o.setIpc(NamespaceMode.NODE)))) {
      String one = pod.start("one");
      String two = pod.start("two");
      assertEquals(of(pod, one, "ipc"), of(pod, two, "ipc"));
      assertNotEquals(own("ipc"), of(pod, one, "ipc"));
      pod.sh(one, "echo shared >/dev/shm/file");
      assertEquals("shared", pod.sh(two, "cat /dev/shm/file"));
      String onHost = host.start("c", container(o -> o.setIpc(NamespaceMode.NODE)));
      assertEquals(own("ipc"), of(host, onHost, "ipc"));
      host.shFails(onHost, "cat /dev/shm/file");
      assertTrue(pod.sh(one, "df -k /dev/shm").contains("65536"), pod.sh(one, "df -k /dev/shm"));
    }
  }

  @Test
  void net_isThePodsOrTheNodes() {
    try (Pod pod = Pod.run(node);
        Pod host =
            Pod.run(
                node, c -> pod(o -> o.setNetwork(NamespaceMode.NODE)).accept(c.clearHostname()))) {
      String one = pod.start("one");
      String two = pod.start("two");
      assertEquals(of(pod, one, "net"), of(pod, two, "net"));
      assertNotEquals(own("net"), of(pod, one, "net"));
      String address = pod.status().getNetwork().getIp();
      assertTrue(pod.sh(one, "ip -4 addr").contains(address + "/"), pod.sh(one, "ip -4 addr"));
      assertTrue(pod.sh(one, "ip link show lo").contains("UP"));
      assertTrue(pod.sh(one, "ip route").contains("default via "), pod.sh(one, "ip route"));
      String onHost = host.start("c", container(o -> o.setNetwork(NamespaceMode.NODE)));
      assertEquals(own("net"), of(host, onHost, "net"));
      assertEquals(own("uts"), of(host, onHost, "uts"));
      assertEquals("", host.status().getNetwork().getIp());
      assertEquals(
          NamespaceMode.NODE, host.status().getLinux().getNamespaces().getOptions().getNetwork());
    }
  }

  @Test
  void hostname_isThePodsOwnEverywhere() {
    try (Pod pod = Pod.run(node, c -> c.setHostname("onggi-red"))) {
      String container = pod.start("c");
      assertEquals("onggi-red", pod.sh(container, "hostname"));
      assertEquals("onggi-red", pod.sh(container, "cat /etc/hostname"));
      assertEquals("onggi-red", pod.sh(container, "cat /proc/sys/kernel/hostname"));
      assertEquals("onggi-red", pod.sh(container, "echo $HOSTNAME"));
      assertNotEquals(own("uts"), of(pod, container, "uts"));
      String address = pod.status().getNetwork().getIp();
      String hosts = pod.sh(container, "cat /etc/hosts");
      assertTrue(hosts.lines().anyMatch(l -> l.matches("127\\.0\\.0\\.1\\s+localhost.*")), hosts);
      assertTrue(
          hosts
              .lines()
              .anyMatch(l -> l.matches(java.util.regex.Pattern.quote(address) + "\\s+onggi-red")),
          hosts);
    }
  }

  @Test
  void dns_configIsResolvConfAndWithoutOneItIsTheHosts() throws java.io.IOException {
    DNSConfig dns =
        DNSConfig.newBuilder()
            .addServers("10.96.0.10")
            .addServers("2001:db8::53")
            .addSearches("a.svc.cluster.local")
            .addSearches("cluster.local")
            .addOptions("ndots:5")
            .addOptions("edns0")
            .build();
    try (Pod pod = Pod.run(node, c -> c.setDnsConfig(dns));
        Pod plain = Pod.run(node)) {
      assertEquals(
          List.of(
              "search a.svc.cluster.local cluster.local",
              "nameserver 10.96.0.10",
              "nameserver 2001:db8::53",
              "options ndots:5 edns0"),
          pod.sh(pod.start("c"), "cat /etc/resolv.conf").lines().toList());
      assertEquals(
          Files.readString(Path.of("/etc/resolv.conf")).strip(),
          plain.sh(plain.start("c"), "cat /etc/resolv.conf"));
    }
  }

  @Test
  void sysctls_areSetInThePodAndNotOnTheHost() {
    try (Pod pod =
        Pod.run(
            node,
            c ->
                c.getLinuxBuilder()
                    .putSysctls("kernel.shm_rmid_forced", "1")
                    .putSysctls("net.ipv4.ip_unprivileged_port_start", "77"))) {
      String container = pod.start("c");
      assertEquals("1", pod.sh(container, "cat /proc/sys/kernel/shm_rmid_forced"));
      assertEquals("77", pod.sh(container, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start"));
      assertEquals(
          "0", Programs.run(List.of("cat", "/proc/sys/kernel/shm_rmid_forced")).output().strip());
    }
  }
}
