package io.onggi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeUsageTest {
  @TempDir Path root;

  /** What du(1) says: blocks in bytes, then inodes. */
  private static TreeUsage du(Path tree) throws IOException, InterruptedException {
    return new TreeUsage(du(tree, "--block-size=1"), du(tree, "--inodes"));
  }

  private static long du(Path tree, String option) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("du", "-s", option, tree.toString()).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(0, process.waitFor());
    return Long.parseLong(text.substring(0, text.indexOf('\t')));
  }

  @Test
  void a_tree_takes_what_du_says_with_sparse_files_hard_links_and_symlinks() throws Exception {
    Path deep = Files.createDirectories(root.resolve("a/b b/ü"));
    Files.write(deep.resolve("data"), new byte[300_000]);
    Files.createLink(root.resolve("second-name"), deep.resolve("data"));
    Files.createSymbolicLink(root.resolve("out"), Path.of("/usr"));
    try (RandomAccessFile sparse = new RandomAccessFile(root.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(1L << 30);
    }
    for (int i = 0; i < 3000; i++) { // more than one buffer of names
      Files.createFile(root.resolve("a/an-empty-file-with-a-long-name-" + i));
    }
    TreeUsage usage = TreeUsage.of(root);
    assertEquals(du(root), usage);
    assertTrue(usage.bytes() < 2_000_000, usage + " counts the hole of the sparse file");
  }

  @Test
  void an_empty_directory_is_one_inode() {
    assertEquals(1, TreeUsage.of(root).inodes());
  }

  @Test
  void a_tree_that_is_not_there_is_an_error_with_its_path() {
    LinuxException failure =
        assertThrows(LinuxException.class, () -> TreeUsage.of(root.resolve("gone")));
    assertTrue(failure.is(Errno.ENOENT));
    assertTrue(String.valueOf(failure.getMessage()).contains(root + "/gone"));
  }
}
