package io.onggi.container;

import java.util.List;

/**
 * Who a process is: numeric user, group and supplementary groups, each 0..2^32-2.
 *
 * @param home of the user, from the image's passwd; {@code /} when it has none
 */
public record Identity(long uid, long gid, List<Long> groups, String home) {
  public Identity {
    groups = List.copyOf(groups);
  }
}
