package io.onggi.store;

import io.onggi.store.JournalFormat.Change;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private final JournalFile disk; // the writer's own, without syncs the lock's

  private Journal(Path directory, Options options, DirectoryLock directoryLock) throws IOException {
    this.file = directory.resolve("journal");
    this.options = options;
    this.directoryLock = directoryLock;
    JournalFile.deleteUnfinished(directory);
    byte[] content = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    JournalFormat.Recovered recovered = decode(content);
    this.previousBoot = recovered.boot();
    byte[] cut = JournalFormat.unreadable(content, (int) recovered.goodBytes());
    this.cutBytes = cut.length;
    this.boot = recovered.boot().or(() -> Optional.of(options.bootId()));
    this.disk =
        recovered.goodBytes() == 0
            ? JournalFile.fresh(directory, options.durable(), JournalFormat.snapshot(boot, entries))
            : JournalFile.cutAt(directory, options.durable(), recovered.goodBytes(), cut);
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
      disk.append(bytes.toByteArray());
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
    Optional<IOException> broken = disk.broken();
    if (broken.isPresent()) {
      throw failed(broken.get());
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
        disk.append(batch.bytes.toByteArray());
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
    if (disk.size() < options.compactBytes() || disk.size() < 4 * liveBytes()) {
      return;
    }
    byte[] content;
    lock.lock();
    try {
      content = JournalFormat.snapshot(boot, entries);
    } finally {
      lock.unlock();
    }
    try {
      disk.replace(content);
    } catch (IOException _) {
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
      disk.close();
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
