package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices in cgroup v2, on the real kernel: what a process there can open and make. */
class DeviceFilterTest {
  private static final List<Path> UNIFIED =
      List.of(Path.of("/sys/fs/cgroup/unified"), Path.of("/sys/fs/cgroup"));

  @TempDir Path folder;

  private static DeviceRule rule(char type, long major, long minor, String access) {
    return new DeviceRule(type, number(major), number(minor), access);
  }

  private static OptionalLong number(long n) {
    return n < 0 ? OptionalLong.empty() : OptionalLong.of(n);
  }

  private static Path unified() {
    return UNIFIED.stream()
        .filter(p -> Files.exists(p.resolve("cgroup.controllers")))
        .findFirst()
        .orElseThrow();
  }

  /** What the shell says to each line, run in a cgroup with those devices. */
  private List<String> run(List<DeviceRule> rules, String... lines) throws Exception {
    Path root = unified();
    CgroupPath path = CgroupPath.of("/onggi-unit-" + UUID.randomUUID());
    Cgroups cgroups = new CgroupfsV2(root, java.util.Set.of(), ParentRecord.NONE);
    cgroups.create(path, Limits.NONE.withDevices(rules));
    try {
      StringBuilder script = new StringBuilder("echo $$ >" + path.under(root) + "/cgroup.procs\n");
      for (String line : lines) {
        script.append("(" + line + ") >/dev/null 2>&1 && echo yes || echo no\n");
      }
      Process shell =
          new ProcessBuilder("sh", "-c", script.toString())
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start();
      byte[] output = shell.getInputStream().readAllBytes();
      shell.waitFor();
      return new String(output, StandardCharsets.UTF_8).lines().toList();
    } finally {
      cgroups.remove(path);
    }
  }

  @Test
  void onlyWhatARuleAllowsCanBeOpenedAndMade() throws Exception {
    Assumptions.assumeTrue(UNIFIED.stream().anyMatch(p -> Files.exists(p.resolve("cgroup.procs"))));
    List<DeviceRule> rules = new ArrayList<>();
    rules.add(rule('c', 1, 3, "rwm"));
    rules.add(rule('c', 1, 5, "r"));
    rules.add(rule('c', 1, 7, "w"));
    rules.add(rule('b', -1, -1, "m"));
    assertEquals(
        List.of("yes", "yes", "no", "no", "yes", "no", "yes", "no", "yes", "no"),
        run(
            rules,
            "head -c1 </dev/null; echo x >/dev/null",
            "head -c1 </dev/zero",
            "echo x >/dev/zero",
            "head -c1 <>/dev/zero",
            "true 9>/dev/full",
            "head -c1 </dev/full",
            "mknod mine-null c 1 3",
            "mknod mine-zero c 1 5",
            "mknod mine-disk b 250 1",
            "head -c1 </dev/urandom"));
  }

  @Test
  void theStandardRulesAreTheStandardDevices() throws Exception {
    Assumptions.assumeTrue(UNIFIED.stream().anyMatch(p -> Files.exists(p.resolve("cgroup.procs"))));
    assertEquals(
        List.of("yes", "yes", "yes", "no", "no"),
        run(
            DeviceRule.DEFAULTS,
            "head -c1 </dev/urandom",
            "true 9>/dev/full",
            "mknod kmsg c 1 11",
            "head -c1 <kmsg",
            "head -c1 </dev/kmsg"));
  }

  @Test
  void aKernelThatRefusesIsToldAndNothingLeft() throws IOException {
    Cgroups cgroups =
        new CgroupfsV2(
            Files.createDirectory(folder.resolve("v2")), java.util.Set.of(), ParentRecord.NONE);
    CriException.FailedPrecondition e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () ->
                cgroups.create(CgroupPath.of("/c"), Limits.NONE.withDevices(DeviceRule.DEFAULTS)));
    assertTrue(String.valueOf(e.getMessage()).contains("cannot be kept from the node's devices"));
    assertTrue(String.valueOf(e.getMessage()).contains("bpf attach"), e.getMessage());
    assertTrue(Files.notExists(folder.resolve("v2/c")));
  }
}
