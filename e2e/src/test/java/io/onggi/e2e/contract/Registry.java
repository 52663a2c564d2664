package io.onggi.e2e.contract;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.onggi.e2e.Node;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.PullImageRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A registry on loopback with any images, any tags, over plain http. */
final class Registry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final AtomicInteger blobRequests = new AtomicInteger();
  private volatile boolean asked;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  Registry() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v2/", this::answer);
    server.start();
  }

  /**
   * Takes the image under that name.
   *
   * @param name repository:tag
   * @return the whole reference, to pull
   */
  String push(String name, TestImage image) {
    String repository = repository(name);
    byte[] manifest = image.manifest();
    blobs.putAll(image.blobs());
    manifests.put(repository + "/manifests/" + name.substring(repository.length() + 1), manifest);
    manifests.put(repository + "/manifests/" + TestImage.digest(manifest), manifest);
    return host() + "/" + name;
  }

  /** The reference of the image by digest instead of by tag. */
  String byDigest(String name, TestImage image) {
    return host() + "/" + repository(name) + "@" + TestImage.digest(image.manifest());
  }

  private static String repository(String name) {
    return name.substring(0, name.indexOf(':'));
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** PullImage's answer. */
  String pull(Node node, String reference) {
    return node.cri()
        .images()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(reference))
                .build())
        .getImageRef();
  }

  /** From now on answers come only after {@link #open}. */
  void shut() {
    gate = new CountDownLatch(1);
  }

  void open() {
    gate.countDown();
  }

  /** Whether any request came. */
  boolean isAsked() {
    return asked;
  }

  /** How many layers and configurations were fetched so far. */
  int blobRequests() {
    return blobRequests.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked = true;
      gate.await();
      String path = exchange.getRequestURI().getPath().substring("/v2/".length());
      if (path.isEmpty()) {
        exchange.sendResponseHeaders(200, -1);
      } else if (path.contains("/manifests/")) {
        byte[] manifest = manifests.get(path);
        if (manifest != null) {
          exchange.getResponseHeaders().add("Content-Type", TestImage.MANIFEST);
          exchange.getResponseHeaders().add("Docker-Content-Digest", TestImage.digest(manifest));
        }
        send(exchange, manifest);
      } else {
        blobRequests.incrementAndGet();
        send(exchange, blobs.get(path.substring(path.lastIndexOf('/') + 1)));
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void send(HttpExchange exchange, byte @Nullable [] body) throws IOException {
    if (body == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(body.length));
    }
    exchange.sendResponseHeaders(200, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    gate.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
