package io.onggi.linux;

/**
 * What an inode is given beside its content.
 *
 * @param mode permission bits with setuid, setgid and sticky: at most 07777
 * @param mtimeSeconds seconds since 1970, may be negative
 * @param mtimeNanos 0 to 999,999,999
 */
public record FileAttributes(int mode, int uid, int gid, long mtimeSeconds, int mtimeNanos) {
  public FileAttributes {
    if ((mode & ~07777) != 0 || mtimeNanos < 0 || mtimeNanos > 999_999_999) {
      throw new IllegalArgumentException("mode " + mode + " or nanoseconds " + mtimeNanos);
    }
  }

  /** Root's, with that mode, dated 1970: for what an archive leaves unsaid. */
  public static FileAttributes ofMode(int mode) {
    return new FileAttributes(mode, 0, 0, 0, 0);
  }
}
