package io.onggi.container.cdi;

import io.onggi.error.CriException;
import java.util.regex.Pattern;

/**
 * The whole name of a device, {@code vendor.com/class=name}.
 *
 * @param kind vendor and class, {@code vendor.com/class}
 */
public record CdiName(String kind, String name) {
  private static final Pattern VENDOR = Pattern.compile("[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
  private static final Pattern CLASS = Pattern.compile("[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?");
  private static final int VENDOR_MAX = 253;
  private static final int CLASS_MAX = 63;

  /**
   * @throws CriException.InvalidArgument when it is no such name
   */
  public static CdiName parse(String text) {
    int equals = text.indexOf('=');
    boolean whole = equals > 0 && isKind(text.substring(0, equals));
    if (!whole || !isName(text.substring(equals + 1))) {
      throw new CriException.InvalidArgument(
          "CDI device \"" + text + "\" is not named as vendor.com/class=device");
    }
    return new CdiName(text.substring(0, equals), text.substring(equals + 1));
  }

  static boolean isKind(String text) {
    int slash = text.indexOf('/');
    return slash > 0
        && slash <= VENDOR_MAX
        && text.length() - slash - 1 <= CLASS_MAX
        && VENDOR.matcher(text.substring(0, slash)).matches()
        && CLASS.matcher(text.substring(slash + 1)).matches();
  }

  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  @Override
  public String toString() {
    return kind + "=" + name;
  }
}
