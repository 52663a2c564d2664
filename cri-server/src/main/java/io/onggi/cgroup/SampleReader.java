package io.onggi.cgroup;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads many cgroups in a row with one buffer. For one thread and a short time: made for a call,
 * dropped after it.
 */
public sealed interface SampleReader {
  /** Empty if the cgroup is gone. */
  Optional<Sample> read(CgroupPath path);

  /** Tasks in the cgroup and below; empty if it is gone or nobody counts them. */
  OptionalLong tasks(CgroupPath path);

  private static byte[] key(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * v1: three hierarchies' files; there is no pressure. {@code memory.memsw.*} limits memory and
   * swap together, so the limit of swap alone is the difference.
   */
  final class V1 implements SampleReader {
    private static final byte[] INACTIVE = key("total_inactive_file");
    private static final byte[] RSS = key("total_rss");
    private static final byte[] FAULTS = key("total_pgfault");
    private static final byte[] MAJOR_FAULTS = key("total_pgmajfault");
    private static final byte[] SWAP = key("total_swap");
    private static final byte[] MEMORY_LIMIT = key("hierarchical_memory_limit");
    private static final byte[] MEMSW_LIMIT = key("hierarchical_memsw_limit");

    private final ControlBuffer buffer = new ControlBuffer();
    private final String cpuacct;
    private final String memory;
    private final String pids;

    /** Mount points; {@code pids} may be a path that does not exist. */
    V1(String cpuacct, String memory, String pids) {
      this.cpuacct = cpuacct;
      this.memory = memory;
      this.pids = pids;
    }

    @Override
    public Optional<Sample> read(CgroupPath path) {
      if (!buffer.load(cpuacct + path + "/cpuacct.usage")) {
        return Optional.empty();
      }
      long cpu = buffer.number();
      String directory = memory + path;
      if (!buffer.load(directory + "/memory.usage_in_bytes")) {
        return Optional.empty();
      }
      long usage = buffer.number();
      if (!buffer.load(directory + "/" + CgroupV1.MEMORY_LIMIT)) {
        return Optional.empty();
      }
      long limit = buffer.number();
      if (!buffer.load(directory + "/memory.stat")) {
        return Optional.empty();
      }
      Optional<Sample.Swap> swap = swap();
      return Optional.of(
          new Sample(
              cpu,
              Sample.Memory.of(
                  usage,
                  buffer.keyed(INACTIVE).orElse(0),
                  buffer.keyed(RSS).orElse(0),
                  limit,
                  buffer.keyed(FAULTS).orElse(0),
                  buffer.keyed(MAJOR_FAULTS).orElse(0)),
              swap,
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }

    /** From the memory.stat that is loaded; a kernel without swap accounting has no such lines. */
    private Optional<Sample.Swap> swap() {
      OptionalLong both = buffer.keyed(MEMSW_LIMIT);
      if (both.isEmpty()) {
        return Optional.empty();
      }
      long memsw = ControlFiles.unlimitedIfHuge(both.getAsLong());
      long alone = ControlFiles.unlimitedIfHuge(buffer.keyed(MEMORY_LIMIT).orElse(Long.MAX_VALUE));
      boolean unlimited = memsw == Limits.UNLIMITED || alone == Limits.UNLIMITED;
      return Optional.of(
          Sample.Swap.of(
              buffer.keyed(SWAP).orElse(0),
              unlimited ? Limits.UNLIMITED : Math.max(0, memsw - alone)));
    }

    @Override
    public OptionalLong tasks(CgroupPath path) {
      return buffer.load(pids + path + "/pids.current")
          ? OptionalLong.of(buffer.number())
          : OptionalLong.empty();
    }
  }

  /** v2: one directory; a file of a controller that is not enabled there counts 0. */
  final class V2 implements SampleReader {
    private static final byte[] CPU = key("usage_usec");
    private static final byte[] INACTIVE = key("inactive_file");
    private static final byte[] ANON = key("anon");
    private static final byte[] FAULTS = key("pgfault");
    private static final byte[] MAJOR_FAULTS = key("pgmajfault");
    private static final long NANOS_PER_MICRO = 1000;

    private final ControlBuffer buffer = new ControlBuffer();
    private final String root;
    private boolean pressureServed = true;

    V2(String root) {
      this.root = root;
    }

    @Override
    public Optional<Sample> read(CgroupPath path) {
      String directory = root + path;
      if (!buffer.load(directory + "/cpu.stat")) {
        return Optional.empty();
      }
      long cpu = buffer.keyed(CPU).orElse(0) * NANOS_PER_MICRO;
      return Optional.of(
          new Sample(
              cpu,
              memory(directory),
              swap(directory),
              pressure(directory, "cpu.pressure"),
              pressure(directory, "memory.pressure"),
              pressure(directory, "io.pressure")));
    }

    private Sample.Memory memory(String directory) {
      long usage = buffer.load(directory + "/memory.current") ? buffer.number() : 0;
      long limit = buffer.load(directory + "/memory.max") ? buffer.number() : Limits.UNLIMITED;
      if (!buffer.load(directory + "/memory.stat")) {
        return Sample.Memory.of(usage, 0, 0, limit, 0, 0);
      }
      return Sample.Memory.of(
          usage,
          buffer.keyed(INACTIVE).orElse(0),
          buffer.keyed(ANON).orElse(0),
          limit,
          buffer.keyed(FAULTS).orElse(0),
          buffer.keyed(MAJOR_FAULTS).orElse(0));
    }

    private Optional<Sample.Swap> swap(String directory) {
      if (!buffer.load(directory + "/memory.swap.current")) {
        return Optional.empty();
      }
      long usage = buffer.number();
      long limit = buffer.load(directory + "/memory.swap.max") ? buffer.number() : Limits.UNLIMITED;
      return Optional.of(Sample.Swap.of(usage, limit));
    }

    /** A kernel that does not serve it for one cgroup serves it for none: asked once. */
    private Optional<Pressure> pressure(String directory, String file) {
      if (!pressureServed) {
        return Optional.empty();
      }
      pressureServed = buffer.loadIfServed(directory + "/" + file);
      return pressureServed ? Pressure.parse(buffer.text()) : Optional.empty();
    }

    @Override
    public OptionalLong tasks(CgroupPath path) {
      return buffer.load(root + path + "/pids.current")
          ? OptionalLong.of(buffer.number())
          : OptionalLong.empty();
    }
  }
}
