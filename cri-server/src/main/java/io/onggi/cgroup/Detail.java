package io.onggi.cgroup;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the kernel tells of a cgroup; what this kernel does not tell is absent.
 *
 * @param values see {@link Quantity}
 * @param io by block device
 * @param hugepages by page size
 */
public record Detail(Map<Quantity, Long> values, List<DeviceIo> io, List<HugepageUse> hugepages) {
  public Detail {
    values = Map.copyOf(values);
    io = List.copyOf(io);
    hugepages = List.copyOf(hugepages);
  }

  public Optional<Long> get(Quantity quantity) {
    return Optional.ofNullable(values.get(quantity));
  }

  /**
   * What went to and from one block device since the cgroup was made.
   *
   * @param device {@code major:minor}
   */
  public record DeviceIo(
      String device, long readBytes, long writtenBytes, long reads, long writes) {}

  /**
   * Hugepages of one size.
   *
   * @param pageSize as the kernel writes it, such as 2MB
   * @param peakBytes empty on v2, which does not keep it
   * @param limitHits allocations that the limit refused
   */
  public record HugepageUse(
      String pageSize, long bytes, Optional<Long> peakBytes, long limitHits) {}
}
