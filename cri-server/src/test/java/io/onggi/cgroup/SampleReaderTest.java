package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** v2 against a directory tree that looks like cgroupfs; v1 on the real kernel. */
class SampleReaderTest {
  private static final CgroupPath C = CgroupPath.of("/pods/c");

  @TempDir Path root;

  private void files(Map<String, String> files) throws IOException {
    Path directory = Files.createDirectories(Path.of(root + C.toString()));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue() + "\n");
    }
  }

  private void memoryOfV2() throws IOException {
    files(
        Map.of(
            "cpu.stat", "usage_usec 1234\nuser_usec 1000\nsystem_usec 234",
            "memory.current", "900000",
            "memory.max", "1000000",
            "memory.stat",
                "anon 500\nfile 9\ninactive_anon 7\ninactive_file 300000\n"
                    + "workingset_refault_anon 5\npgfault 77\npgmajfault 3"));
  }

  @Test
  void v2_reads_every_field_and_psi_in_nanoseconds() throws IOException {
    memoryOfV2();
    files(
        Map.of(
            "memory.swap.current", "10",
            "memory.swap.max", "25",
            "pids.current", "4",
            "cpu.pressure",
                "some avg10=1.50 avg60=0.25 avg300=0.00 total=12\n"
                    + "full avg10=0.00 avg60=0.00 avg300=0.00 total=3",
            "memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0",
            "io.pressure", "some avg10=0.00 avg60=0.00 avg300=9.75 total=1"));
    SampleReader reader = new CgroupfsV2(root, ParentRecord.NONE).sampleReader();
    Sample sample = reader.read(C).orElseThrow();
    assertEquals(1_234_000, sample.cpuNanos());
    assertEquals(
        new Sample.Memory(900_000, 600_000, 500, OptionalLong.of(1_000_000), 77, 3),
        sample.memory());
    assertEquals(OptionalLong.of(400_000), sample.memory().available());
    assertEquals(OptionalLong.of(15), sample.swap().orElseThrow().available());
    assertEquals(
        new Pressure(
            new Pressure.Stall(1.5, 0.25, 0, 12_000),
            Optional.of(new Pressure.Stall(0, 0, 0, 3000))),
        sample.cpuPressure().orElseThrow());
    assertEquals(Optional.empty(), sample.memoryPressure().orElseThrow().full());
    assertEquals(9.75, sample.ioPressure().orElseThrow().some().avg300());
    assertEquals(OptionalLong.of(4), reader.tasks(C));
  }

  @Test
  void without_a_limit_nothing_is_available_and_without_psi_or_swap_there_is_none()
      throws IOException {
    memoryOfV2();
    files(Map.of("memory.max", "max", "memory.current", "100"));
    Sample sample = new CgroupfsV2(root, ParentRecord.NONE).sampleReader().read(C).orElseThrow();
    assertEquals(OptionalLong.empty(), sample.memory().available());
    assertEquals(0, sample.memory().workingSet(), "more inactive pages than usage");
    assertEquals(Optional.empty(), sample.swap());
    assertEquals(Optional.empty(), sample.cpuPressure());
  }

  @Test
  void a_cgroup_that_is_gone_has_no_sample() {
    assertEquals(Optional.empty(), new CgroupfsV2(root, ParentRecord.NONE).sampleReader().read(C));
    SampleReader v1 = new SampleReader.V1(root + "/cpuacct", root + "/memory", root + "/pids");
    assertEquals(Optional.empty(), v1.read(C));
    assertEquals(OptionalLong.empty(), v1.tasks(C));
  }

  @Test
  void a_file_longer_than_the_buffer_is_read_whole() throws IOException {
    files(Map.of("memory.stat", "padding 1\n".repeat(3000) + "anon 42"));
    ControlBuffer buffer = new ControlBuffer();
    assertTrue(buffer.load(root + C.toString() + "/memory.stat"));
    assertEquals(OptionalLong.of(42), buffer.keyed("anon".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void on_v1_cpu_grows_and_memory_is_what_a_process_takes() throws Exception {
    Assumptions.assumeTrue(
        Files.exists(Path.of("/sys/fs/cgroup/memory")), "this kernel runs cgroup v2");
    Cgroups cgroups = Cgroups.detect(Path.of("/sys/fs/cgroup"));
    CgroupPath path = CgroupPath.of("/onggi-test-" + UUID.randomUUID());
    Process busy = null;
    try {
      ContainerCgroup made = cgroups.create(path, Limits.NONE.withMemory(256L << 20));
      busy = busyWith32MiB(made);
      SampleReader reader = cgroups.sampleReader();
      Sample first = reader.read(path).orElseThrow();
      assertTrue(first.memory().rss() >= 32L << 20, first.toString());
      assertTrue(first.memory().usage() >= first.memory().rss(), first.toString());
      assertTrue(first.memory().workingSet() <= first.memory().usage(), first.toString());
      assertEquals(OptionalLong.of(256L << 20), first.memory().limit());
      assertEquals(
          OptionalLong.of((256L << 20) - first.memory().workingSet()), first.memory().available());
      assertTrue(first.memory().pageFaults() > 0, first.toString());
      assertTrue(reader.tasks(path).orElseThrow() >= 1);
      assertCpuGrows(reader, path, first.cpuNanos() + 10_000_000);
    } finally {
      if (busy != null) {
        busy.destroyForcibly().waitFor();
      }
      cgroups.remove(path);
    }
  }

  private static void assertCpuGrows(SampleReader reader, CgroupPath path, long until) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (reader.read(path).orElseThrow().cpuNanos() < until) {
      assertTrue(System.nanoTime() < deadline, "a busy process used no cpu in 10 s");
      Thread.onSpinWait();
    }
  }

  /** Joins by itself, takes the memory, says so, and spins. */
  private static Process busyWith32MiB(ContainerCgroup cgroup) throws IOException {
    StringBuilder script = new StringBuilder();
    cgroup.joinFiles().forEach(f -> script.append("echo 0 > '").append(f).append("' && "));
    script.append(
        "exec python3 -c 'import sys\nx=bytearray(b\"a\")*(32<<20)\nprint(\"in\",flush=True)\n"
            + "while True: pass'");
    Process process =
        new ProcessBuilder("/bin/sh", "-c", script.toString()).redirectErrorStream(true).start();
    byte[] in = process.getInputStream().readNBytes(3);
    assertEquals("in\n", new String(in, StandardCharsets.US_ASCII));
    return process;
  }
}
