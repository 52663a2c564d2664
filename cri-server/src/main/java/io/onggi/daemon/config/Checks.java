package io.onggi.daemon.config;

import io.onggi.cgroup.CgroupDriver;
import io.onggi.cgroup.CgroupPath;
import io.onggi.error.CriException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values that are more than a path or a word. Each failure names the key and says what is wanted.
 */
final class Checks {
  private static final int MAX_LINK_NAME = 15; // IFNAMSIZ is 16 with the final zero
  private static final Pattern CIDR =
      Pattern.compile("([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})\\.([0-9]{1,3})/([0-9]{1,2})");
  private static final int SHORTEST_PREFIX = 8;
  private static final int LONGEST_PREFIX = 29;

  private Checks() {}

  static void linkName(String key, String name) {
    if (name.length() > MAX_LINK_NAME) {
      throw new ConfigException(
          key + ": \"" + name + "\" is longer than 15 characters, the kernel's limit for a link");
    }
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
      throw new ConfigException(
          key + ": \"" + name + "\" is not a link name (letters, digits, and then . _ -)");
    }
  }

  static void ipv4Network(String key, String cidr) {
    Matcher matcher = CIDR.matcher(cidr);
    if (!matcher.matches()) {
      throw new ConfigException(
          key + ": \"" + cidr + "\" is not an IPv4 network such as 10.210.0.0/16");
    }
    long address = 0;
    for (int i = 1; i <= 4; i++) {
      int part = Integer.parseInt(matcher.group(i));
      if (part > 255) {
        throw new ConfigException(key + ": \"" + cidr + "\" has " + part + ", more than 255");
      }
      address = address << 8 | part;
    }
    int prefix = Integer.parseInt(matcher.group(5));
    if (prefix < SHORTEST_PREFIX || prefix > LONGEST_PREFIX) {
      throw new ConfigException(
          key + ": \"" + cidr + "\" must have a prefix between /8 and /29 to hold pods");
    }
    long network = address >> (32 - prefix) << (32 - prefix);
    if (network != address) {
      throw new ConfigException(
          key
              + ": \""
              + cidr
              + "\" has bits set behind its prefix; the network is "
              + dotted(network)
              + "/"
              + prefix);
    }
  }

  private static String dotted(long address) {
    return (address >> 24)
        + "."
        + (address >> 16 & 255)
        + "."
        + (address >> 8 & 255)
        + "."
        + (address & 255);
  }

  static void cgroup(String key, String path) {
    try {
      if (CgroupDriver.CGROUPFS.parent(path).toString().equals(path)) {
        return;
      }
    } catch (CriException.InvalidArgument e) {
      throw new ConfigException(key + ": " + e.getMessage());
    }
    throw new ConfigException(
        key + ": \"" + path + "\" is not written plainly; write " + CgroupPath.of(path));
  }
}
