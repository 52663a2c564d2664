package io.onggi.store;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One owner for a directory: a locked file with the owner's process id in it. The kernel drops the
 * lock when the process ends, however it ends; a child does not inherit it.
 */
final class DirectoryLock implements AutoCloseable {
  /**
   * Static, as the thing it mirrors is: POSIX locks belong to the process, and closing any
   * descriptor of the file drops them (man 2 fcntl), so a second attempt in this process must not
   * open it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * @throws CriException.FailedPrecondition naming the process that holds it
   */
  static DirectoryLock acquire(Path directory) {
    Path file = directory.toAbsolutePath().normalize().resolve("lock");
    if (!HELD.add(file)) {
      throw inUse(directory, Long.toString(ProcessHandle.current().pid()));
    }
    boolean kept = false;
    try {
      DirectoryLock lock = lock(directory, file);
      kept = true;
      return lock;
    } catch (IOException e) {
      throw new JournalException("lock " + file + ": " + e.getMessage(), e);
    } finally {
      if (!kept) {
        HELD.remove(file);
      }
    }
  }

  private static DirectoryLock lock(Path directory, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    if (tryLock(channel) == null) {
      String holder = readHolder(channel);
      channel.close();
      throw inUse(directory, holder);
    }
    channel.truncate(0);
    String pid = ProcessHandle.current().pid() + "\n";
    channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
    return new DirectoryLock(file, channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null; // this process, by another name of the directory
    }
  }

  private static String readHolder(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(32);
    channel.read(content, 0);
    return new String(content.array(), 0, content.position(), StandardCharsets.US_ASCII).strip();
  }

  private static CriException.FailedPrecondition inUse(Path directory, String holder) {
    return new CriException.FailedPrecondition(
        directory
            + " is in use by process "
            + (holder.isEmpty() ? "(unknown)" : holder)
            + "; stop that daemon, or give this one a directory of its own");
  }

  /** The file stays: removing it would let two processes lock two files of one name. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // the lock goes with the process at the latest
    } finally {
      HELD.remove(file);
    }
  }
}
