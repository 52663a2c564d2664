package io.onggi.e2e.contract;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.onggi.e2e.Programs;
import io.onggi.e2e.TarGz;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** An OCI image in memory: uncompressed layers, one a file, and a configuration. */
final class TestImage {
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private static final int BLOCK = 512;

  private final List<byte[]> layers = new ArrayList<>();
  private final JsonObject settings = new JsonObject();

  /** Without a layer so far. */
  TestImage() {}

  /** What the demo's image has, to put more upon. */
  static TestImage onDemo() {
    Map<String, byte[]> files = demoArchive();
    JsonObject index = json(files, "index.json");
    JsonObject manifest =
        json(files, path(index.getAsJsonArray("manifests").get(0).getAsJsonObject()));
    TestImage image = new TestImage();
    manifest
        .getAsJsonArray("layers")
        .forEach(layer -> image.layers.add(bytes(files, path(layer.getAsJsonObject()))));
    return image;
  }

  /** One layer more, with that file. */
  TestImage file(String name, byte[] content) {
    layers.add(TarGz.tar(name, content));
    return this;
  }

  TestImage file(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The user of the image's configuration. */
  TestImage user(String user) {
    settings.addProperty("User", user);
    return this;
  }

  /** One of the configuration's own volumes. */
  TestImage volume(String path) {
    if (!settings.has("Volumes")) {
      settings.add("Volumes", new JsonObject());
    }
    settings.getAsJsonObject("Volumes").add(path, new JsonObject());
    return this;
  }

  TestImage stopSignal(String signal) {
    settings.addProperty("StopSignal", signal);
    return this;
  }

  /** Everything by digest: layers and configuration. */
  Map<String, byte[]> blobs() {
    Map<String, byte[]> blobs = new HashMap<>();
    layers.forEach(layer -> blobs.put(digest(layer), layer));
    blobs.put(digest(config()), config());
    return blobs;
  }

  /** The image's id. */
  String id() {
    return digest(config());
  }

  byte[] manifest() {
    JsonArray list = new JsonArray();
    layers.forEach(layer -> list.add(descriptor("application/vnd.oci.image.layer.v1.tar", layer)));
    JsonObject manifest = new JsonObject();
    manifest.addProperty("schemaVersion", 2);
    manifest.addProperty("mediaType", MANIFEST);
    manifest.add("config", descriptor("application/vnd.oci.image.config.v1+json", config()));
    manifest.add("layers", list);
    return manifest.toString().getBytes(StandardCharsets.UTF_8);
  }

  private byte[] config() {
    JsonArray diffIds = new JsonArray();
    layers.forEach(layer -> diffIds.add(digest(layer)));
    JsonObject rootfs = new JsonObject();
    rootfs.addProperty("type", "layers");
    rootfs.add("diff_ids", diffIds);
    JsonObject config = new JsonObject();
    config.addProperty("architecture", "amd64");
    config.addProperty("os", "linux");
    config.add("config", settings);
    config.add("rootfs", rootfs);
    return config.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonObject descriptor(String mediaType, byte[] content) {
    JsonObject descriptor = new JsonObject();
    descriptor.addProperty("mediaType", mediaType);
    descriptor.addProperty("digest", digest(content));
    descriptor.addProperty("size", content.length);
    return descriptor;
  }

  static String digest(byte[] content) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** The archive's files; it holds nothing but plain files with short names. */
  private static Map<String, byte[]> demoArchive() {
    Map<String, byte[]> files = new HashMap<>();
    try (InputStream in = Files.newInputStream(Programs.demoImage())) {
      byte[] header = in.readNBytes(BLOCK);
      while (header.length == BLOCK && header[0] != 0) {
        int size = Integer.parseInt(text(header, 124, 12).strip(), 8);
        byte[] content = in.readNBytes(size);
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
        files.put(text(header, 0, 100), content);
        header = in.readNBytes(BLOCK);
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] header, int offset, int length) {
    int end = offset;
    while (end < offset + length && header[end] != 0) {
      end++;
    }
    return new String(header, offset, end - offset, StandardCharsets.US_ASCII);
  }

  private static JsonObject json(Map<String, byte[]> files, String name) {
    return JsonParser.parseString(new String(bytes(files, name), StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  private static byte[] bytes(Map<String, byte[]> files, String name) {
    byte[] found = files.get(name);
    if (found == null) {
      throw new AssertionError(name + " is not in " + Programs.demoImage());
    }
    return found;
  }

  private static String path(JsonObject descriptor) {
    return "blobs/" + descriptor.get("digest").getAsString().replace(':', '/');
  }
}
