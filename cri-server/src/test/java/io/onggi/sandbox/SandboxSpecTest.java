package io.onggi.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxSpecTest {
  private static final NamespaceModes POD = NamespaceModes.POD_SHARED;
  private static final NamespaceModes HOST =
      new NamespaceModes(NamespaceMode.NODE, NamespaceMode.POD, NamespaceMode.NODE, "");

  private static String refused(NamespaceModes modes, String key, String value) {
    return String.valueOf(
        assertThrows(
                CriException.InvalidArgument.class,
                () -> SandboxSpecs.of("p", modes, Map.of(key, value), false))
            .getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "net.ipv4.ip_forward",
        "net.ipv4.conf.eth0.forwarding",
        "net.core.somaxconn",
        "kernel.shm_rmid_forced",
        "kernel.shmmax",
        "kernel.msgmax",
        "kernel.sem",
        "fs.mqueue.msg_max"
      })
  void sysctlsOfThePodsOwnNamespacesAreTaken(String key) {
    assertEquals("1", SandboxSpecs.of("p", POD, Map.of(key, "1"), false).sysctls().get(key));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kernel.panic",
        "kernel.core_pattern",
        "kernel.semaphore",
        "kernel.hostname",
        "vm.overcommit_memory",
        "fs.file-max",
        "user.max_user_namespaces"
      })
  void sysctlsOfTheNodeAreRefusedAndSayWhy(String key) {
    String message = refused(POD, key, "1");
    assertTrue(message.contains("\"" + key + "\""), message);
    assertTrue(message.contains("is not namespaced, it would change the host"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "net.ipv4/../../kernel/panic",
        "net.ipv4.../kernel/panic",
        "net...kernel.panic",
        "/proc/sys/kernel/panic",
        "net.ipv4.ip_forward\nkernel.panic",
        "net.ipv4.ip_forward\0",
        "net.ipv4.conf.eth0;rm",
        "net ipv4.x",
        "../net.ipv4.x",
        "net.",
        "net",
        ""
      })
  void namesThatAreNoSysctlsAreRefused(String key) {
    assertTrue(refused(POD, key, "1").contains(" of pod default/p (uid uid-p, attempt 0) is not"));
  }

  @Test
  void aValueWithANulByteIsRefused() {
    assertTrue(refused(POD, "net.core.somaxconn", "1\0002").contains("net.core.somaxconn"));
  }

  @Test
  void sysctlsOfANamespaceThatIsTheHostsAreRefused() {
    for (String key : new String[] {"net.core.somaxconn", "kernel.shmmax", "fs.mqueue.msg_max"}) {
      assertTrue(
          refused(HOST, key, "1").endsWith("the pod has no namespace of its own for it"), key);
    }
  }

  private static String refusedHostname(String hostname) {
    return String.valueOf(
        assertThrows(CriException.InvalidArgument.class, () -> SandboxSpecs.hostname(hostname, ""))
            .getMessage());
  }

  @Test
  void aHostnameThatLinuxOrTheHostsFileCannotHoldIsRefused() {
    assertTrue(refusedHostname("h".repeat(65)).endsWith("has 65 characters, Linux allows 64"));
    for (String bad : new String[] {"a\n6.6.6.6 bank.example", "a b", "a\0"}) {
      assertTrue(refusedHostname(bad).endsWith("holds a blank or a control character"));
    }
  }

  @Test
  void aRelativeLogDirectoryIsRefused() {
    assertEquals(
        "log_directory \"logs\" of pod default/p (uid uid-p, attempt 0) is not an absolute path",
        assertThrows(CriException.InvalidArgument.class, () -> SandboxSpecs.hostname("h", "logs"))
            .getMessage());
  }

  @Test
  void metadataMustBeWhole() {
    assertEquals(
        "sandbox config: metadata.name is empty; give the pod a name", refusedName("", "u", "n"));
    assertEquals("sandbox config of pod a: metadata.namespace is empty", refusedName("a", "u", ""));
    assertEquals("sandbox config of pod n/a: metadata.uid is empty", refusedName("a", "", "n"));
  }

  private static String refusedName(String name, String uid, String namespace) {
    return String.valueOf(
        assertThrows(
                CriException.InvalidArgument.class, () -> new SandboxName(name, uid, namespace, 0))
            .getMessage());
  }

  @Test
  void onlyAReadySandboxIsReady() {
    SandboxId id = new SandboxId("a".repeat(64));
    SandboxState ready = new SandboxState.Ready(Optional.empty(), Optional.empty());
    Sandbox sandbox = new Sandbox(id, SandboxSpecs.plain("p"), Instant.EPOCH, ready);
    assertTrue(sandbox.ready());
    assertEquals(
        false, sandbox.with(new SandboxState.NotReady(Instant.EPOCH, Optional.empty())).ready());
  }

  @Test
  void anIdThatIsNotSixtyFourHexDigitsIsRefused() {
    for (String bad : new String[] {"", "../../etc", "A".repeat(64), "a".repeat(63)}) {
      assertEquals(
          "sandbox id \"" + bad + "\" is not 64 hexadecimal digits",
          assertThrows(CriException.InvalidArgument.class, () -> new SandboxId(bad)).getMessage());
    }
  }
}
