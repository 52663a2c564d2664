package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * One control file at a time in one buffer, parsed in place: a listing of every container reads
 * hundreds of files, and this makes no string of any. For one thread.
 */
final class ControlBuffer {
  /** {@code memory.stat}, the longest file read here, has less than 2 KiB. */
  private static final int BYTES = 8192;

  private byte[] bytes = new byte[BYTES];
  private int length;

  /**
   * True if the file was read; false if there is no such file (or no such cgroup any more).
   *
   * @throws CriException.Internal naming a file that is there and cannot be read
   */
  boolean load(String file) {
    try {
      fill(file);
      return true;
    } catch (IOException e) {
      // A cgroup that is removed between open and read answers ENODEV, and then is not there.
      if (new File(file).exists()) {
        throw new CriException.Internal("read " + file + ": " + e.getMessage(), e);
      }
      return false;
    }
  }

  /** As {@link #load}; false also for a file that the kernel shows but does not serve. */
  boolean loadIfServed(String file) {
    try {
      fill(file);
      return true;
    } catch (IOException _) {
      return false; // EOPNOTSUPP: pressure files of a kernel booted with psi=0
    }
  }

  private void fill(String file) throws IOException {
    length = 0;
    try (FileInputStream in = new FileInputStream(file)) {
      int n;
      while ((n = in.read(bytes, length, bytes.length - length)) > 0) {
        length += n;
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
      }
    }
  }

  /** The file's only number; {@code max} and v1's largest value are {@link Limits#UNLIMITED}. */
  long number() {
    if (length > 0 && bytes[0] == 'm') {
      return Limits.UNLIMITED;
    }
    return ControlFiles.unlimitedIfHuge(digits(0));
  }

  /** The number behind the key in a file of {@code key value} lines. */
  OptionalLong keyed(byte[] key) {
    for (int line = 0; line < length; line = nextLine(line)) {
      int end = line + key.length;
      if (end < length
          && bytes[end] == ' '
          && Arrays.equals(bytes, line, end, key, 0, key.length)) {
        return OptionalLong.of(digits(end + 1));
      }
    }
    return OptionalLong.empty();
  }

  /** The whole content, for the few files that are not numbers. */
  String text() {
    return new String(bytes, 0, length, StandardCharsets.US_ASCII);
  }

  private int nextLine(int from) {
    int at = from;
    while (at < length && bytes[at] != '\n') {
      at++;
    }
    return at + 1;
  }

  private long digits(int from) {
    long value = 0;
    for (int at = from; at < length && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
      value = value * 10 + (bytes[at] - '0');
    }
    return value;
  }
}
