package io.onggi.e2e;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry on loopback with one image of one layer, that may serve the layer wrongly. */
final class FakeRegistry implements AutoCloseable {
  /** What the registry does with the layer. */
  enum Layer {
    WHOLE,
    /** Other bytes of the same length than the manifest's digest says. */
    OTHER_BYTES,
    /** The connection ends in the middle. */
    TRUNCATED
  }

  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  private final String layerDigest;
  private final byte[] manifest;
  private final Layer behaviour;

  /** Serves an image whose layer holds one file of that many bytes that do not compress. */
  FakeRegistry(Layer behaviour, int fileBytes) {
    this.behaviour = behaviour;
    byte[] tar = TarGz.tar("demo/file", TarGz.noise(fileBytes));
    byte[] layer = TarGz.gzip(tar);
    layerDigest = digest(layer);
    blobs.put(layerDigest, layer);
    byte[] config = config(digest(tar));
    blobs.put(digest(config), config);
    manifest = manifest(config, layer);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/v2/", this::answer);
    server.start();
  }

  /** The reference to pull. */
  String reference() {
    return "127.0.0.1:" + server.getAddress().getPort() + "/fake/image:1";
  }

  String layerDigest() {
    return layerDigest;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try (exchange) {
      if (path.equals("/v2/")) {
        exchange.sendResponseHeaders(200, -1);
      } else if (path.contains("/manifests/")) {
        exchange.getResponseHeaders().add("Content-Type", MANIFEST);
        exchange.getResponseHeaders().add("Docker-Content-Digest", digest(manifest));
        send(exchange, manifest, manifest.length);
      } else {
        sendBlob(exchange, path.substring(path.lastIndexOf('/') + 1));
      }
    }
  }

  private void sendBlob(HttpExchange exchange, String digest) throws IOException {
    byte[] blob = blobs.get(digest);
    if (blob == null) {
      exchange.sendResponseHeaders(404, -1);
    } else if (!digest.equals(layerDigest) || behaviour == Layer.WHOLE) {
      send(exchange, blob, blob.length);
    } else if (behaviour == Layer.OTHER_BYTES) {
      byte[] other = TarGz.gzip(TarGz.tar("demo/file", TarGz.noise(1)));
      send(exchange, other, other.length);
    } else {
      send(exchange, blob, blob.length / 2);
    }
  }

  /** Announces all of the body and sends the first {@code bytes} of it. */
  private static void send(HttpExchange exchange, byte[] body, int bytes) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().add("Content-Length", Integer.toString(body.length));
    }
    exchange.sendResponseHeaders(200, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body, 0, bytes);
      exchange.getResponseBody().flush();
    }
  }

  private static byte[] config(String diffId) {
    JsonObject rootfs = new JsonObject();
    rootfs.addProperty("type", "layers");
    JsonArray diffIds = new JsonArray();
    diffIds.add(diffId);
    rootfs.add("diff_ids", diffIds);
    JsonObject config = new JsonObject();
    config.addProperty("architecture", "amd64");
    config.addProperty("os", "linux");
    config.add("config", new JsonObject());
    config.add("rootfs", rootfs);
    return config.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] manifest(byte[] config, byte[] layer) {
    JsonArray layers = new JsonArray();
    layers.add(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer));
    JsonObject manifest = new JsonObject();
    manifest.addProperty("schemaVersion", 2);
    manifest.addProperty("mediaType", MANIFEST);
    manifest.add("config", descriptor("application/vnd.oci.image.config.v1+json", config));
    manifest.add("layers", layers);
    return manifest.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonObject descriptor(String mediaType, byte[] content) {
    JsonObject descriptor = new JsonObject();
    descriptor.addProperty("mediaType", mediaType);
    descriptor.addProperty("digest", digest(content));
    descriptor.addProperty("size", content.length);
    return descriptor;
  }

  private static String digest(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
