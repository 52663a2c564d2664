package io.onggi.linux;

import java.nio.file.Path;

/**
 * A program held through a detached read-only bind mount of itself. /proc/PID/exe of whatever is
 * started from it leads into that mount, so nobody, root in a container included, can open it for
 * writing (the class of CVE-2019-5736). Outlives the replacing of the file on disk.
 */
public final class ReadOnlyExecutable implements AutoCloseable {
  /** Above the descriptors that {@link Processes#spawn} puts in place before it opens the file. */
  private static final int LOWEST = 10;

  private final int fd;

  private ReadOnlyExecutable(int fd) {
    this.fd = fd;
  }

  public static ReadOnlyExecutable open(Path program) {
    int fd = Mounts.moveUp(Mounts.cloneTree(program, false), LOWEST);
    try {
      long attributes = KernelConstants.MOUNT_ATTR_RDONLY | KernelConstants.MOUNT_ATTR_NOSUID;
      Mounts.setAttributes(fd, false, attributes, 0, KernelConstants.MS_PRIVATE);
    } catch (LinuxException e) {
      Processes.closeFd(fd);
      throw e;
    }
    return new ReadOnlyExecutable(fd);
  }

  /** A path for execve that is good in this process and its children until {@link #close}. */
  public String path() {
    return "/proc/self/fd/" + fd;
  }

  @Override
  public void close() {
    Processes.closeFd(fd);
  }
}
