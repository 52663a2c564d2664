package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;

/** The list form of CPUs and memory nodes, {@code 0-3,8} (man 7 cpuset, "List format"). */
final class CpuList {
  /** The most that a kernel is built for is 8192 (NR_CPUS); a bound for what is taken apart. */
  private static final int MOST = 1 << 16;

  private CpuList() {}

  /**
   * Refuses members that the node has not.
   *
   * @param what for the message, as {@code cpuset cpus}
   * @param files of the root cgroup, the first that exists tells what the node has; none: no check
   */
  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // a record's component
  static void requireWithin(String what, Optional<String> list, Path... files) {
    if (list.isEmpty()) {
      return;
    }
    BitSet asked = parse(what, list.get());
    for (Path file : files) {
      Optional<String> there = ControlFiles.readIfThere(file).filter(text -> !text.isEmpty());
      if (there.isPresent()) {
        asked.andNot(parse(what, there.get()));
        if (!asked.isEmpty()) {
          throw new CriException.InvalidArgument(
              what
                  + " \""
                  + list.get()
                  + "\" names "
                  + asked.nextSetBit(0)
                  + ", but this node has "
                  + there.get());
        }
        return;
      }
    }
  }

  /**
   * @throws CriException.InvalidArgument for a range that ends before it begins, or is beyond any
   *     machine
   */
  static BitSet parse(String what, String list) {
    BitSet set = new BitSet();
    for (String range : list.split(",")) {
      String[] ends = range.split("-", 2);
      int first = number(what, list, ends[0]);
      int last = ends.length == 1 ? first : number(what, list, ends[1]);
      if (last < first) {
        throw new CriException.InvalidArgument(
            what + " \"" + list + "\": the range " + range + " ends before it begins");
      }
      set.set(first, last + 1);
    }
    return set;
  }

  private static int number(String what, String list, String text) {
    if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) >= MOST) {
      throw new CriException.InvalidArgument(
          what + " \"" + list + "\": \"" + text + "\" is no number of a CPU or memory node");
    }
    return Integer.parseInt(text);
  }
}
