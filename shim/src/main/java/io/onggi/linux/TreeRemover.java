package io.onggi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Removes a tree that strangers filled: follows no symlink, and needs two open directories however
 * deep the tree is (a non-empty directory is first moved up beside the tree's root, then emptied).
 */
public final class TreeRemover {
  private TreeRemover() {}

  /**
   * Removes a file or directory with all below it; nothing happens when it is not there.
   *
   * @throws UncheckedIOException naming the path
   */
  public static void remove(Path tree) {
    Path parent = tree.toAbsolutePath().getParent();
    Path name = tree.getFileName();
    if (parent == null || name == null) {
      throw new IllegalArgumentException("refusing to remove " + tree);
    }
    removeAt(parent, name);
  }

  private static void removeAt(Path parent, Path name) {
    try (DirectoryStream<Path> opened = Files.newDirectoryStream(parent)) {
      SecureDirectoryStream<Path> top = secure(opened);
      Deque<Path> pending = new ArrayDeque<>();
      pending.push(name);
      int moved = 0;
      while (!pending.isEmpty()) {
        Path next = pending.pop();
        if (!isDirectory(top, next)) {
          deleteFile(top, next);
          continue;
        }
        moved = empty(top, next, name, pending, moved);
        top.deleteDirectory(next);
      }
    } catch (NoSuchFileException _) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + parent.resolve(name) + ": " + e.getMessage(), e);
    }
  }

  /** Deletes the directory's entries, moving those that are not empty up into {@code top}. */
  private static int empty(
      SecureDirectoryStream<Path> top, Path directory, Path name, Deque<Path> pending, int count)
      throws IOException {
    int moved = count;
    try (SecureDirectoryStream<Path> inside =
        secure(top.newDirectoryStream(directory, LinkOption.NOFOLLOW_LINKS))) {
      for (Path entry : inside) {
        Path child = entry.getFileName();
        if (child == null || deletes(inside, child)) {
          continue;
        }
        Path aside = Path.of(".removing-" + name + "-" + moved++);
        inside.move(child, top, aside);
        pending.push(aside);
      }
    }
    return moved;
  }

  private static boolean deletes(SecureDirectoryStream<Path> inside, Path child)
      throws IOException {
    try {
      if (isDirectory(inside, child)) {
        inside.deleteDirectory(child);
      } else {
        inside.deleteFile(child);
      }
      return true;
    } catch (DirectoryNotEmptyException _) {
      return false;
    }
  }

  private static void deleteFile(SecureDirectoryStream<Path> top, Path name) throws IOException {
    try {
      top.deleteFile(name);
    } catch (NoSuchFileException _) {
      // Gone is what was asked for.
    }
  }

  private static boolean isDirectory(SecureDirectoryStream<Path> in, Path name) throws IOException {
    try {
      return in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .readAttributes()
          .isDirectory();
    } catch (NoSuchFileException _) {
      return false;
    }
  }

  private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) {
    if (stream instanceof SecureDirectoryStream<Path> secure) {
      return secure;
    }
    throw new IllegalStateException("Linux has openat, so its directory streams are secure ones");
  }
}
