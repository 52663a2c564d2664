package io.onggi.image.layer;

import java.io.IOException;
import java.io.InputStream;

/** Where a layer's bytes come from: a registry's blob or a part of an archive. */
public interface LayerSource {
  /** What messages call it: {@code layer sha256:... of docker.io/library/busybox}. */
  String name();

  /**
   * Opens the bytes, compressed or not, and gives them to the reader. When the transfer breaks
   * (IOException), the reader may be called again from the first byte, so it starts afresh each
   * time. The stream checks the bytes' own digest and length at its end.
   */
  <T> T read(Reader<T> reader);

  /** Consumes one stream of the bytes. */
  @FunctionalInterface
  interface Reader<T> {
    T read(InputStream bytes) throws IOException;
  }
}
