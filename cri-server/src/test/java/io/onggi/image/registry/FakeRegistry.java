package io.onggi.image.registry;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.onggi.image.content.Digest;
import io.onggi.image.content.Manifest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry on loopback that can also misbehave; it remembers every request. */
public final class FakeRegistry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, byte[]> content = new ConcurrentHashMap<>();
  private final Map<String, String> types = new ConcurrentHashMap<>();
  private final Map<String, Fault> faults = new ConcurrentHashMap<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  /** What is done with a request instead of answering it; false lets the answer follow. */
  @FunctionalInterface
  public interface Fault {
    boolean handle(HttpExchange exchange) throws IOException;
  }

  public FakeRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** {@code 127.0.0.1:PORT}. */
  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Each request as "METHOD path authorization". */
  public List<String> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  public long count(String part) {
    return requests().stream().filter(request -> request.contains(part)).count();
  }

  /** Misbehaves for paths that end so; "" is every path. */
  public void fault(String suffix, Fault fault) {
    faults.put(suffix, fault);
  }

  public Digest blob(String repository, byte[] bytes) {
    Digest digest = Digest.of(bytes);
    put("/v2/" + repository + "/blobs/" + digest, bytes, "application/octet-stream");
    return digest;
  }

  public void put(String path, byte[] bytes, String type) {
    content.put(path, bytes);
    types.put(path, type);
  }

  /** Publishes an image of these (plain) layers and returns its configuration's digest. */
  public Digest image(
      String repository, String tag, String user, List<byte[]> packed, byte[]... tars) {
    byte[] config = config(user, tars);
    JsonObject manifest = new JsonObject();
    manifest.addProperty("schemaVersion", 2);
    manifest.addProperty("mediaType", Manifest.DOCKER_MANIFEST);
    manifest.add("config", descriptor("config", config));
    JsonArray layers = new JsonArray();
    for (byte[] layer : packed) {
      blob(repository, layer);
      layers.add(descriptor("application/vnd.docker.image.rootfs.diff.tar.gzip", layer));
    }
    manifest.add("layers", layers);
    blob(repository, config);
    manifest(repository, tag, bytes(manifest), Manifest.DOCKER_MANIFEST);
    return Digest.of(config);
  }

  public Digest manifest(String repository, String tag, byte[] bytes, String type) {
    Digest digest = Digest.of(bytes);
    put("/v2/" + repository + "/manifests/" + tag, bytes, type);
    put("/v2/" + repository + "/manifests/" + digest, bytes, type);
    return digest;
  }

  public static byte[] config(String user, byte[]... tars) {
    JsonObject config = new JsonObject();
    config.addProperty("architecture", "amd64");
    config.addProperty("os", "linux");
    JsonObject inner = new JsonObject();
    inner.addProperty("User", user);
    JsonArray cmd = new JsonArray();
    cmd.add("/bin/sh");
    inner.add("Cmd", cmd);
    config.add("config", inner);
    JsonObject rootfs = new JsonObject();
    rootfs.addProperty("type", "layers");
    JsonArray diffIds = new JsonArray();
    for (byte[] tar : tars) {
      diffIds.add(Digest.of(tar).toString());
    }
    rootfs.add("diff_ids", diffIds);
    config.add("rootfs", rootfs);
    return bytes(config);
  }

  public static JsonObject descriptor(String mediaType, byte[] bytes) {
    JsonObject json = new JsonObject();
    json.addProperty("mediaType", mediaType);
    json.addProperty("digest", Digest.of(bytes).toString());
    json.addProperty("size", bytes.length);
    return json;
  }

  public static byte[] bytes(JsonObject json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  public static boolean answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
    return true;
  }

  /** Demands Bearer tokens from this registry's own token server, which wants this login. */
  public void demandToken(String login) {
    fault(
        "",
        exchange -> {
          String authorization =
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
          if (exchange.getRequestURI().getPath().equals("/token")) {
            return (login.isEmpty() || authorization.equals(login))
                ? answer(exchange, 200, "{\"token\":\"letmein\"}")
                : answer(exchange, 401, "{\"details\":\"incorrect username or password\"}");
          }
          if (authorization.equals("Bearer letmein")) {
            return false;
          }
          exchange
              .getResponseHeaders()
              .add(
                  "WWW-Authenticate",
                  "Bearer realm=\"http://"
                      + host()
                      + "/token\",service=\"fake\",scope=\"repository:x:pull\"");
          return answer(
              exchange,
              401,
              "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}");
        });
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " "
            + exchange.getRequestHeaders().getFirst("Authorization"));
    try {
      for (Map.Entry<String, Fault> fault : faults.entrySet()) {
        if (path.endsWith(fault.getKey()) && fault.getValue().handle(exchange)) {
          return;
        }
      }
      byte[] bytes = content.get(path);
      if (bytes == null) {
        answer(
            exchange,
            404,
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}");
        return;
      }
      exchange.getResponseHeaders().add("Content-Type", String.valueOf(types.get(path)));
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    } finally {
      exchange.close();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
