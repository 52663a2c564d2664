package io.onggi.cgroup.dbus;

/** A call that was answered with an error, or a connection that does not carry calls. */
public final class DBusException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String name;

  /**
   * @param name the error's name, {@code org.freedesktop.systemd1.NoSuchUnit}; empty for a failure
   *     of the connection
   */
  DBusException(String name, String message, Throwable cause) {
    super(message, cause);
    this.name = name;
  }

  DBusException(String name, String message) {
    super(message);
    this.name = name;
  }

  /** See the constructor. */
  public String name() {
    return name;
  }
}
