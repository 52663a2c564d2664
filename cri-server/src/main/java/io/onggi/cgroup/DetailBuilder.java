package io.onggi.cgroup;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The values of one cgroup as they are read, through one buffer. */
final class DetailBuilder {
  /** USER_HZ is 100 on every architecture that runs containers. */
  static final long CLOCK_TICK_NANOS = 10_000_000;

  private final ControlBuffer buffer;
  private final Map<Quantity, Long> values = new EnumMap<>(Quantity.class);

  DetailBuilder(ControlBuffer buffer) {
    this.buffer = buffer;
  }

  /** Loads a file of keyed lines; false if it is not there. */
  boolean file(String file) {
    return buffer.loadIfServed(file);
  }

  /** From the file that is loaded; absent if it has no such line. */
  void keyed(Quantity quantity, String key, long unit) {
    buffer
        .keyed(key.getBytes(StandardCharsets.US_ASCII))
        .ifPresent(n -> values.put(quantity, n * unit));
  }

  /** A file with one number; false if it is not there. */
  boolean number(Quantity quantity, String file) {
    if (!buffer.loadIfServed(file)) {
      return false;
    }
    values.put(quantity, buffer.number());
    return true;
  }

  /** A file with one limit: none is 0. */
  void limit(Quantity quantity, String file) {
    if (buffer.loadIfServed(file)) {
      long limit = buffer.number();
      values.put(quantity, limit == Limits.UNLIMITED ? 0 : limit);
    }
  }

  void put(Quantity quantity, long value) {
    values.put(quantity, value);
  }

  Detail build(List<Detail.DeviceIo> io, List<Detail.HugepageUse> hugepages) {
    return new Detail(values, io, hugepages);
  }
}
