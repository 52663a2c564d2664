package io.onggi.image;

/** Keeps an image's layers on disk until closed. Closing twice is closing once. */
@FunctionalInterface
public interface Lease extends AutoCloseable {
  @Override
  void close();
}
