package io.onggi.sandbox;

import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Where folders go to be deleted: a rename at once, the walk in the background, so that a removal
 * costs the same whether a container wrote ten files or a million.
 */
public final class Trash {
  private static final Logger LOG = Logger.getLogger(Trash.class.getName());

  private final Path folder;
  private final Executor background;

  /**
   * @param folder on the file system of what is thrown away; made when missing
   */
  public Trash(Path folder, Executor background) {
    this.folder = folder;
    this.background = background;
  }

  /** Deletes what an earlier daemon did not get round to. */
  public void empty() {
    SandboxFolders.entries(folder).forEach(this::deleteLater);
  }

  /** The folder is gone from its place on return; idempotent. */
  public void discard(Path victim) {
    Path target = folder.resolve(String.valueOf(victim.getFileName()));
    try {
      Files.createDirectories(folder);
      Files.move(victim, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException _) {
      return; // gone already
    } catch (IOException e) {
      throw new CriException.Internal("moving " + victim + " to " + folder + ": " + e, e);
    }
    deleteLater(target);
  }

  private void deleteLater(Path target) {
    background.execute(
        () -> {
          try {
            SandboxFolders.delete(target);
          } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "deleting " + target + ", tried again at the next start", e);
          }
        });
  }
}
