package io.onggi.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.onggi.error.CriException;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageReference;
import io.onggi.image.content.Manifest;
import io.onggi.image.registry.Credentials;
import io.onggi.image.registry.FakeRegistry;
import io.onggi.image.tar.TarBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images over a registry on loopback and the real file system. */
class ImagesTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(1_800_000_000));
  private static final byte[] BASE = new TarBytes().file("base", "b".repeat(9000)).end();
  private static final byte[] TOP = new TarBytes().file("top", "t").end();
  private static final byte[] OTHER = new TarBytes().file("other", "o").end();

  @TempDir private Path directory;
  private FakeRegistry registry;
  private Images images;

  @BeforeEach
  void open() throws IOException {
    registry = new FakeRegistry();
    reopen();
  }

  private void reopen() {
    ImageSettings settings =
        new ImageSettings(
            directory.resolve("images"),
            directory.resolve("certs.d"),
            List.of(registry.host() + "/pinned:1"),
            3);
    images = Images.open(settings, CLOCK);
  }

  @AfterEach
  void close() {
    images.close();
    registry.close();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private Digest publish(String repository, String tag, byte[]... tars) throws IOException {
    List<byte[]> packed = new ArrayList<>();
    for (byte[] tar : tars) {
      packed.add(gzip(tar));
    }
    return registry.image(repository, tag, "app:staff", packed, tars);
  }

  private Image pull(String name) {
    return images.pull(
        ImageReference.parse(registry.host() + "/" + name), Optional.empty(), Optional.empty());
  }

  private <E extends CriException> String refused(Class<E> type, String name) {
    return String.valueOf(assertThrows(type, () -> pull(name)).getMessage());
  }

  private void assertNothingLeft() throws IOException {
    assertEquals(List.of(), images.list());
    for (String folder : List.of("tmp", "layers", "blobs/sha256")) {
      try (Stream<Path> entries = Files.list(directory.resolve("images").resolve(folder))) {
        assertEquals(List.of(), entries.toList(), folder);
      }
    }
  }

  private void hosts(String registryName, String toml) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("certs.d").resolve(registryName));
    Files.writeString(folder.resolve("hosts.toml"), toml);
  }

  @Test
  void contract33And43PullGivesAnImageWithIdSizeAndUser() throws IOException {
    Digest id = publish("app", "1", BASE, TOP);
    Image image = pull("app:1");
    assertEquals(id, image.id());
    assertTrue(image.size() > 9000);
    assertEquals(registry.host() + "/app:1", image.tags().getFirst().toString());
    assertTrue(
        image.repoDigests().getFirst().toString().startsWith(registry.host() + "/app@sha256:"));
    assertEquals(Optional.of("app"), image.config().username());
    assertEquals(Optional.empty(), image.config().uid());
    assertEquals(List.of("/bin/sh"), image.config().cmd());
    List<Path> layers = images.layerDirectories(image);
    assertTrue(Files.exists(layers.getFirst().resolve("top")), "the topmost comes first");
    assertTrue(Files.exists(layers.getLast().resolve("base")));
    FsUsage usage = images.imageFs();
    assertTrue(usage.bytes() > 9000 && usage.inodes() >= 4);
  }

  @Test
  void findsByIdPrefixTagAndDigest() throws IOException {
    Image image = pull(publishedName("app:1"));
    for (String name :
        List.of(
            image.id().toString(),
            image.id().hex(),
            image.id().hex().substring(0, 13),
            image.tags().getFirst().toString(),
            image.repoDigests().getFirst().toString())) {
      assertEquals(Optional.of(image), images.find(name), name);
    }
    assertEquals(Optional.empty(), images.find("busybox"));
    assertEquals(Optional.empty(), images.find("NOT a reference"));
    assertEquals(Optional.empty(), images.find(image.id().hex().substring(0, 11)));
  }

  private String publishedName(String name) throws IOException {
    int colon = name.indexOf(':');
    publish(name.substring(0, colon), name.substring(colon + 1), BASE, TOP);
    return name;
  }

  @Test
  void repoTagsOfADigestPullAreEmpty() throws IOException {
    Image byTag = pull(publishedName("app:1"));
    String digest = byTag.repoDigests().getFirst().digest().orElseThrow().toString();
    images.remove(byTag.id().toString());
    Image byDigest = pull("app@" + digest);
    assertEquals(List.of(), byDigest.tags());
    assertEquals(byTag.id(), byDigest.id());
  }

  @Test
  void contract41And42RemovingOneTagRemovesTheImageWithAll() throws IOException {
    publish("one", "1", BASE);
    publish("two", "2", BASE);
    Image image = pull("one:1");
    assertEquals(image.id(), pull("two:2").id());
    assertEquals(2, images.find("sha256:" + image.id().hex()).orElseThrow().tags().size());
    images.sweep();
    images.remove(registry.host() + "/one:1");
    assertEquals(Optional.empty(), images.find(registry.host() + "/two:2"));
    images.remove(registry.host() + "/one:1"); // 40: again is success
    images.remove("0".repeat(64));
    images.close();
    reopen();
    assertNothingLeft();
  }

  @Test
  void aTagThatMovedLeavesTheOldImageWithItsId() throws IOException {
    publish("app", "latest", BASE);
    Image old = pull("app");
    publish("app", "latest", BASE, TOP);
    Image now = pull("app");
    assertFalse(old.id().equals(now.id()));
    assertEquals(List.of(), images.find(old.id().toString()).orElseThrow().tags());
    assertEquals(now, images.find(registry.host() + "/app").orElseThrow());
  }

  @Test
  void sharedLayersAreFetchedAndKeptOnce() throws IOException {
    publish("one", "1", BASE, TOP);
    publish("two", "1", BASE, OTHER);
    Image one = pull("one:1");
    Image two = pull("two:1");
    assertEquals(images.layerDirectories(one).getLast(), images.layerDirectories(two).getLast());
    assertEquals(1, registry.count("/blobs/" + Digest.of(gzip(BASE))));
    images.sweep();
    images.remove(one.id().toString());
    images.close();
    reopen();
    assertTrue(Files.exists(images.layerDirectories(two).getLast().resolve("base")));
    try (Stream<Path> layers = Files.list(directory.resolve("images/layers"))) {
      assertEquals(2, layers.count());
    }
  }

  @Test
  void layersStayUntilTheirLastHolderGoesAlsoOverARestart() throws IOException {
    Image image = pull(publishedName("app:1"));
    images.sweep();
    try (Lease _ = images.hold(image.id(), "container-2")) {
      images.hold(image.id(), "container-1");
      images.remove(image.id().toString());
      assertEquals(List.of(), images.list());
      assertTrue(Files.exists(images.layerDirectories(image).getFirst().resolve("top")));
    }
    images.close();
    reopen();
    images.hold(image.id(), "container-1"); // as recovery does
    images.sweep();
    assertEquals(List.of(), images.list());
    assertTrue(Files.exists(images.layerDirectories(image).getFirst().resolve("top")));
    images.release("container-1");
    images.release("container-1");
    images.close();
    reopen();
    assertNothingLeft();
    assertThrows(CriException.NotFound.class, () -> images.hold(image.id(), "late"));
  }

  @Test
  void aRestartKeepsImagesAndDropsThoseThatAreNotWhole() throws IOException {
    Image image = pull(publishedName("app:1"));
    images.close();
    reopen();
    assertEquals(List.of(image), images.list());
    Path layer = images.layerDirectories(image).getFirst();
    images.close();
    Files.delete(layer.resolveSibling("layer.json"));
    reopen();
    assertNothingLeft();
    assertEquals(image, pull("app:1"));
  }

  @Test
  void choosesThePlatformOfAnIndex() throws IOException {
    Digest id = publish("app", "amd", BASE);
    byte[] inner = fetched("/v2/app/manifests/amd");
    JsonObject index = new JsonObject();
    index.addProperty("schemaVersion", 2);
    JsonArray manifests = new JsonArray();
    manifests.add(
        platform(FakeRegistry.descriptor(Manifest.OCI_MANIFEST, new byte[] {1}), "s390x"));
    String host = io.onggi.image.content.Platform.host().architecture();
    manifests.add(platform(FakeRegistry.descriptor(Manifest.DOCKER_MANIFEST, inner), host));
    index.add("manifests", manifests);
    Digest top = registry.manifest("app", "multi", FakeRegistry.bytes(index), Manifest.OCI_INDEX);
    Image image = pull("app:multi");
    assertEquals(id, image.id());
    assertEquals(Optional.of(top), image.repoDigests().getFirst().digest());
    manifests.remove(1);
    registry.manifest("app", "foreign", FakeRegistry.bytes(index), Manifest.OCI_INDEX);
    assertTrue(
        refused(CriException.Unknown.class, "app:foreign").contains("only for: linux/s390x"));
  }

  private static JsonObject platform(JsonObject descriptor, String architecture) {
    JsonObject platform = new JsonObject();
    platform.addProperty("os", "linux");
    platform.addProperty("architecture", architecture);
    descriptor.add("platform", platform);
    return descriptor;
  }

  private byte[] fetched(String path) throws IOException {
    try (var in = java.net.URI.create("http://" + registry.host() + path).toURL().openStream()) {
      return in.readAllBytes();
    }
  }

  @Test
  void pullsAtOnceAreJoinedAndEachBlobFetchedOnce() throws Exception {
    publish("app", "1", BASE, TOP);
    CountDownLatch gate = new CountDownLatch(1);
    registry.fault(
        "/manifests/1",
        _ -> {
          try {
            gate.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return false;
        });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Image>> all =
          Stream.generate(() -> threads.submit(() -> pull("app:1"))).limit(20).toList();
      // A caller whose time is up, and one that goes away, end nothing.
      CriException.DeadlineExceeded late =
          assertThrows(
              CriException.DeadlineExceeded.class,
              () ->
                  images.pull(
                      ImageReference.parse(registry.host() + "/app:1"),
                      Optional.empty(),
                      Optional.of(Duration.ofMillis(1))));
      assertTrue(String.valueOf(late.getMessage()).contains("not there within 1 ms"));
      all.getFirst().cancel(true);
      gate.countDown();
      for (Future<Image> one : all.subList(1, all.size())) {
        assertEquals(1, one.get().tags().size());
      }
    }
    assertEquals(1, registry.count("/manifests/1"));
    assertEquals(1, registry.count("/blobs/" + Digest.of(gzip(BASE))));
    assertEquals(1, registry.count("/blobs/" + Digest.of(gzip(TOP))));
  }

  @Test
  void anUnknownImageIsNotFound() throws IOException {
    String message = refused(CriException.NotFound.class, "nothing:1");
    assertTrue(
        message.contains("/v2/nothing/manifests/1: 404: MANIFEST_UNKNOWN: manifest unknown"));
    assertNothingLeft();
  }

  @Test
  void anUnreachableRegistryIsSaidWithThePrefixTheKubeletKnows() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    ImageReference reference = ImageReference.parse("127.0.0.1:" + port + "/app:1");
    CriException.Unknown failure =
        assertThrows(
            CriException.Unknown.class,
            () -> images.pull(reference, Optional.empty(), Optional.empty()));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith("RegistryUnavailable: "), message);
    assertTrue(message.contains("http://127.0.0.1:" + port), message);
    assertTrue(message.contains("connection refused"), message);
  }

  @Test
  void serverErrorsAreTriedAgain() throws IOException {
    publish("app", "1", BASE);
    String blob = "/blobs/" + Digest.of(gzip(BASE));
    registry.fault(
        blob, exchange -> registry.count(blob) == 1 && FakeRegistry.answer(exchange, 503, "busy"));
    pull("app:1");
    assertEquals(2, registry.count(blob));
  }

  @Test
  void aTruncatedLayerIsTriedAgainThenSaid() throws IOException {
    publish("app", "1", BASE, TOP);
    byte[] packed = gzip(BASE);
    String blob = "/blobs/" + Digest.of(packed);
    registry.fault(
        blob,
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // chunked: the end looks regular
          exchange.getResponseBody().write(packed, 0, packed.length / 2);
          return true;
        });
    String message = refused(CriException.Unknown.class, "app:1");
    assertTrue(message.contains("layer " + Digest.of(packed)), message);
    assertTrue(
        message.contains("truncated after " + packed.length / 2 + " of " + packed.length), message);
    assertEquals(3, registry.count(blob));
    assertNothingLeft();
  }

  @Test
  void aLayerWithAnotherDigestIsRefused() throws IOException {
    publish("app", "1", BASE, TOP);
    byte[] packed = gzip(BASE);
    byte[] wrong = packed.clone();
    wrong[wrong.length / 2] ^= 1;
    registry.put("/v2/app/blobs/" + Digest.of(packed), wrong, "x");
    String message = refused(CriException.Unknown.class, "app:1");
    assertTrue(message.contains("layer " + Digest.of(packed)), message);
    assertTrue(message.contains("digest mismatch: the bytes are " + Digest.of(wrong)), message);
    assertNothingLeft();
  }

  @Test
  void aLayerThatIsNotTheConfigurationsIsRefused() throws IOException {
    registry.image("app", "1", "", List.of(gzip(TOP)), BASE);
    String message = refused(CriException.Unknown.class, "app:1");
    assertTrue(message.contains("unpacked digest mismatch: want " + Digest.of(BASE)), message);
    assertNothingLeft();
  }

  @Test
  void tokensAreFetchedWithTheCredentials() throws IOException {
    publish("app", "1", BASE);
    registry.demandToken("Basic dXNlcjpwYXNz");
    ImageReference reference = ImageReference.parse(registry.host() + "/app:1");
    String denied = refused(CriException.Unknown.class, "app:1");
    assertTrue(denied.contains("access denied"), denied);
    assertTrue(denied.contains("incorrect username or password"), denied);
    images.pull(reference, Optional.of(Credentials.basic("user", "pass")), Optional.empty());
    assertEquals(1, registry.count("Basic dXNlcjpwYXNz"));
    assertTrue(registry.count("Bearer letmein") >= 3);
  }

  @Test
  void aRedirectToAnotherHostGetsNoCredentials() throws IOException {
    publish("app", "1", BASE);
    registry.demandToken("");
    String blob = "/v2/app/blobs/" + Digest.of(gzip(BASE));
    try (FakeRegistry storage = new FakeRegistry()) {
      storage.put("/signed/layer", gzip(BASE), "x");
      registry.fault(
          Digest.of(gzip(BASE)).toString(),
          exchange -> {
            exchange
                .getResponseHeaders()
                .add("Location", "http://" + storage.host() + "/signed/layer");
            return FakeRegistry.answer(exchange, 307, "");
          });
      pull("app:1");
      assertEquals(List.of("GET /signed/layer null"), storage.requests());
    }
    assertTrue(registry.count(blob) >= 1);
  }

  @Test
  void mirrorsAreAskedFirstAndWrongOnesPassedOver() throws IOException {
    publish("app", "1", BASE);
    try (FakeRegistry mirror = new FakeRegistry()) {
      mirror.put("/v2/app/manifests/1", fetched("/v2/app/manifests/1"), Manifest.DOCKER_MANIFEST);
      mirror.put("/v2/app/blobs/" + Digest.of(gzip(BASE)), gzip(TOP), "x"); // wrong bytes
      long before = registry.count("/manifests/");
      hosts(
          "example.com",
          """
          server = "http://%s"
          [host."http://%s"]
          capabilities = ["pull", "resolve"]
          [host."http://%s".header]
          x-mirror = "yes"
          """
              .formatted(registry.host(), mirror.host(), mirror.host()));
      Image image =
          images.pull(
              ImageReference.parse("example.com/app:1"),
              Optional.of(Credentials.basic("user", "pass")),
              Optional.empty());
      assertEquals("example.com/app:1", image.tags().getFirst().toString());
      assertTrue(mirror.requests().getFirst().contains("/v2/app/manifests/1?ns=example.com null"));
      assertEquals(before, registry.count("/manifests/"), "the mirror resolved the tag");
      assertEquals(1, registry.count("/blobs/" + Digest.of(gzip(BASE))));
    }
  }

  @Test
  void aWrongHostsFileIsNamed() throws IOException {
    hosts("_default", "server = \"ftp://x\"\n");
    String message = refused(CriException.FailedPrecondition.class, "app:1");
    assertTrue(message.contains("_default/hosts.toml"), message);
    assertTrue(message.contains("\"ftp://x\" is no http or https address"), message);
  }

  @Test
  void pinnedTagsAreListedAsPinnedAndStillRemovable() throws IOException {
    Image image = pull(publishedName("pinned:1"));
    assertTrue(image.pinned());
    images.remove(image.id().toString());
    assertEquals(List.of(), images.list());
  }

  @Test
  void twoStoresCannotShareAFolder() {
    CriException.FailedPrecondition busy =
        assertThrows(CriException.FailedPrecondition.class, this::reopen);
    assertTrue(String.valueOf(busy.getMessage()).contains("in use by another onggid"));
  }

  @Test
  void loadsDockerArchivesPlainAndCompressed() throws IOException {
    byte[] config = FakeRegistry.config("1000", BASE, TOP);
    String manifest =
        "[{\"Config\":\"c.json\",\"RepoTags\":[\"demo:1\",\"demo:latest\"],\"Layers\":[\"a/layer.tar\",\"b/layer.tar\"]}]";
    byte[] archive =
        new TarBytes()
            .file("a/layer.tar", BASE, 0644, 0, 0)
            .file("c/layer.tar", TOP, 0644, 0, 0)
            .symlink("b/layer.tar", "../c/layer.tar")
            .file("c.json", config, 0644, 0, 0)
            .file("manifest.json", manifest)
            .end();
    Path file = Files.write(directory.resolve("demo.tar"), archive);
    Image image = images.load(file).getFirst();
    assertEquals(Digest.of(config), image.id());
    assertEquals(
        List.of("docker.io/library/demo:1", "docker.io/library/demo:latest"),
        image.tags().stream().map(ImageReference::toString).toList());
    assertEquals(Optional.of(1000L), image.config().uid());
    assertEquals(Optional.of(image), images.find("demo"));
    Path packed = Files.write(directory.resolve("demo.tar.gz"), gzip(archive));
    assertEquals(image.id(), images.load(packed).getFirst().id());
    try (Stream<Path> left = Files.list(directory.resolve("images/tmp"))) {
      assertEquals(0, left.count());
    }
  }

  private static byte[] layout(byte[] layer, String annotation) throws IOException {
    byte[] config = FakeRegistry.config("", BASE);
    JsonObject manifest = new JsonObject();
    manifest.addProperty("schemaVersion", 2);
    manifest.add("config", FakeRegistry.descriptor("c", config));
    JsonArray layers = new JsonArray();
    layers.add(FakeRegistry.descriptor("l", gzip(BASE)));
    manifest.add("layers", layers);
    byte[] manifestBytes = FakeRegistry.bytes(manifest);
    JsonObject descriptor = FakeRegistry.descriptor(Manifest.OCI_MANIFEST, manifestBytes);
    JsonObject annotations = new JsonObject();
    annotations.addProperty("org.opencontainers.image.ref.name", annotation);
    descriptor.add("annotations", annotations);
    JsonObject index = new JsonObject();
    JsonArray manifests = new JsonArray();
    manifests.add(descriptor);
    index.add("manifests", manifests);
    return new TarBytes()
        .file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}")
        .file("index.json", FakeRegistry.bytes(index), 0644, 0, 0)
        .file("blobs/sha256/" + Digest.of(config).hex(), config, 0644, 0, 0)
        .file("blobs/sha256/" + Digest.of(manifestBytes).hex(), manifestBytes, 0644, 0, 0)
        .file("blobs/sha256/" + Digest.of(gzip(BASE)).hex(), layer, 0644, 0, 0)
        .end();
  }

  @Test
  void loadsOciLayouts() throws IOException {
    Path file = Files.write(directory.resolve("oci.tar"), layout(gzip(BASE), "demo.io/x/y:3"));
    Image image = images.load(file).getFirst();
    assertEquals("demo.io/x/y:3", image.tags().getFirst().toString());
    assertTrue(Files.exists(images.layerDirectories(image).getFirst().resolve("base")));
    Files.write(file, layout(gzip(BASE), "3"));
    images.remove("demo.io/x/y:3");
    assertEquals(List.of(), images.load(file).getFirst().tags());
  }

  @Test
  void archivesThatAreDamagedOrNoneAreRefused() throws IOException {
    byte[] wrong = gzip(TOP);
    Path file = directory.resolve("bad.tar");
    List<byte[]> archives =
        List.of(
            layout(wrong, "x:1"),
            new TarBytes().file("readme", "hello").end(),
            "no archive at all, but long enough for a header"
                .repeat(20)
                .getBytes(StandardCharsets.UTF_8),
            java.util.Arrays.copyOf(layout(gzip(BASE), "x:1"), 3000));
    List<String> words = List.of("truncated", "neither manifest.json", "tar archive", "cut off");
    for (int i = 0; i < archives.size(); i++) {
      Files.write(file, archives.get(i));
      String message =
          String.valueOf(
              assertThrows(CriException.InvalidArgument.class, () -> images.load(file))
                  .getMessage());
      assertTrue(message.startsWith("load " + file), message);
      assertTrue(message.contains(words.get(i)) || message.contains("digest mismatch"), message);
      assertNothingLeft();
    }
  }
}
