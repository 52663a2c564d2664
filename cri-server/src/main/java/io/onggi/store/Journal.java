package io.onggi.store;

import io.onggi.store.JournalFormat.Change;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values that survive the daemon. Thread-safe; one process at a time.
 *
 * <p><b>Durability.</b> {@link #put} and {@link #delete} return when the record is on disk
 * (fdatasync), and only then does {@link #entries} show it. Callers at the same time share one
 * sync. Not durable (tmpfs): they return when the kernel has the bytes, which a killed daemon
 * survives and a power cut does not. Records reach the disk in the order of the calls; after a
 * crash a prefix of them is there.
 *
 * <p><b>Recovery.</b> Reading stops at the first record that is cut short or whose checksum is
 * wrong; the rest is moved to {@code journal.cut} for a person to look at. Another format version
 * is refused.
 *
 * <p><b>Compaction.</b> When the file has grown beyond the bound and to four times its live
 * content, it is written anew and renamed into place; a crash leaves the old file or the new one.
 *
 * <p><b>Boot.</b> After another boot every process is dead and every kernel object gone, whatever
 * the entries say. {@link #previousBoot} stays what the file said until {@link #adoptBoot}, so that
 * a daemon that dies amid its recovery sees the other boot again.
 *
 * <p>Files: {@code journal}, {@code lock}, {@code journal.cut}, and {@code journal.new} for
 * moments.
 */
public final class Journal implements AutoCloseable {
  private static final int ALLOCATION = 256 << 10;
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  /**
   * How a journal behaves.
   *
   * @param durable true: every change is synced; false: for a directory in tmpfs
   * @param compactBytes the file's size from which compaction is thought of
   * @param bootId of the running kernel
   */
  public record Options(boolean durable, long compactBytes, UUID bootId) {
    /** Compacts from 4 MiB. */
    public static Options ofThisBoot(boolean durable) {
      try {
        UUID boot = UUID.fromString(Files.readString(BOOT_ID).strip());
        return new Options(durable, 4 << 20, boot);
      } catch (IOException e) {
        throw new JournalException("read " + BOOT_ID + ": " + e.getMessage(), e);
      }
    }
  }

  /** Changes that are synced together; those who wait for it. */
  private static final class Batch {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<Change> changes = new ArrayList<>();
    boolean done;
    @Nullable IOException failure;
  }

  private final Path directory;
  private final Path file;
  private final Options options;
  private final DirectoryLock directoryLock;
  private final Optional<UUID> previousBoot;
  private final long cutBytes;
  private final Thread writer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition done = lock.newCondition();
  // guarded by lock
  private final Map<String, byte[]> entries = new TreeMap<>();
  private Optional<UUID> boot;
  private Batch pending = new Batch();
  private boolean inFlight; // the writer has a batch whose changes entries does not show yet
  private boolean closing;
  private @Nullable IOException broken;

  // the writer's own
  private FileChannel channel;
  private long size; // of the records; zeroes may follow up to the file's end
  private long allocated;

  private Journal(Path directory, Options options, DirectoryLock directoryLock) throws IOException {
    this.directory = directory;
    this.file = directory.resolve("journal");
    this.options = options;
    this.directoryLock = directoryLock;
    Files.deleteIfExists(newFile());
    byte[] content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    JournalFormat.Recovered recovered = decode(content);
    this.previousBoot = recovered.boot();
    byte[] cut = JournalFormat.unreadable(content, (int) recovered.goodBytes());
    this.cutBytes = cut.length;
    this.boot = recovered.boot().or(() -> Optional.of(options.bootId()));
    if (recovered.goodBytes() == 0) {
      this.channel = replaceFile();
    } else {
      this.channel = FileChannel.open(file, StandardOpenOption.WRITE);
      keepCut(cut, recovered.goodBytes());
    }
    this.allocated = channel.size();
    this.size = recovered.goodBytes() == 0 ? allocated : recovered.goodBytes();
    this.writer = Thread.ofPlatform().daemon().name("onggi-journal").unstarted(this::writeBatches);
  }

  /**
   * Opens the journal in a directory, which is made if missing.
   *
   * @throws io.onggi.error.CriException.FailedPrecondition if another process has it open, naming
   *     it
   * @throws JournalException if it cannot be read, or is of another version
   */
  public static Journal open(Path directory, Options options) {
    boolean opened = false;
    @Nullable DirectoryLock directoryLock = null;
    try {
      Files.createDirectories(directory);
      directoryLock = DirectoryLock.acquire(directory);
      Journal journal = new Journal(directory, options, directoryLock);
      journal.writer.start();
      opened = true;
      return journal;
    } catch (IOException e) {
      throw new JournalException("open the journal in " + directory + ": " + e, e);
    } finally {
      if (!opened && directoryLock != null) {
        directoryLock.close();
      }
    }
  }

  private JournalFormat.Recovered decode(byte[] content) {
    try {
      return JournalFormat.decode(content, entries);
    } catch (JournalException e) {
      throw new JournalException(file + " " + e.getMessage(), e);
    }
  }

  /**
   * Never throws bytes away unseen: a flipped bit in the middle cuts off good records behind it.
   */
  private void keepCut(byte[] cut, long good) throws IOException {
    if (cut.length == 0) {
      return;
    }
    AtomicFile.write(directory.resolve("journal.cut"), cut, options.durable());
    channel.truncate(good);
    if (options.durable()) {
      channel.force(true);
    }
  }

  /** Sets the value of a key, replacing any; see the class on durability. */
  public void put(String key, byte[] value) {
    write(List.of(new Change.Put(key, value.clone())));
  }

  /**
   * Sets several values in the map's order with one sync; a crash may keep only the first of them.
   */
  public void putAll(Map<String, byte[]> values) {
    List<Change> changes = new ArrayList<>();
    values.forEach((key, value) -> changes.add(new Change.Put(key, value.clone())));
    write(changes);
  }

  /** Success, too, if there is no such key, and then without touching the disk. */
  public void delete(String key) {
    deleteAll(List.of(key));
  }

  /** As {@link #delete}, several with one sync. */
  public void deleteAll(List<String> keys) {
    write(keys.stream().<Change>map(Change.Delete::new).toList());
  }

  /** A copy, sorted by key; holds every change whose call has returned. */
  public Map<String, byte[]> entries() {
    lock.lock();
    try {
      Map<String, byte[]> copy = new LinkedHashMap<>();
      entries.forEach((key, value) -> copy.put(key, value.clone()));
      return copy;
    } finally {
      lock.unlock();
    }
  }

  /** The boot that the journal was last adopted in; empty if it is new. */
  public Optional<UUID> previousBoot() {
    return previousBoot;
  }

  /** True if the entries speak of a boot that is over. */
  public boolean fromAnotherBoot() {
    return previousBoot.isPresent() && !previousBoot.get().equals(options.bootId());
  }

  /** The entries now speak of the running boot; to be called when recovery has corrected them. */
  public void adoptBoot() {
    write(List.of(new Change.Boot(options.bootId())));
  }

  /** Bytes that recovery found unreadable and put aside; 0 is the normal case. */
  public long cutBytes() {
    return cutBytes;
  }

  private void write(List<Change> changes) {
    byte[][] encoded = changes.stream().map(JournalFormat::encode).toArray(byte[][]::new);
    lock.lock();
    try {
      requireUsable();
      if (pending.changes.isEmpty() && changes.stream().allMatch(this::changesNothing)) {
        return;
      }
      if (!options.durable()) {
        writeNow(changes, encoded);
        return;
      }
      Batch mine = pending;
      mine.changes.addAll(changes);
      for (byte[] one : encoded) {
        mine.bytes.writeBytes(one);
      }
      work.signal();
      while (!mine.done) {
        done.awaitUninterruptibly(); // a client's disconnect cancels nothing
      }
      if (mine.failure != null) {
        throw failed(mine.failure);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Without syncs to share there is nothing to wait for: the caller writes, holding the lock. Two
   * changes of thread less in the path of every verb.
   */
  private void writeNow(List<Change> changes, byte[][] encoded) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] one : encoded) {
      bytes.writeBytes(one);
    }
    boolean interrupted = Thread.interrupted(); // an interrupted thread's write closes the channel
    try {
      append(bytes.toByteArray());
      changes.forEach(this::apply);
    } catch (IOException e) {
      throw failed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    compactIfLarge();
  }

  private boolean changesNothing(Change change) {
    return change instanceof Change.Delete(String key) && !inFlight && !entries.containsKey(key);
  }

  private void requireUsable() {
    if (broken != null) {
      throw failed(broken);
    }
    if (closing) {
      throw new JournalException("journal " + file + " is closed");
    }
  }

  private JournalException failed(IOException cause) {
    return new JournalException("write to journal " + file + ": " + cause.getMessage(), cause);
  }

  /** The one thread that touches the file: nobody interrupts it, and so the channel stays open. */
  private void writeBatches() {
    for (Batch batch = nextBatch(); batch != null; batch = nextBatch()) {
      @Nullable IOException failure = null;
      try {
        append(batch.bytes.toByteArray());
      } catch (IOException e) {
        failure = e;
      }
      publish(batch, failure);
      if (failure == null) {
        compactIfLarge();
      }
    }
  }

  private @Nullable Batch nextBatch() {
    lock.lock();
    try {
      while (pending.changes.isEmpty()) {
        if (closing) {
          return null;
        }
        work.awaitUninterruptibly();
      }
      Batch batch = pending;
      pending = new Batch();
      inFlight = true;
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void append(byte[] bytes) throws IOException {
    if (options.durable() && size + bytes.length > allocated) {
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
    if (options.durable()) {
      try {
        channel.force(false);
      } catch (IOException e) {
        // the kernel has dropped the pages and marks them clean: nothing later can be trusted
        breakDown(e);
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
      breakDown(cause);
    }
  }

  private void breakDown(IOException cause) {
    lock.lock();
    try {
      broken = cause;
    } finally {
      lock.unlock();
    }
  }

  private void publish(Batch batch, @Nullable IOException failure) {
    lock.lock();
    try {
      if (failure == null) {
        batch.changes.forEach(this::apply);
      }
      batch.failure = failure;
      batch.done = true;
      inFlight = false;
      done.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void apply(Change change) {
    switch (change) {
      case Change.Put(String key, byte[] value) -> entries.put(key, value);
      case Change.Delete(String key) -> entries.remove(key);
      case Change.Boot(UUID id) -> boot = Optional.of(id);
    }
  }

  private void compactIfLarge() {
    if (size < options.compactBytes()) {
      return;
    }
    long live = liveBytes();
    if (size < 4 * live) {
      return;
    }
    try {
      FileChannel fresh = replaceFile();
      channel.close();
      channel = fresh;
      size = channel.size();
      allocated = size;
    } catch (IOException e) {
      // the old file is whole; the next change tries again, and says so if it cannot write either
    }
  }

  private long liveBytes() {
    lock.lock();
    try {
      return entries.values().stream().mapToLong(value -> value.length).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Writes everything to a new file and renames it into place; the channel is of the new file. */
  private FileChannel replaceFile() throws IOException {
    byte[] content;
    lock.lock();
    try {
      content = JournalFormat.snapshot(boot, entries);
    } finally {
      lock.unlock();
    }
    FileChannel fresh =
        FileChannel.open(
            newFile(),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      for (ByteBuffer buffer = ByteBuffer.wrap(content); buffer.hasRemaining(); ) {
        fresh.write(buffer);
      }
      if (options.durable()) {
        fresh.force(true);
      }
      Files.move(newFile(), file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    syncDirectory();
    return fresh;
  }

  /**
   * After the rename there is no way back: if its place on disk is unknown, nothing more is
   * written.
   */
  private void syncDirectory() {
    try {
      if (options.durable()) {
        AtomicFile.syncDirectory(directory);
      }
    } catch (IOException e) {
      breakDown(e);
    }
  }

  private Path newFile() {
    return directory.resolve("journal.new");
  }

  /** Writes what is waiting, then lets another process open the directory. Idempotent. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closing) {
        return;
      }
      closing = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      joinUninterruptibly(writer);
      channel.truncate(size);
      channel.close();
    } catch (IOException e) {
      throw failed(e);
    } finally {
      directoryLock.close();
    }
  }

  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
