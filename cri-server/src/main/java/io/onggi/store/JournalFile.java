package io.onggi.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a {@link Journal} on disk: appended to, cut back when an append fails, replaced
 * whole when they are compacted. For one thread at a time, except {@link #broken}.
 */
final class JournalFile {
  private static final int ALLOCATION = 256 << 10;

  private final Path directory;
  private final boolean durable;
  private FileChannel channel;
  private long size; // of the records; zeroes may follow up to the file's end
  private long allocated;
  private volatile @Nullable IOException broken;

  private JournalFile(Path directory, boolean durable, FileChannel channel, long size)
      throws IOException {
    this.directory = directory;
    this.durable = durable;
    this.channel = channel;
    this.size = size;
    this.allocated = channel.size();
  }

  /** What a crash in the middle of a compaction leaves. */
  static void deleteUnfinished(Path directory) throws IOException {
    Files.deleteIfExists(newFile(directory));
  }

  /** A new file in the place of any. */
  static JournalFile fresh(Path directory, boolean durable, byte[] content) throws IOException {
    FileChannel channel = write(directory, durable, content);
    JournalFile file = new JournalFile(directory, durable, channel, content.length);
    file.syncDirectory();
    return file;
  }

  /**
   * The file that is there.
   *
   * @param good bytes that could be read
   * @param cut what follows them and could not: never thrown away unseen, as a flipped bit in the
   *     middle cuts off good records behind it
   */
  static JournalFile cutAt(Path directory, boolean durable, long good, byte[] cut)
      throws IOException {
    FileChannel channel = FileChannel.open(directory.resolve("journal"), StandardOpenOption.WRITE);
    if (cut.length > 0) {
      AtomicFile.write(directory.resolve("journal.cut"), cut, durable);
      channel.truncate(good);
      if (durable) {
        channel.force(true);
      }
    }
    return new JournalFile(directory, durable, channel, good);
  }

  /** Bytes of records. */
  long size() {
    return size;
  }

  /** After which nothing more may be written: what is on disk is not known any more. */
  Optional<IOException> broken() {
    return Optional.ofNullable(broken);
  }

  /** On disk when it returns, if it is durable; else the kernel has it. */
  void append(byte[] bytes) throws IOException {
    if (durable && size + bytes.length > allocated) {
      allocate(size + bytes.length + ALLOCATION);
    }
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      for (long at = size; buffer.hasRemaining(); ) {
        at += channel.write(buffer, at);
      }
    } catch (IOException e) {
      undoAppend(e); // disk full: what is there stays good, and a later call may succeed
      throw e;
    }
    if (durable) {
      try {
        channel.force(false);
      } catch (IOException e) {
        // the kernel has dropped the pages and marks them clean: nothing later can be trusted
        broken = e;
        throw e;
      }
    }
    size += bytes.length;
    allocated = Math.max(allocated, size);
  }

  /**
   * Zeroes ahead of the records: a sync inside a file's length writes the data only, one that grows
   * it writes the file system's journal, too. 12 runs of each in turn on a busy ext4: median 0.59
   * against 0.94 ms, best 0.17 against 0.18.
   */
  private void allocate(long until) {
    try {
      ByteBuffer zeroes = ByteBuffer.allocate((int) (until - allocated));
      for (long at = allocated; zeroes.hasRemaining(); ) {
        at += channel.write(zeroes, at);
      }
      allocated = until;
    } catch (IOException _) {
      // the disk is nearly full: grow by what is needed, and fail only if that does not fit
      allocated = size;
    }
  }

  private void undoAppend(IOException cause) {
    try {
      channel.truncate(size);
      allocated = size;
    } catch (IOException e) {
      cause.addSuppressed(e);
      broken = cause;
    }
  }

  /** Writes a new file and renames it into place; on a failure the old one is whole. */
  void replace(byte[] content) throws IOException {
    FileChannel fresh = write(directory, durable, content);
    channel.close();
    channel = fresh;
    size = content.length;
    allocated = size;
    syncDirectory();
  }

  private static FileChannel write(Path directory, boolean durable, byte[] content)
      throws IOException {
    FileChannel fresh =
        FileChannel.open(
            newFile(directory),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      for (ByteBuffer buffer = ByteBuffer.wrap(content); buffer.hasRemaining(); ) {
        fresh.write(buffer);
      }
      if (durable) {
        fresh.force(true);
      }
      Files.move(newFile(directory), directory.resolve("journal"), StandardCopyOption.ATOMIC_MOVE);
      return fresh;
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
  }

  /**
   * After the rename there is no way back: if its place on disk is unknown, nothing more is
   * written.
   */
  private void syncDirectory() {
    try {
      if (durable) {
        AtomicFile.syncDirectory(directory);
      }
    } catch (IOException e) {
      broken = e;
    }
  }

  private static Path newFile(Path directory) {
    return directory.resolve("journal.new");
  }

  /** Cuts off the zeroes. */
  void close() throws IOException {
    channel.truncate(size);
    channel.close();
  }
}
