package io.onggi.image.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ContentTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  private static String canonical(String text) {
    return ImageReference.parse(text).toString();
  }

  private static String refusal(String text) {
    return String.valueOf(
        assertThrows(CriException.InvalidArgument.class, () -> ImageReference.parse(text), text)
            .getMessage());
  }

  @Test
  void referencesAreNormalised() {
    assertEquals("docker.io/library/busybox:latest", canonical("busybox"));
    assertEquals("docker.io/library/busybox:1.29-2", canonical("docker.io/busybox:1.29-2"));
    assertEquals("docker.io/user/app:latest", canonical("index.docker.io/user/app"));
    assertEquals("127.0.0.1:5000/a/b:latest", canonical("127.0.0.1:5000/a/b"));
    assertEquals("localhost/a:b", canonical("localhost/a:b"));
    assertEquals("[::1]:5000/a:latest", canonical("[::1]:5000/a"));
    assertEquals("Reg/a:latest", canonical("Reg/a"));
    assertEquals("k8s.gcr.io/pause@sha256:" + HEX, canonical("k8s.gcr.io/pause@sha256:" + HEX));
    assertEquals("x.io/a:1@sha256:" + HEX, canonical("x.io/a:1@sha256:" + HEX));
  }

  @Test
  void familiarNamesAreShort() {
    assertEquals("busybox:latest", ImageReference.parse("busybox").familiar());
    assertEquals("user/app:1", ImageReference.parse("docker.io/user/app:1").familiar());
    assertEquals("quay.io/a:1", ImageReference.parse("quay.io/a:1").familiar());
  }

  @Test
  void aDigestTakesTheTagsPlace() {
    assertEquals(Optional.empty(), ImageReference.parse("a:1@sha256:" + HEX).asTag());
  }

  @Test
  void malformedReferencesShowTheOffendingPart() {
    assertTrue(refusal("").contains("is empty"));
    assertTrue(refusal("Busybox").contains("name part \"Busybox\""));
    assertTrue(refusal("a//b").contains("name part \"\""));
    assertTrue(refusal("a:b:c").contains("name part \"a:b\""));
    assertTrue(refusal("busybox:-x").contains("tag \"-x\""));
    assertTrue(refusal("busybox@md5:abc").contains("digest algorithm \"md5\""));
    assertTrue(refusal("busybox@sha256:12").contains("digest \"sha256:12\""));
    assertTrue(refusal("bad_host.io-/a").contains("registry \"bad_host.io-\""));
    assertTrue(refusal(HEX).contains("is an image id"));
    assertTrue(refusal("x.io/" + "a/".repeat(130) + "a").contains("longer than 255"));
  }

  @Test
  void theUserIsAnIdOrANameNeverBoth() {
    assertUser("", Optional.empty(), Optional.empty());
    assertUser("0", Optional.of(0L), Optional.empty());
    assertUser("1000:staff", Optional.of(1000L), Optional.empty());
    assertUser("app", Optional.empty(), Optional.of("app"));
    assertUser("app:1000", Optional.empty(), Optional.of("app"));
  }

  private static void assertUser(String user, Optional<Long> uid, Optional<String> name) {
    byte[] json =
        ("{\"config\":{\"User\":\"" + user + "\"},\"rootfs\":{\"diff_ids\":[]}}")
            .getBytes(StandardCharsets.UTF_8);
    ImageConfig config = ImageConfig.parse("c", json);
    assertEquals(uid, config.uid());
    assertEquals(name, config.username());
  }

  @Test
  void wrongFieldsAreNamed() {
    for (String json :
        List.of(
            "{\"config\":{\"Env\":{}},\"rootfs\":{}}",
            "{\"config\":{\"Env\":[1]},\"rootfs\":{}}",
            "{\"config\":{\"Env\":[null]},\"rootfs\":{}}")) {
      BadContent bad =
          assertThrows(
              BadContent.class,
              () -> ImageConfig.parse("c", json.getBytes(StandardCharsets.UTF_8)));
      assertTrue(String.valueOf(bad.getMessage()).contains("\"Env\""), bad.getMessage());
    }
  }

  @Test
  void schema1AndHugeManifestsAreRefusedWithAReason() {
    BadContent old =
        assertThrows(
            BadContent.class,
            () ->
                Manifest.parse("m", "", "{\"schemaVersion\":1}".getBytes(StandardCharsets.UTF_8)));
    assertTrue(String.valueOf(old.getMessage()).contains("schema 1"));
    String layers = "{},".repeat(501) + "{}";
    byte[] huge = ("{\"layers\":[" + layers + "]}").getBytes(StandardCharsets.UTF_8);
    BadContent many = assertThrows(BadContent.class, () -> Manifest.parse("m", "", huge));
    assertTrue(String.valueOf(many.getMessage()).contains("502 layers"));
  }

  /** Fuzz, with seeds that never change: clean exceptions only. */
  @Test
  void mutatedDocumentsFailCleanlyOrAreRead() {
    byte[] good =
        ("{\"schemaVersion\":2,\"mediaType\":\"x\",\"config\":{\"digest\":\"sha256:"
                + HEX
                + "\",\"size\":7,\"Env\":[\"a=b\"],\"Labels\":{\"a\":\"b\"},\"User\":\"1\"},"
                + "\"layers\":[{\"digest\":\"sha256:"
                + HEX
                + "\",\"size\":1}],"
                + "\"rootfs\":{\"diff_ids\":[\"sha256:"
                + HEX
                + "\"]},\"created\":\"2020-01-01T00:00:00Z\"}")
            .getBytes(StandardCharsets.UTF_8);
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = good.clone();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] =
            (byte) "{}[]\",:0-e\\ntxu\0\u007f".charAt(random.nextInt(16));
      }
      try {
        ImageConfig.parse("c", bytes);
      } catch (BadContent _) {
        // what it should be
      }
      try {
        Manifest.parse("m", "", bytes);
      } catch (BadContent _) {
        // what it should be
      }
    }
    byte[] deep = "{\"a\":".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    assertThrows(BadContent.class, () -> Manifest.parse("m", "", deep));
  }
}
