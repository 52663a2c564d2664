package io.onggi.linux;

import java.util.Map;

/** Errno values of x86-64 and arm64 Linux (asm-generic/errno.h) and their names. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EAGAIN = 11;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int EXDEV = 18;
  public static final int EOPNOTSUPP = 95;
  public static final int EADDRINUSE = 98;
  public static final int ECONNRESET = 104;
  public static final int ENOBUFS = 105;
  public static final int ECONNREFUSED = 111;
  public static final int ETIMEDOUT = 110;
  public static final int ENXIO = 6;
  public static final int ECHILD = 10;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "Operation not permitted (EPERM)"),
          Map.entry(2, "No such file or directory (ENOENT)"),
          Map.entry(3, "No such process (ESRCH)"),
          Map.entry(4, "Interrupted system call (EINTR)"),
          Map.entry(5, "Input/output error (EIO)"),
          Map.entry(6, "No such device or address (ENXIO)"),
          Map.entry(7, "Argument list too long (E2BIG)"),
          Map.entry(8, "Exec format error (ENOEXEC)"),
          Map.entry(9, "Bad file descriptor (EBADF)"),
          Map.entry(10, "No child processes (ECHILD)"),
          Map.entry(11, "Resource temporarily unavailable (EAGAIN)"),
          Map.entry(12, "Cannot allocate memory (ENOMEM)"),
          Map.entry(13, "Permission denied (EACCES)"),
          Map.entry(14, "Bad address (EFAULT)"),
          Map.entry(16, "Device or resource busy (EBUSY)"),
          Map.entry(17, "File exists (EEXIST)"),
          Map.entry(18, "Invalid cross-device link (EXDEV)"),
          Map.entry(19, "No such device (ENODEV)"),
          Map.entry(20, "Not a directory (ENOTDIR)"),
          Map.entry(21, "Is a directory (EISDIR)"),
          Map.entry(22, "Invalid argument (EINVAL)"),
          Map.entry(23, "Too many open files in system (ENFILE)"),
          Map.entry(24, "Too many open files (EMFILE)"),
          Map.entry(25, "Inappropriate ioctl for device (ENOTTY)"),
          Map.entry(26, "Text file busy (ETXTBSY)"),
          Map.entry(27, "File too large (EFBIG)"),
          Map.entry(28, "No space left on device (ENOSPC)"),
          Map.entry(29, "Illegal seek (ESPIPE)"),
          Map.entry(30, "Read-only file system (EROFS)"),
          Map.entry(31, "Too many links (EMLINK)"),
          Map.entry(32, "Broken pipe (EPIPE)"),
          Map.entry(34, "Numerical result out of range (ERANGE)"),
          Map.entry(35, "Resource deadlock avoided (EDEADLK)"),
          Map.entry(36, "File name too long (ENAMETOOLONG)"),
          Map.entry(38, "Function not implemented (ENOSYS)"),
          Map.entry(39, "Directory not empty (ENOTEMPTY)"),
          Map.entry(40, "Too many levels of symbolic links (ELOOP)"),
          Map.entry(61, "No data available (ENODATA)"),
          Map.entry(71, "Protocol error (EPROTO)"),
          Map.entry(74, "Bad message (EBADMSG)"),
          Map.entry(75, "Value too large for defined data type (EOVERFLOW)"),
          Map.entry(88, "Socket operation on non-socket (ENOTSOCK)"),
          Map.entry(90, "Message too long (EMSGSIZE)"),
          Map.entry(95, "Operation not supported (EOPNOTSUPP)"),
          Map.entry(97, "Address family not supported by protocol (EAFNOSUPPORT)"),
          Map.entry(98, "Address already in use (EADDRINUSE)"),
          Map.entry(99, "Cannot assign requested address (EADDRNOTAVAIL)"),
          Map.entry(100, "Network is down (ENETDOWN)"),
          Map.entry(101, "Network is unreachable (ENETUNREACH)"),
          Map.entry(104, "Connection reset by peer (ECONNRESET)"),
          Map.entry(105, "No buffer space available (ENOBUFS)"),
          Map.entry(106, "Transport endpoint is already connected (EISCONN)"),
          Map.entry(107, "Transport endpoint is not connected (ENOTCONN)"),
          Map.entry(110, "Connection timed out (ETIMEDOUT)"),
          Map.entry(111, "Connection refused (ECONNREFUSED)"),
          Map.entry(113, "No route to host (EHOSTUNREACH)"),
          Map.entry(114, "Operation already in progress (EALREADY)"),
          Map.entry(115, "Operation now in progress (EINPROGRESS)"),
          Map.entry(116, "Stale file handle (ESTALE)"),
          Map.entry(122, "Disk quota exceeded (EDQUOT)"),
          Map.entry(125, "Operation canceled (ECANCELED)"));

  private Errno() {}

  /** "No such file or directory (ENOENT)"; "errno 999" for a value without a name. */
  public static String describe(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }
}
