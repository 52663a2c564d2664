package io.onggi.cgroup;

import io.onggi.cgroup.dbus.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;

/**
 * Limits as properties of a systemd unit. Pure. What systemd has no property for is written to the
 * unit's cgroup only; what it has one for must be said here too, or its next look at the unit would
 * write its own default over it.
 *
 * <p>Sources: man 5 systemd.resource-control; the roundings are those of runc's systemd driver
 * (libcontainer/cgroups/systemd), so that both read the same.
 */
final class UnitProperties {
  private static final long MICROS_PER_SECOND = 1_000_000;

  /** systemd keeps a quota as per cent of a CPU: steps of 10 ms a second. */
  private static final long QUOTA_STEP = 10_000;

  private UnitProperties() {}

  /** Of a scope that holds a container. */
  static List<UnitProperty> scope(String id, String slice, int holder, int version, Limits limits) {
    List<UnitProperty> all = new ArrayList<>();
    all.add(UnitProperty.of("Description", "onggi container " + id));
    all.add(UnitProperty.of("Slice", slice));
    // what is below belongs to the container and its execs, not to systemd
    all.add(UnitProperty.of("Delegate", true));
    all.add(UnitProperty.of("DefaultDependencies", false));
    all.add(UnitProperty.of("CollectMode", "inactive-or-failed"));
    all.add(new UnitProperty("PIDs", new Value.Pids(List.of(holder))));
    accounting(version, all);
    if (limits.pids().isEmpty()) {
      all.add(new UnitProperty("TasksMax", Value.Count.INFINITY)); // else systemd's 15 per cent
    }
    all.addAll(of(limits, version));
    if (version == 1 && !limits.devices().isEmpty()) {
      devices(limits, all);
    }
    return List.copyOf(all);
  }

  /** Of a slice that holds a pod's scopes. */
  static List<UnitProperty> slice(String id, int version, Limits limits) {
    List<UnitProperty> all = new ArrayList<>();
    all.add(UnitProperty.of("Description", "onggi pod " + id));
    all.add(UnitProperty.of("DefaultDependencies", false));
    accounting(version, all);
    all.addAll(of(limits, version));
    return List.copyOf(all);
  }

  private static void accounting(int version, List<UnitProperty> all) {
    all.add(UnitProperty.of("CPUAccounting", true));
    all.add(UnitProperty.of("MemoryAccounting", true));
    all.add(UnitProperty.of("TasksAccounting", true));
    all.add(UnitProperty.of(version == 1 ? "BlockIOAccounting" : "IOAccounting", true));
  }

  /** What can also be changed later. */
  static List<UnitProperty> of(Limits limits, int version) {
    List<UnitProperty> all = new ArrayList<>();
    limits
        .cpuShares()
        .ifPresent(
            n ->
                all.add(
                    version == 1
                        ? UnitProperty.of("CPUShares", n)
                        : UnitProperty.of("CPUWeight", CgroupV2.weight(n))));
    quota(limits, all);
    limits
        .memoryBytes()
        .ifPresent(n -> all.add(bound(version == 1 ? "MemoryLimit" : "MemoryMax", n)));
    if (version == 2) {
      CgroupV2.swap(limits).ifPresent(n -> all.add(bound("MemorySwapMax", n)));
      limits.cpusetCpus().ifPresent(list -> all.add(bits("AllowedCPUs", list)));
      limits.cpusetMems().ifPresent(list -> all.add(bits("AllowedMemoryNodes", list)));
      limits.unified().forEach((file, value) -> unified(file, value, all));
    }
    limits.pids().ifPresent(n -> all.add(bound("TasksMax", n)));
    return List.copyOf(all);
  }

  private static void quota(Limits limits, List<UnitProperty> all) {
    OptionalLong period = limits.cpuPeriodMicros();
    period.ifPresent(n -> all.add(UnitProperty.of("CPUQuotaPeriodUSec", n)));
    if (limits.cpuQuotaMicros().isEmpty()) {
      return;
    }
    long quota = limits.cpuQuotaMicros().getAsLong();
    if (quota == Limits.UNLIMITED) {
      all.add(new UnitProperty("CPUQuotaPerSecUSec", Value.Count.INFINITY));
      return;
    }
    long length = period.orElse(100_000);
    long perSecond =
        quota > Long.MAX_VALUE / MICROS_PER_SECOND
            ? Long.MAX_VALUE / QUOTA_STEP
            : quota * MICROS_PER_SECOND / length;
    long steps = (perSecond + QUOTA_STEP - 1) / QUOTA_STEP;
    all.add(UnitProperty.of("CPUQuotaPerSecUSec", steps * QUOTA_STEP));
  }

  /** The keys that systemd has a property for. */
  private static void unified(String file, String value, List<UnitProperty> all) {
    switch (file) {
      case "memory.high" -> number("MemoryHigh", value, all);
      case "memory.low" -> number("MemoryLow", value, all);
      case "memory.min" -> number("MemoryMin", value, all);
      case "memory.max" -> number("MemoryMax", value, all);
      case "memory.swap.max" -> number("MemorySwapMax", value, all);
      case "pids.max" -> number("TasksMax", value, all);
      case "cpu.weight" -> number("CPUWeight", value, all);
      case "cpuset.cpus" -> all.add(bits("AllowedCPUs", value));
      case "cpuset.mems" -> all.add(bits("AllowedMemoryNodes", value));
      default -> {
        // memory.oom.group and what is newer: systemd leaves such files alone
      }
    }
  }

  private static void number(String property, String value, List<UnitProperty> all) {
    if (value.equals("max")) {
      all.add(new UnitProperty(property, Value.Count.INFINITY));
    } else if (value.matches("[0-9]{1,18}")) {
      all.add(UnitProperty.of(property, Long.parseLong(value)));
    } // anything else is the kernel's to judge, or to refuse
  }

  private static UnitProperty bound(String name, long n) {
    return n == Limits.UNLIMITED
        ? new UnitProperty(name, Value.Count.INFINITY)
        : UnitProperty.of(name, n);
  }

  private static UnitProperty bits(String name, String list) {
    BitSet set = CpuList.parse(name, list);
    List<Byte> bytes = new ArrayList<>();
    for (byte one : set.toByteArray()) {
      bytes.add(one);
    }
    return new UnitProperty(name, new Value.Bits(bytes));
  }

  /** v1 only: systemd would open every device again when it looks at the unit. */
  private static void devices(Limits limits, List<UnitProperty> all) {
    List<Value.Pair> pairs = new ArrayList<>();
    for (DeviceRule rule : limits.devices()) {
      String kind = rule.type() == 'c' ? "char" : "block";
      if (rule.major().isEmpty()) {
        pairs.add(new Value.Pair(kind + "-*", rule.access()));
      } else if (rule.minor().isPresent()) {
        pairs.add(
            new Value.Pair(
                "/dev/" + kind + "/" + rule.major().getAsLong() + ":" + rule.minor().getAsLong(),
                rule.access()));
      } // a whole major by number has no form here; the file in the cgroup still says it
    }
    all.add(UnitProperty.of("DevicePolicy", "strict"));
    all.add(new UnitProperty("DeviceAllow", new Value.Pairs(pairs)));
  }
}
