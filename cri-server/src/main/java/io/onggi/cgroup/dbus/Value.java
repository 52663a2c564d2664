package io.onggi.cgroup.dbus;

import java.util.List;

/** The types of values that systemd's properties have here. */
public sealed interface Value {
  /** The D-Bus signature. */
  String signature();

  record Text(String value) implements Value {
    @Override
    public String signature() {
      return "s";
    }
  }

  record Flag(boolean value) implements Value {
    @Override
    public String signature() {
      return "b";
    }
  }

  /** Unsigned, 64 bits. */
  record Count(long value) implements Value {
    /** systemd's {@code infinity}. */
    public static final Count INFINITY = new Count(-1);

    @Override
    public String signature() {
      return "t";
    }
  }

  /** Process ids. */
  record Pids(List<Integer> value) implements Value {
    public Pids {
      value = List.copyOf(value);
    }

    @Override
    public String signature() {
      return "au";
    }
  }

  /** Raw bytes, as for a set of CPUs: bit n of byte n/8. */
  record Bits(List<Byte> value) implements Value {
    public Bits {
      value = List.copyOf(value);
    }

    @Override
    public String signature() {
      return "ay";
    }
  }

  /** Pairs, as a device and what may be done with it. */
  record Pairs(List<Pair> value) implements Value {
    public Pairs {
      value = List.copyOf(value);
    }

    @Override
    public String signature() {
      return "a(ss)";
    }
  }

  /** One of {@link Pairs}. */
  record Pair(String first, String second) {}
}
