package io.onggi.stats;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the processes of a container have open and do, from {@code /proc}. A process that ends
 * meanwhile counts as having nothing.
 *
 * @param processes how many
 * @param descriptors open files of all of them
 * @param sockets those of them that are sockets
 */
record ProcessCounts(long processes, long descriptors, long sockets) {
  private static final Path PROC = Path.of("/proc");
  private static final String OPEN_FILES = "Max open files";

  /** Threads beyond which nobody is asked for its state: that would be a read each. */
  static final int MOST_THREADS = 1000;

  static ProcessCounts of(List<Integer> pids) {
    long descriptors = 0;
    long sockets = 0;
    for (int pid : pids) {
      Path folder = PROC.resolve(Integer.toString(pid)).resolve("fd");
      String[] open = folder.toFile().list();
      if (open != null) {
        descriptors += open.length;
        for (String descriptor : open) {
          sockets += isSocket(folder.resolve(descriptor)) ? 1 : 0;
        }
      }
    }
    return new ProcessCounts(pids.size(), descriptors, sockets);
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException _) {
      return false; // closed meanwhile
    }
  }

  /** The soft limit of open files; -1 for none; empty if the process is gone. */
  static OptionalLong openFilesLimit(int pid) {
    return text(PROC.resolve(Integer.toString(pid)).resolve("limits")).stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(OPEN_FILES))
        .map(line -> line.substring(OPEN_FILES.length()).strip().split(" +")[0])
        .mapToLong(soft -> soft.equals("unlimited") ? -1 : Long.parseLong(soft))
        .findFirst();
  }

  /** How many threads are in which state. */
  record States(
      long running, long sleeping, long stopped, long uninterruptible, long waitingForDisk) {}

  /** Empty for a cgroup with very many threads, or that is gone. */
  static Optional<States> states(String threadsFile) {
    Optional<String> threads = text(Path.of(threadsFile));
    if (threads.isEmpty()) {
      return Optional.empty();
    }
    List<String> ids = threads.get().lines().toList();
    if (ids.size() > MOST_THREADS) {
      return Optional.empty();
    }
    List<Character> states = new ArrayList<>();
    ids.forEach(id -> state(id).ifPresent(states::add));
    return Optional.of(
        new States(
            count(states, "R"), count(states, "SI"), count(states, "Tt"), count(states, "D"), 0));
  }

  private static long count(List<Character> states, String of) {
    return states.stream().filter(s -> of.indexOf(s) >= 0).count();
  }

  /** Field 3 of stat, behind the name in brackets, which may hold anything. */
  private static Optional<Character> state(String thread) {
    return text(new File("/proc/" + thread + "/stat").toPath())
        .map(stat -> stat.charAt(stat.lastIndexOf(')') + 2));
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
