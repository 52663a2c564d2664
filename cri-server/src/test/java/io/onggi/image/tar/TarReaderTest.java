package io.onggi.image.tar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.image.content.BadContent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TarReaderTest {
  private static TarReader reader(byte[] bytes) {
    return new TarReader(new ByteArrayInputStream(bytes));
  }

  private static TarEntry first(byte[] bytes) throws IOException {
    TarEntry entry = reader(bytes).next();
    assertNotNull(entry);
    return entry;
  }

  private static String refusal(byte[] bytes) {
    return String.valueOf(
        assertThrows(
                BadContent.class,
                () -> {
                  TarReader tar = reader(bytes);
                  while (tar.next() != null) {
                    // all of it
                  }
                })
            .getMessage());
  }

  @Test
  void readsAFileWithItsFieldsAndData() throws IOException {
    TarReader tar =
        reader(
            new TarBytes()
                .file("a/b", "hello".getBytes(StandardCharsets.UTF_8), 04755, 7, 8)
                .end());
    TarEntry entry = tar.next();
    assertNotNull(entry);
    assertEquals("a/b", entry.name());
    assertEquals(04755, entry.mode());
    assertEquals(7, entry.uid());
    assertEquals(8, entry.gid());
    assertEquals(1_700_000_000L, entry.mtimeSeconds());
    byte[] data = new byte[100];
    assertEquals(5, tar.read(data, 0, 100));
    assertEquals(-1, tar.read(data, 0, 100));
    assertNull(tar.next());
  }

  @Test
  void skipsDataThatIsNotRead() throws IOException {
    TarReader tar = reader(new TarBytes().file("a", "x".repeat(5000)).file("b", "y").end());
    tar.next();
    TarEntry second = tar.next();
    assertNotNull(second);
    assertEquals("b", second.name());
  }

  @Test
  void joinsTheUstarPrefixWithTheName() throws IOException {
    byte[] archive = new TarBytes().file("name", "").end();
    byte[] block = Arrays.copyOf(archive, 512);
    System.arraycopy("dir/sub".getBytes(StandardCharsets.UTF_8), 0, block, 345, 7);
    assertEquals("dir/sub/name", first(new TarBytes().raw(block).end()).name());
  }

  @Test
  void readsGnuLongNamesAndLinks() throws IOException {
    String name = "d/".repeat(200) + "f";
    String link = "t/".repeat(100) + "l";
    TarEntry entry =
        first(new TarBytes().gnuLong('L', name).gnuLong('K', link).symlink("short", "short").end());
    assertEquals(name, entry.name());
    assertEquals(link, entry.linkName());
  }

  @Test
  void readsPaxRecords() throws IOException {
    TarEntry entry =
        first(
            new TarBytes()
                .pax(
                    Map.of(
                        "path", "ü/ö",
                        "uid", "3000000",
                        "mtime", "1234.5",
                        "SCHILY.xattr.user.note", "v=1\n2"))
                .file("short", "")
                .end());
    assertEquals("ü/ö", entry.shownName());
    assertEquals(3_000_000, entry.uid());
    assertEquals(1234, entry.mtimeSeconds());
    assertEquals(500_000_000, entry.mtimeNanos());
    assertEquals("v=1\n2", new String(entry.xattrs().get("user.note"), StandardCharsets.UTF_8));
  }

  @Test
  void readsTimesBefore1970() throws IOException {
    TarEntry entry = first(new TarBytes().pax(Map.of("mtime", "-1.25")).file("f", "").end());
    assertEquals(-2, entry.mtimeSeconds());
    assertEquals(750_000_000, entry.mtimeNanos());
  }

  @Test
  void readsBase256Numbers() throws IOException {
    byte[] block = Arrays.copyOf(new TarBytes().file("f", "").end(), 512);
    Arrays.fill(block, 108, 116, (byte) 0);
    block[108] = (byte) 0x80;
    block[114] = 0x20;
    block[115] = 0x01;
    assertEquals(0x2001, first(new TarBytes().raw(block).end()).uid());
  }

  @Test
  void refusesSparseFilesWithAReason() {
    byte[] gnu = new TarBytes().header("s", 'S', "", 0644, 0, 0, 0, 0, 0).end();
    byte[] pax = new TarBytes().pax(Map.of("GNU.sparse.major", "1")).file("s", "").end();
    assertTrue(refusal(gnu).contains("sparse file"));
    assertTrue(refusal(pax).contains("sparse file"));
  }

  @Test
  void refusesWhatIsNoArchive() {
    byte[] noise = new byte[2048];
    new Random(1).nextBytes(noise);
    assertTrue(refusal(noise).startsWith("tar archive, byte 0: "));
  }

  @Test
  void saysWhereAnArchiveIsCutOff() {
    byte[] archive = new TarBytes().file("f", "x".repeat(3000)).cut();
    assertEquals("tar archive is cut off at byte 2000", refusal(Arrays.copyOf(archive, 2000)));
  }

  @Test
  void refusesIdsThatLinuxCannotHold() {
    byte[] archive = new TarBytes().pax(Map.of("uid", "4294967296")).file("f", "").end();
    assertTrue(refusal(archive).contains("uid 4294967296 is out of range"));
  }

  @Test
  void refusesHugeExtendedHeaders() {
    byte[] archive = new TarBytes().header("x", 'x', "", 0, 0, 0, 2_000_000, 0, 0).end();
    assertTrue(refusal(archive).contains("extended header of 2000000 bytes"));
  }

  @Test
  void refusesPaxRecordsOfWrongLength() {
    for (String record : new String[] {"99 path=x\n", "3 a", "x path=a\n", "11 path=abc"}) {
      byte[] body = record.getBytes(StandardCharsets.UTF_8);
      byte[] archive =
          new TarBytes().header("x", 'x', "", 0, 0, 0, body.length, 0, 0).data(body).end();
      assertTrue(refusal(archive).contains("PAX record"), record);
    }
  }

  /** Fuzz, with seeds that never change: only clean exceptions, and an end. */
  @Test
  void mutatedArchivesFailCleanlyOrAreRead() throws IOException {
    byte[] good =
        new TarBytes()
            .pax(Map.of("path", "long", "SCHILY.xattr.user.a", "b", "mtime", "1.5"))
            .file("a", "data")
            .gnuLong('L', "n".repeat(300))
            .symlink("s", "t")
            .node("d", '3', 1, 3)
            .directory("dir/", 0755)
            .end();
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = Arrays.copyOf(good, 1 + random.nextInt(good.length));
      for (int i = random.nextInt(6); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      if (random.nextBoolean()) {
        fixSums(bytes);
      }
      try {
        TarReader tar = reader(bytes);
        while (tar.next() != null) {
          // every entry
        }
      } catch (BadContent e) {
        assertNotNull(e.getMessage(), "seed " + seed);
      }
    }
  }

  private static void fixSums(byte[] bytes) {
    for (int at = 0; at + 512 <= bytes.length; at += 512) {
      byte[] block = Arrays.copyOfRange(bytes, at, at + 512);
      System.arraycopy(new TarBytes().raw(block).cut(), 0, bytes, at, 512);
    }
  }
}
