package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * One device, or a range of them, that a container may open.
 *
 * @param type {@code 'c'} character or {@code 'b'} block
 * @param major empty: any
 * @param minor empty: any
 * @param access of the letters r (read), w (write), m (mknod)
 */
public record DeviceRule(char type, OptionalLong major, OptionalLong minor, String access) {
  private static final Pattern ACCESS = Pattern.compile("r?w?m?");

  /**
   * What every container needs: making nodes is harmless while opening them is not, and /dev has
   * null, zero, full, random, urandom, tty, console, ptmx and the pts (OCI runtime-spec,
   * config-linux.md, "Default Devices").
   */
  public static final List<DeviceRule> DEFAULTS =
      List.of(
          new DeviceRule('c', OptionalLong.empty(), OptionalLong.empty(), "m"),
          new DeviceRule('b', OptionalLong.empty(), OptionalLong.empty(), "m"),
          character(1, 3),
          character(1, 5),
          character(1, 7),
          character(1, 8),
          character(1, 9),
          character(5, 0),
          character(5, 1),
          character(5, 2),
          new DeviceRule('c', OptionalLong.of(136), OptionalLong.empty(), "rwm"));

  public DeviceRule {
    if (type != 'c' && type != 'b') {
      throw new CriException.InvalidArgument("device type '" + type + "' is neither c nor b");
    }
    if (access.isEmpty() || !ACCESS.matcher(access).matches()) {
      throw new CriException.InvalidArgument(
          "device access \"" + access + "\" is not made of r, w and m in that order");
    }
  }

  private static DeviceRule character(long major, long minor) {
    return new DeviceRule('c', OptionalLong.of(major), OptionalLong.of(minor), "rwm");
  }

  /** The kernel's form, {@code c 1:3 rwm} (Documentation/admin-guide/cgroup-v1/devices.rst). */
  public String kernelForm() {
    return type + " " + number(major) + ":" + number(minor) + " " + access;
  }

  private static String number(OptionalLong number) {
    return number.isPresent() ? Long.toString(number.getAsLong()) : "*";
  }
}
