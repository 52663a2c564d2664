package io.onggi.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootedDirectoryTest {
  private static final FileAttributes PLAIN = FileAttributes.ofMode(0644);

  @TempDir private Path outer;

  private RootedDirectory open() throws IOException {
    return RootedDirectory.open(Files.createDirectories(outer.resolve("root")));
  }

  private static void write(RootedDirectory root, String path, String text) {
    try (RootedDirectory.NewFile file = root.createFile(path, PLAIN)) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      file.write(bytes, 0, bytes.length);
      file.finish();
    }
  }

  @Test
  void aSymlinkedParentLeadsOnlyInside() throws IOException {
    try (RootedDirectory root = open()) {
      root.symlink("out", outer.toString(), FileAttributes.ofMode(0777));
      write(root, "out/file", "inside");
    }
    assertFalse(Files.exists(outer.resolve("file")));
    Path inside = outer.resolve("root").resolve(outer.toString().substring(1)).resolve("file");
    assertEquals("inside", Files.readString(inside));
  }

  @Test
  void anExistingNameIsNeverWrittenThrough() throws IOException {
    Path victim = Files.writeString(outer.resolve("victim"), "untouched");
    try (RootedDirectory root = open()) {
      root.symlink("link", victim.toString(), FileAttributes.ofMode(0777));
      LinuxException refused =
          assertThrows(LinuxException.class, () -> root.createFile("link", PLAIN));
      assertTrue(refused.is(Errno.EEXIST));
      assertEquals("create link: File exists (EEXIST)", refused.getMessage());
      root.setTimes("link", 1, 0);
      root.setXattr("link", "trusted.note", new byte[] {'n'});
    }
    assertEquals("untouched", Files.readString(victim));
    assertTrue(Files.getLastModifiedTime(victim).toMillis() > 1000);
    assertEquals(null, Xattrs.get(victim.toString(), "trusted.note"));
    Path link = outer.resolve("root/link");
    assertArrayEquals(new byte[] {'n'}, Xattrs.get(link.toString(), "trusted.note"));
  }

  @Test
  void writesMoreThanItsBufferAndTellsKindsApart() throws IOException {
    String text = "0123456789".repeat(100_000);
    try (RootedDirectory root = open()) {
      write(root, "a/b/big", text);
      root.makeNode("a/gone", 0020000, 0, 0, FileAttributes.ofMode(0));
      assertEquals(2, root.impliedDirectories());
      assertEquals(RootedDirectory.Kind.DIRECTORY, root.kind("a/b"));
      assertEquals(RootedDirectory.Kind.OTHER, root.kind("a/b/big"));
      assertEquals(RootedDirectory.Kind.WHITEOUT, root.kind("a/gone"));
      assertEquals(RootedDirectory.Kind.NOTHING, root.kind("a/none"));
      assertEquals(RootedDirectory.Kind.NOTHING, root.kind("none/none"));
      root.sync();
    }
    assertEquals(text, Files.readString(outer.resolve("root/a/b/big")));
  }

  @Test
  void keepsNamesThatAreNoText() throws IOException {
    try (RootedDirectory root = open()) {
      write(root, "\u00ff\u00fe", "x");
      assertEquals(RootedDirectory.Kind.OTHER, root.kind("\u00ff\u00fe"));
      root.remove("\u00ff\u00fe");
      assertEquals(RootedDirectory.Kind.NOTHING, root.kind("\u00ff\u00fe"));
    }
  }

  @Test
  void leavesNoDescriptorOpen() throws IOException {
    long before = descriptors();
    for (int i = 0; i < 20; i++) {
      try (RootedDirectory root = open()) {
        for (int d = 0; d < 100; d++) {
          write(root, "d" + i + "/" + d + "/f", "x");
        }
        root.remove("d" + i);
      }
    }
    assertTrue(descriptors() <= before + 2, before + " then " + descriptors());
  }

  private static long descriptors() throws IOException {
    try (var fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.count();
    }
  }

  @Test
  void removingATreeFollowsNoSymlinkAndIsIdempotent() throws IOException {
    Path kept = Files.createDirectories(outer.resolve("kept/deep"));
    Path tree = Files.createDirectories(outer.resolve("tree/a/b/c"));
    Files.createSymbolicLink(tree.resolve("out"), kept.getParent());
    Files.writeString(tree.resolve("f"), "x");
    TreeRemover.remove(outer.resolve("tree"));
    TreeRemover.remove(outer.resolve("tree"));
    assertFalse(Files.exists(outer.resolve("tree"), LinkOption.NOFOLLOW_LINKS));
    assertTrue(Files.exists(kept));
    try (var left = Files.list(outer)) {
      assertEquals(1, left.count());
    }
  }
}
