package io.onggi.linux;

import com.sun.jna.Native;

/** Extended attributes (man 7 xattr): the native calls, and reading one for tests and checks. */
public final class Xattrs {
  private static final int MAX_VALUE = 65_536;

  static {
    Native.register(Xattrs.class, "c");
  }

  private Xattrs() {}

  static native int fsetxattr(int fd, long name, byte[] value, long size, int flags);

  static native int lsetxattr(long path, long name, byte[] value, long size, int flags);

  private static native long lgetxattr(byte[] path, byte[] name, byte[] value, long size);

  /**
   * The value of an attribute of the file itself (a symlink is not followed); null when it has none
   * of that name.
   *
   * @throws LinuxException for every other failure
   */
  public static byte @org.jspecify.annotations.Nullable [] get(String path, String name) {
    byte[] buffer = new byte[MAX_VALUE];
    long size = lgetxattr(terminated(path), terminated(name), buffer, buffer.length);
    if (size < 0) {
      int errno = Native.getLastError();
      if (errno == Errno.ENODATA) {
        return null;
      }
      throw new LinuxException("lgetxattr " + name + " of", path, errno);
    }
    return java.util.Arrays.copyOf(buffer, (int) size);
  }

  private static byte[] terminated(String text) {
    return (text + "\0").getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
