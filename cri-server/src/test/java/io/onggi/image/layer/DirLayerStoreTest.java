package io.onggi.image.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Digest;
import io.onggi.image.tar.TarBytes;
import io.onggi.linux.Xattrs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the real file system, as root. */
class DirLayerStoreTest {
  @TempDir private Path outer;
  private Path directory;
  private DirLayerStore store;

  @BeforeEach
  void open() {
    directory = outer.resolve("store");
    store = new DirLayerStore(directory);
  }

  /** A source that counts how often it is read. */
  private static final class Bytes implements LayerSource {
    private final byte[] bytes;
    private final AtomicInteger reads = new AtomicInteger();

    private Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public String name() {
      return "layer under test";
    }

    @Override
    public <T> T read(Reader<T> reader) {
      reads.incrementAndGet();
      try {
        return reader.read(new ByteArrayInputStream(bytes));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Path unpack(byte[] tar) {
    Digest diffId = Digest.of(tar);
    store.ensure(diffId, new Bytes(tar));
    return store.directory(diffId);
  }

  private Path unpack(TarBytes tar) {
    return unpack(tar.end());
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static Object attribute(Path path, String name) throws IOException {
    return Files.getAttribute(path, name, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isWhiteout(Path path) throws IOException {
    return ((int) attribute(path, "unix:mode") & 0170000) == 0020000
        && (long) attribute(path, "unix:rdev") == 0;
  }

  private static String opaque(Path path) {
    byte[] value = Xattrs.get(path.toString(), "trusted.overlay.opaque");
    return value == null ? "" : new String(value, StandardCharsets.UTF_8);
  }

  private void assertNothingLeft() throws IOException {
    for (String folder : List.of("tmp", "layers")) {
      try (Stream<Path> entries = Files.list(directory.resolve(folder))) {
        assertEquals(List.of(), entries.toList(), folder);
      }
    }
    try (Stream<Path> entries = Files.list(outer)) {
      assertEquals(List.of(directory), entries.toList(), "beside the store");
    }
  }

  @Test
  void keepsModeOwnerTimesLinksAndAttributes() throws IOException {
    Path fs =
        unpack(
            new TarBytes()
                .directory("./", 0751)
                .directory("tmp/", 01777)
                .file("tmp/su", "run".getBytes(StandardCharsets.UTF_8), 04755, 12, 34)
                .hardLink("tmp/again", "tmp/su")
                .symlink("abs", "/tmp/su")
                .node("null", '3', 1, 3)
                .node("pipe", '6', 0, 0)
                .pax(Map.of("SCHILY.xattr.user.note", "hi"))
                .file("noted", "x"));
    assertEquals(0751, (int) attribute(fs, "unix:mode") & 07777);
    assertEquals(01777, (int) attribute(fs.resolve("tmp"), "unix:mode") & 07777);
    Path su = fs.resolve("tmp/su");
    assertEquals("run", Files.readString(su));
    assertEquals(04755, (int) attribute(su, "unix:mode") & 07777);
    assertEquals(12, attribute(su, "unix:uid"));
    assertEquals(34, attribute(su, "unix:gid"));
    assertEquals(attribute(su, "unix:ino"), attribute(fs.resolve("tmp/again"), "unix:ino"));
    assertEquals("/tmp/su", Files.readSymbolicLink(fs.resolve("abs")).toString());
    assertEquals((1L << 8) | 3, attribute(fs.resolve("null"), "unix:rdev"));
    assertEquals(0010600, attribute(fs.resolve("pipe"), "unix:mode"));
    for (String name : List.of("tmp", "tmp/su", "abs", "null")) {
      var time = Files.getLastModifiedTime(fs.resolve(name), LinkOption.NOFOLLOW_LINKS);
      assertEquals(1_700_000_000_000L, time.toMillis(), name);
    }
    assertArrayEquals(
        "hi".getBytes(StandardCharsets.UTF_8),
        Xattrs.get(fs.resolve("noted").toString(), "user.note"));
  }

  @Test
  void makesParentsThatTheArchiveLeavesOut() throws IOException {
    Path fs = unpack(new TarBytes().file("a/b/c/file", "x"));
    assertEquals(0755, (int) attribute(fs.resolve("a/b"), "unix:mode") & 07777);
    assertEquals("x", Files.readString(fs.resolve("a/b/c/file")));
  }

  @Test
  void turnsWhiteoutsIntoOverlayForm() throws IOException {
    Path fs =
        unpack(
            new TarBytes()
                .directory("d/", 0755)
                .file("d/.wh.gone", "")
                .directory("o/", 0755)
                .file("o/.wh..wh..opq", "")
                .file("o/new", "n")
                .file(".wh..wh.plnk/1.2", "aufs"));
    assertTrue(isWhiteout(fs.resolve("d/gone")));
    assertEquals("y", opaque(fs.resolve("o")));
    assertEquals("n", Files.readString(fs.resolve("o/new")));
    assertEquals("", opaque(fs.resolve("d")));
    assertFalse(Files.exists(fs.resolve(".wh..wh.plnk")));
  }

  @Test
  void whiteoutAndNewContentOfOneNameInOneLayerBothCount() throws IOException {
    Path fs =
        unpack(
            new TarBytes()
                .file(".wh.file", "")
                .file("file", "new")
                .file(".wh.before/", "")
                .directory("before/", 0755)
                .directory("after/", 0755)
                .file("after/kept", "k")
                .file(".wh.after", ""));
    assertEquals("new", Files.readString(fs.resolve("file")));
    assertEquals("y", opaque(fs.resolve("before")));
    assertEquals("y", opaque(fs.resolve("after")));
    assertEquals("k", Files.readString(fs.resolve("after/kept")));
  }

  @Test
  void theLaterEntryOfANameWins() throws IOException {
    Path fs =
        unpack(
            new TarBytes()
                .file("a", "old")
                .file("a", "new")
                .file("d/sub/deep", "x")
                .file("d", "file now")
                .symlink("s", "d")
                .directory("s/", 0700));
    assertEquals("new", Files.readString(fs.resolve("a")));
    assertEquals("file now", Files.readString(fs.resolve("d")));
    assertTrue(Files.isDirectory(fs.resolve("s"), LinkOption.NOFOLLOW_LINKS));
  }

  @Test
  void namesCannotLeaveTheLayer() throws IOException {
    Path victim = Files.writeString(outer.resolve("victim"), "untouched");
    Path fs =
        unpack(
            new TarBytes()
                .file("../../../../../escape1", "x")
                .file("/abs/escape2", "x")
                .symlink("up", "../../../../..")
                .file("up/onggi-escape3", "x")
                .symlink("root", "/")
                .file("root/escape4", "x")
                .symlink("out", outer.toString())
                .file("out/victim", "overwritten")
                .symlink("last", victim.toString())
                .file("last", "x"));
    assertTrue(Files.exists(fs.resolve("escape1")));
    assertTrue(Files.exists(fs.resolve("abs/escape2")));
    assertTrue(Files.exists(fs.resolve("onggi-escape3")));
    assertTrue(Files.exists(fs.resolve("escape4")));
    assertEquals(
        "overwritten", Files.readString(fs.resolve(outer.toString().substring(1) + "/victim")));
    assertEquals("untouched", Files.readString(victim));
    assertFalse(Files.exists(Path.of("/onggi-escape3")));
    Files.delete(victim);
    store.remove(store.layers().iterator().next()).run();
    assertNothingLeft();
  }

  @Test
  void hardLinksCannotReachOut() throws IOException {
    Path victim = Files.writeString(outer.resolve("victim"), "secret");
    for (String target : List.of(victim.toString(), "../../../../.." + victim, "out/victim")) {
      byte[] tar = new TarBytes().symlink("out", outer.toString()).hardLink("link", target).end();
      BadContent refused = assertThrows(BadContent.class, () -> unpack(tar));
      assertTrue(String.valueOf(refused.getMessage()).contains("ENOENT"), refused.getMessage());
    }
    Files.delete(victim);
    assertNothingLeft();
  }

  @Test
  void magicLinksOfProcAreNotFollowed() throws IOException {
    // In a chroot with /proc mounted this is the classic way out; here nothing leads to /proc.
    byte[] tar =
        new TarBytes().symlink("p", "/proc/self/root").file("p/onggi-magic-escape", "x").end();
    Path fs = unpack(tar);
    assertTrue(Files.exists(fs.resolve("proc/self/root/onggi-magic-escape")));
    assertFalse(Files.exists(Path.of("/onggi-magic-escape")));
  }

  @Test
  void whiteoutsCannotNameParents() throws IOException {
    for (String name : List.of(".wh.", ".wh..", ".wh...", "d/.wh...")) {
      byte[] tar = new TarBytes().file(name, "").end();
      BadContent refused = assertThrows(BadContent.class, () -> unpack(tar), name);
      assertTrue(String.valueOf(refused.getMessage()).contains("names no file"));
    }
    assertNothingLeft();
  }

  @Test
  void archivesCannotSetOverlaysOwnAttributes() {
    Path fs =
        unpack(
            new TarBytes()
                .pax(Map.of("SCHILY.xattr.trusted.overlay.redirect", "/etc"))
                .directory("d/", 0755));
    assertEquals(null, Xattrs.get(fs.resolve("d").toString(), "trusted.overlay.redirect"));
  }

  @Test
  void aFileUsedAsADirectoryIsTheArchivesFault() throws IOException {
    byte[] tar = new TarBytes().file("f", "").file("f/below", "").end();
    BadContent refused = assertThrows(BadContent.class, () -> unpack(tar));
    assertTrue(String.valueOf(refused.getMessage()).startsWith("unpack layer under test: "));
    assertNothingLeft();
  }

  @Test
  void aTreeDeeperThanAnyPathIsLaidDownAndRemovedAgain() throws IOException {
    String step = "d/".repeat(1000);
    TarBytes tar = new TarBytes();
    tar.gnuLong('L', step).directory("long", 0755).gnuLong('K', step).symlink("one", "long");
    tar.gnuLong('L', "one/" + step).directory("long", 0755);
    tar.gnuLong('K', "one/" + step).symlink("two", "long");
    tar.gnuLong('L', "two/" + step + "file").file("long", "x");
    Path fs = unpack(tar.end()); // the file is 3000 directories deep, PATH_MAX is 4096 bytes
    assertTrue(Files.exists(fs.resolve("two")));
    store.remove(store.layers().iterator().next()).run();
    assertNothingLeft();
  }

  @Test
  void aLinkToWhatTheLayerDoesNotHoldIsFollowedInside() throws IOException {
    Path fs = unpack(new TarBytes().symlink("var/run", "../run").file("var/run/lock/f", "x"));
    assertEquals("x", Files.readString(fs.resolve("run/lock/f")));
  }

  @Test
  void aLoopOfLinksIsRefused() throws IOException {
    byte[] tar = new TarBytes().symlink("a", "b").symlink("b", "a").file("a/f", "x").end();
    assertThrows(BadContent.class, () -> unpack(tar));
    assertNothingLeft();
  }

  @Test
  void readsGzipOfSeveralMembers() throws IOException {
    byte[] tar = new TarBytes().file("f", "x".repeat(100_000)).end();
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    parts.write(gzip(Arrays.copyOf(tar, 700)));
    parts.write(gzip(Arrays.copyOfRange(tar, 700, tar.length)));
    Digest diffId = Digest.of(tar);
    store.ensure(diffId, new Bytes(parts.toByteArray()));
    assertEquals(100_000, Files.size(store.directory(diffId).resolve("f")));
  }

  @Test
  void wrongDiffIdLeavesNothing() throws IOException {
    byte[] tar = new TarBytes().file("f", "x").end();
    Digest other = Digest.of(new byte[] {1});
    BadContent refused = assertThrows(BadContent.class, () -> store.ensure(other, new Bytes(tar)));
    assertTrue(String.valueOf(refused.getMessage()).contains("unpacked digest mismatch"));
    assertNothingLeft();
  }

  @Test
  void damagedGzipLeavesNothing() throws IOException {
    byte[] tar = new TarBytes().file("f", "x".repeat(50_000)).end();
    byte[] packed = gzip(tar);
    byte[] cut = Arrays.copyOf(packed, packed.length - 20);
    byte[] flipped = packed.clone();
    flipped[packed.length - 5] ^= 1;
    for (byte[] damaged : List.of(cut, flipped)) {
      BadContent refused =
          assertThrows(BadContent.class, () -> store.ensure(Digest.of(tar), new Bytes(damaged)));
      assertTrue(String.valueOf(refused.getMessage()).contains("gzip data is"));
      assertNothingLeft();
    }
  }

  @Test
  void zstdIsRefusedWithAReason() {
    byte[] zstd = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0};
    BadContent refused =
        assertThrows(BadContent.class, () -> store.ensure(Digest.of(zstd), new Bytes(zstd)));
    assertTrue(String.valueOf(refused.getMessage()).contains("zstd"));
  }

  @Test
  void aFullDiskIsSaidAndLeavesNothing() throws Exception {
    Path small = Files.createDirectory(outer.resolve("small"));
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small.toString());
    try {
      DirLayerStore tiny = new DirLayerStore(small);
      byte[] content = new byte[3 << 20];
      byte[] tar = new TarBytes().file("big", content, 0644, 0, 0).end();
      CriException.ResourceExhausted full =
          assertThrows(
              CriException.ResourceExhausted.class,
              () -> tiny.ensure(Digest.of(tar), new Bytes(tar)));
      assertTrue(String.valueOf(full.getMessage()).contains("No space left on device"));
      assertTrue(String.valueOf(full.getMessage()).contains("layer under test"));
      try (Stream<Path> left = Files.list(small.resolve("tmp"))) {
        assertEquals(List.of(), left.toList());
      }
    } finally {
      run("umount", small.toString());
    }
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  @Test
  void manyCallersForOneLayerReadItOnce() throws Exception {
    byte[] tar = new TarBytes().file("f", "x".repeat(1 << 20)).end();
    Bytes source = new Bytes(tar);
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<Future<LayerUsage>> all =
          Stream.generate(() -> threads.submit(() -> store.ensure(Digest.of(tar), source)))
              .limit(64)
              .toList();
      for (Future<LayerUsage> one : all) {
        LayerUsage usage = one.get();
        assertEquals(store.total(), usage);
      }
    }
    assertEquals(1, source.reads.get());
  }

  @Test
  void reopeningKeepsLayersAndRemovesLeftovers() throws IOException {
    Path fs = unpack(new TarBytes().file("f", "kept"));
    Files.createDirectories(directory.resolve("tmp/layer-77/fs/x"));
    Files.createDirectories(directory.resolve("layers/" + "0".repeat(64) + "/fs"));
    LayerUsage before = store.total();
    DirLayerStore again = new DirLayerStore(directory);
    assertEquals(before, again.total());
    assertEquals(1, again.layers().size());
    assertEquals("kept", Files.readString(fs.resolve("f")));
    try (Stream<Path> left = Files.list(directory.resolve("tmp"))) {
      assertEquals(0, left.count());
    }
    assertFalse(Files.exists(directory.resolve("layers/" + "0".repeat(64))));
  }

  @Test
  void countsBytesAndInodes() {
    unpack(new TarBytes().directory("d/", 0755).file("d/f", "x".repeat(5000)));
    assertEquals(new LayerUsage(4096 + 4096 + 8192, 3), store.total());
  }

  /** Fuzz, with seeds that never change: clean exceptions only, nothing left, nothing outside. */
  @Test
  void mutatedLayersFailCleanly() throws IOException {
    byte[] good =
        new TarBytes()
            .directory("d/", 0755)
            .file("d/f", "data")
            .symlink("d/s", "../..")
            .hardLink("d/h", "d/f")
            .file("d/.wh.x", "")
            .node("n", '3', 5, 1)
            .end();
    byte[] packed = gzip(good);
    for (int seed = 0; seed < 1500; seed++) {
      Random random = new Random(seed);
      byte[] bytes = (seed % 3 == 0 ? packed : good).clone();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        store.ensure(Digest.of(good), new Bytes(bytes));
        store.remove(Digest.of(good)).run();
      } catch (BadContent _) {
        // what it should be
      }
    }
    assertNothingLeft();
  }
}
