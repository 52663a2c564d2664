package io.onggi.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.stats.ProcessCounts.States;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void namesAreUniqueAndEachIsDescribed() {
    Set<String> names = new HashSet<>();
    for (Metric metric : Metric.values()) {
      assertTrue(names.add(metric.metricName()), metric.metricName());
      assertTrue(metric.metricName().matches("container_[a-z0-9_]+"), metric.metricName());
      assertFalse(metric.help().isBlank());
    }
  }

  @Test
  void whatIsCalledTotalIsACounter() {
    // cAdvisor's one exception: a size, called total as in "all inodes".
    Set<String> sizes =
        Set.of(
            "container_fs_inodes_total",
            "container_memory_total_active_file_bytes",
            "container_memory_total_inactive_file_bytes");
    Arrays.stream(Metric.values())
        .filter(m -> !sizes.contains(m.metricName()))
        .filter(m -> m.metricName().endsWith("_total"))
        .forEach(m -> assertTrue(m.isCounter(), m.metricName()));
  }

  @Test
  void aPointHasAsManyLabelsAsItsMetric() {
    assertThrows(IllegalArgumentException.class, () -> Point.of(Metric.CPU_USAGE, 1));
    assertThrows(IllegalArgumentException.class, () -> Point.of(Metric.THREADS, 1, "x"));
    assertEquals(List.of("total"), Point.of(Metric.CPU_USAGE, 1, "total").labels());
  }

  @Test
  void aProcessHasItsDescriptorsAndSocketsCounted() throws IOException {
    int own = (int) ProcessHandle.current().pid();
    ProcessCounts before = ProcessCounts.of(List.of(own));
    try (ServerSocket _ = new ServerSocket(0)) {
      ProcessCounts with = ProcessCounts.of(List.of(own));
      assertEquals(1, with.processes());
      assertTrue(with.sockets() > before.sockets(), with.toString());
      assertTrue(with.descriptors() > with.sockets(), with.toString());
    }
    assertTrue(ProcessCounts.openFilesLimit(own).orElseThrow() != 0);
  }

  @Test
  void aProcessThatIsGoneHasNothing() {
    assertEquals(new ProcessCounts(1, 0, 0), ProcessCounts.of(List.of(Integer.MAX_VALUE)));
    assertTrue(ProcessCounts.openFilesLimit(Integer.MAX_VALUE).isEmpty());
    assertTrue(ProcessCounts.states("/proc/" + Integer.MAX_VALUE + "/tasks").isEmpty());
  }

  @Test
  void threadsAreCountedByState(@org.junit.jupiter.api.io.TempDir Path folder) throws IOException {
    Path threads = folder.resolve("tasks");
    java.nio.file.Files.writeString(
        threads, ProcessHandle.current().pid() + "\n" + Integer.MAX_VALUE + "\n");
    States states = ProcessCounts.states(threads.toString()).orElseThrow();
    assertEquals(1, states.running() + states.sleeping() + states.uninterruptible());
    java.nio.file.Files.writeString(threads, "1\n".repeat(ProcessCounts.MOST_THREADS + 1));
    assertTrue(ProcessCounts.states(threads.toString()).isEmpty(), "too many to ask");
  }

  @Test
  void theLoadFollowsWhatRunsWithinAboutTenSeconds() {
    LoadAverages loads = new LoadAverages();
    States idle = new States(0, 1, 0, 0, 0);
    States busy = new States(4, 0, 0, 1, 0);
    assertEquals(new LoadAverages.Average(0, 0), loads.next("c", 0, idle));
    LoadAverages.Average soon = loads.next("c", SECOND, busy);
    assertTrue(soon.running() > 300 && soon.running() < 500, soon.toString());
    LoadAverages.Average late = loads.next("c", 100 * SECOND, busy);
    assertEquals(new LoadAverages.Average(4000, 1000), late);
    loads.retain(Set.of());
    assertEquals(new LoadAverages.Average(0, 0), loads.next("c", 101 * SECOND, idle));
  }
}
