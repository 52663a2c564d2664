package io.onggi.image;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.layer.Decompression;
import io.onggi.image.layer.LayerSource;
import io.onggi.image.tar.TarEntry;
import io.onggi.image.tar.TarNames;
import io.onggi.image.tar.TarReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tar file whose members are read by name: one pass over the headers notes where each begins. A
 * compressed file is decompressed first, beside the store.
 */
final class ImageArchive implements AutoCloseable {
  /** An archive of images has a few files for each layer. */
  private static final int MAX_MEMBERS = 100_000;

  private final Path archive;
  private final FileChannel channel;
  private final @Nullable Path temporary;
  private final Map<String, Member> members = new HashMap<>();

  private sealed interface Member {}

  private record Data(long position, long size) implements Member {}

  /** Old docker-archives name a layer that two images share by a link. */
  private record Link(String target) implements Member {}

  private ImageArchive(Path archive, FileChannel channel, @Nullable Path temporary) {
    this.archive = archive;
    this.channel = channel;
    this.temporary = temporary;
  }

  /**
   * Opens an archive and reads its headers.
   *
   * @param scratch folder for the plain bytes of a compressed one
   */
  static ImageArchive open(Path archive, Path scratch) {
    Path temporary = null;
    try {
      try (InputStream in = Files.newInputStream(archive);
          InputStream plain = Decompression.open(in)) {
        if (!(plain instanceof java.io.PushbackInputStream)) {
          temporary = Files.createTempFile(scratch, "load", ".tar");
          Files.copy(plain, temporary, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      Path plainFile = temporary == null ? archive : temporary;
      FileChannel channel = FileChannel.open(plainFile, StandardOpenOption.READ);
      ImageArchive result = new ImageArchive(archive, channel, temporary);
      try (InputStream in = new BufferedInputStream(Files.newInputStream(plainFile))) {
        result.scan(new TarReader(in));
      } catch (IOException | RuntimeException e) {
        result.close();
        throw e;
      }
      return result;
    } catch (IOException e) {
      delete(temporary);
      throw Blobs.diskFailure("read " + archive, e);
    } catch (RuntimeException e) {
      delete(temporary);
      throw e;
    }
  }

  private void scan(TarReader tar) throws IOException {
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      String name = TarNames.clean(entry.name());
      int slash = name.lastIndexOf('/');
      switch (entry.type()) {
        case FILE -> members.put(name, new Data(tar.dataPosition(), entry.size()));
        case HARD_LINK -> members.put(name, new Link(TarNames.clean(entry.linkName())));
        case SYMLINK ->
            members.put(
                name, new Link(TarNames.clean(name.substring(0, slash + 1) + entry.linkName())));
        default -> {
          continue;
        }
      }
      if (members.size() > MAX_MEMBERS) {
        throw new BadContent("more than " + MAX_MEMBERS + " members: this is no image archive");
      }
    }
  }

  boolean has(String name) {
    return members.containsKey(name);
  }

  /** A small member, whole. */
  byte[] bytes(String name, int limit) {
    Data data = find(name);
    if (data.size > limit) {
      throw new BadContent("member " + name + " has " + data.size + " bytes; at most " + limit);
    }
    try (InputStream in = new Range(data)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new CriException.Internal("read " + archive + ": " + e.getMessage(), e);
    }
  }

  /** How a layer member is opened and checked. */
  @FunctionalInterface
  interface Check {
    InputStream wrap(InputStream bytes);
  }

  /** A layer, to be streamed; {@code check} may verify what passes. */
  LayerSource layer(String member, Check check) {
    String name = "layer " + member + " of " + archive;
    Data data = find(member);
    return new LayerSource() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public <T> T read(Reader<T> reader) {
        try (InputStream in = check.wrap(new Range(data))) {
          return reader.read(in);
        } catch (IOException e) {
          throw new BadContent(name + ": " + e.getMessage(), e);
        }
      }
    };
  }

  private Data find(String name) {
    String at = name;
    for (int hops = 0; hops < 8; hops++) {
      switch (members.get(at)) {
        case Data data -> {
          return data;
        }
        case Link link -> at = link.target;
        case null -> throw new BadContent("the archive has no member " + name);
      }
    }
    throw new BadContent("member " + name + " is a loop of links");
  }

  /** A part of the file; positional reads, so that several may be read at once. */
  private final class Range extends InputStream {
    private long position;
    private long left;

    private Range(Data data) {
      position = data.position;
      left = data.size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int wanted = (int) Math.min(length, left);
      int n = channel.read(ByteBuffer.wrap(buffer, offset, wanted), position);
      if (n < 0) {
        throw new IOException(archive + " became shorter while it was read");
      }
      position += n;
      left -= n;
      return n;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // it was only read
    }
    delete(temporary);
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException _) {
        // the next open of the store clears its temporary folder
      }
    }
  }
}
