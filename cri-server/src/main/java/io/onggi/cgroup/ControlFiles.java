package io.onggi.cgroup;

import io.onggi.error.CriException;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Reading and writing cgroupfs. Streams and not channels, as a channel is closed by an interrupt of
 * its thread, and one value has to reach the kernel in one write(2).
 */
final class ControlFiles {
  private static final long REMOVE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long FIRST_PAUSE_NANOS = 200_000;
  private static final long LAST_PAUSE_NANOS = 5_000_000;

  private ControlFiles() {}

  /** The content without trailing newline; empty if there is no such file (or no such cgroup). */
  static Optional<String> readIfThere(Path file) {
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing());
    } catch (IOException e) {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      throw new CriException.Internal("read " + file + ": " + e.getMessage(), e);
    }
  }

  static String read(Path file) {
    return readIfThere(file)
        .orElseThrow(
            () ->
                new CriException.Internal(
                    "read " + file + ": no such control file; was the cgroup removed?", null));
  }

  /** The number in the file; {@code max} and v1's largest value are {@link Limits#UNLIMITED}. */
  static long readNumber(Path file) {
    return number(read(file));
  }

  static long number(String text) {
    if (text.equals("max")) {
      return Limits.UNLIMITED;
    }
    return unlimitedIfHuge(Long.parseLong(text));
  }

  /** v1 says "no limit" as the largest multiple of the page size. */
  static long unlimitedIfHuge(long value) {
    return value > 1L << 62 ? Limits.UNLIMITED : value;
  }

  /** The number behind a key in a file of {@code key value} lines; 0 if it has no such line. */
  static long keyed(String text, String key) {
    for (String line : text.split("\n")) {
      if (line.startsWith(key)
          && line.length() > key.length()
          && line.charAt(key.length()) == ' ') {
        return Long.parseLong(line.substring(key.length() + 1).strip());
      }
    }
    return 0;
  }

  static void write(Path file, String value) {
    // an empty write(2) never reaches the kernel's handler; a newline is "nothing" to it
    byte[] bytes = (value.isEmpty() ? "\n" : value).getBytes(StandardCharsets.UTF_8);
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      out.write(bytes);
    } catch (IOException e) {
      // cgroupfs answers O_CREAT of an unknown file with EACCES: say what is really wrong
      String why = Files.exists(file) ? reason(e) : "no such control file";
      throw refused("write \"" + value + "\" to " + file + ": " + why, why, e);
    }
  }

  /** The kernel's words without the path, which the JDK puts before them. */
  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    int words = message.lastIndexOf('(');
    return message.endsWith(")") && words >= 0
        ? message.substring(words + 1, message.length() - 1)
        : message;
  }

  /** Values come from requests: what the kernel says about a value is about the request. */
  private static CriException refused(String message, String why, IOException cause) {
    return switch (why) {
      case "Invalid argument", "Numerical result out of range" ->
          new CriException.InvalidArgument(message, cause);
      case "Device or resource busy" -> new CriException.FailedPrecondition(message, cause);
      default -> new CriException.Internal(message, cause);
    };
  }

  /** True if this call made it, false if it was there. */
  static boolean makeDirectory(Path directory) {
    try {
      Files.createDirectory(directory);
      return true;
    } catch (FileAlreadyExistsException _) {
      return false;
    } catch (IOException e) {
      throw new CriException.Internal("mkdir " + directory + ": " + e, e);
    }
  }

  /** True if the directory is gone afterwards. */
  static boolean removeDirectory(Path directory) {
    try {
      Files.delete(directory);
      return true;
    } catch (NoSuchFileException _) {
      return true;
    } catch (IOException _) {
      return false; // busy or with children: whoever asks finds out which
    }
  }

  /**
   * Removes a cgroup and those below it, children first. A killed process leaves its cgroup only
   * when it exits, about which v1 tells nobody; so this looks again, after pauses of 0.2 to 5 ms,
   * for at most two seconds.
   */
  static void removeTree(Path directory) {
    long deadline = System.nanoTime() + REMOVE_NANOS;
    long pause = FIRST_PAUSE_NANOS;
    while (!removeDirectory(directory)) {
      childrenOf(directory).forEach(ControlFiles::removeTree);
      if (removeDirectory(directory)) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        Set<Integer> left = processesIn(directory);
        throw new CriException.FailedPrecondition(
            "cgroup "
                + directory
                + " cannot be removed: "
                + (left.isEmpty() ? "the kernel says busy" : "it still has the processes " + left)
                + "; the removal may be repeated");
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(pause * 2, LAST_PAUSE_NANOS);
    }
  }

  static List<Path> childrenOf(Path directory) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isDirectory)) {
      entries.forEach(children::add);
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw new CriException.Internal("list " + directory + ": " + e.getMessage(), e);
    }
    return children;
  }

  /**
   * Process ids of the cgroup and below; those of a cgroup that vanishes meanwhile are left out.
   */
  static Set<Integer> processesIn(Path directory) {
    Set<Integer> pids = new TreeSet<>();
    for (String line : readIfThere(directory.resolve("cgroup.procs")).orElse("").split("\n")) {
      // 0 stands for a process that this pid namespace does not know
      if (!line.isEmpty() && !line.equals("0")) {
        pids.add(Integer.valueOf(line));
      }
    }
    childrenOf(directory).forEach(child -> pids.addAll(processesIn(child)));
    return pids;
  }

  /** SIGKILL; nothing if it is gone. The JDK compares the start time, so no reused id is hit. */
  static void kill(int pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }
}
