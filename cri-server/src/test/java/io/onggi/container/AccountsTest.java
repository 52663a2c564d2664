package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.error.CriException;
import io.onggi.image.content.ImageConfig;
import io.onggi.sandbox.SandboxId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Who a container's process is: checklist 24 and 25. */
class AccountsTest {
  private static final String PASSWD =
      """
      root:x:0:0:root:/root:/bin/sh
      broken line
      daemon:x:one:1::/:/bin/sh
      app:x:1000:1001:App:/srv/app:/bin/sh
      homeless:x:1002:1002
      1000:x:0:0:not who it seems:/root:/bin/sh
      wrap:x:4294967295:0::/:/bin/sh
      """;
  private static final String GROUP =
      """
      root:x:0:
      staff:x:50:app,other
      audio:x:29:app
      lonely:x:60:
      51:x:0:
      bad:x:y:app
      """;

  private static Identity resolve(String imageUser, Consumer<SpecDraft> change) {
    SpecDraft draft = SpecDraft.of(new SandboxId("a".repeat(64)), "c");
    change.accept(draft);
    String config =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[]},"
            + "\"config\":{\"User\":\""
            + imageUser
            + "\"}}";
    ImageConfig image = ImageConfig.parse("image", config.getBytes(StandardCharsets.UTF_8));
    return new Accounts(PASSWD, GROUP).resolve(draft.security(), image, "c (attempt 0)");
  }

  private static String refused(String imageUser, Consumer<SpecDraft> change) {
    return String.valueOf(
        assertThrows(CriException.InvalidArgument.class, () -> resolve(imageUser, change))
            .getMessage());
  }

  @Test
  void withoutAnyUserItIsRoot() {
    assertEquals(new Identity(0, 0, List.of(0L), "/root"), resolve("", _ -> {}));
  }

  @Test
  void theImagesUserIsFoundByNameWithItsGroups() {
    Identity app = new Identity(1000, 1001, List.of(1001L, 50L, 29L), "/srv/app");
    assertEquals(app, resolve("app", _ -> {}));
    assertEquals(app, resolve("1000", _ -> {}));
  }

  @Test
  void theImagesGroupReplacesTheUsersOwn() {
    assertEquals(60, resolve("app:lonely", _ -> {}).gid());
    assertEquals(77, resolve("app:77", _ -> {}).gid());
    assertEquals(60, resolve(":lonely", _ -> {}).gid());
    assertEquals(1001, resolve("app:", _ -> {}).gid());
  }

  @Test
  void aNumberIsNeverAName() { // else an image passes its root for user 1000
    assertEquals(1000, resolve("1000", _ -> {}).uid());
    assertEquals(1000, resolve("", d -> d.user = Optional.of(1000L)).uid());
    assertEquals(51, resolve("app:51", _ -> {}).gid());
    assertEquals(1000, resolve("0001000", _ -> {}).uid());
  }

  @Test
  void theRequestsUserGoesBeforeTheImages() {
    assertEquals(0, resolve("app", d -> d.user = Optional.of(0L)).uid());
    Identity named = resolve("root:lonely", d -> d.userName = "app");
    assertEquals(1000, named.uid());
    assertEquals(1001, named.gid());
    Identity stranger = resolve("app", d -> d.user = Optional.of(5555L));
    assertEquals(new Identity(5555, 0, List.of(0L), "/"), stranger);
  }

  @Test
  void aUserNameMustBeInTheImage() { // checklist 24
    assertEquals(
        "container c (attempt 0): user \"nobody\" is not in the image's /etc/passwd; use a numeric"
            + " id or another image",
        refused("", d -> d.userName = "nobody"));
    assertEquals(
        "container c (attempt 0): user \"2000\" is not in the image's /etc/passwd; use a numeric"
            + " id or another image",
        refused("", d -> d.userName = "2000"));
    assertEquals(
        "container c (attempt 0): group \"nogroup\" is not in the image's /etc/group",
        refused("app:nogroup", _ -> {}));
  }

  @Test
  void aGroupAloneIsRefused() { // checklist 24
    assertEquals(
        "run_as_group is set without run_as_user or run_as_username; set one of them too",
        refused("app", d -> d.group = Optional.of(5L)));
    assertEquals(
        5,
        resolve(
                "app",
                d -> {
                  d.user = Optional.of(1000L);
                  d.group = Optional.of(5L);
                })
            .gid());
  }

  @Test
  void mergeAddsTheImagesGroupsAndStrictDoesNot() { // checklist 25
    assertEquals(
        List.of(1001L, 7L, 50L, 29L), resolve("app", d -> d.groups = List.of(7L, 50L)).groups());
    assertEquals(
        List.of(1001L, 7L),
        resolve(
                "app",
                d -> {
                  d.groups = List.of(7L);
                  d.strictGroups = true;
                })
            .groups());
  }

  @Test
  void anIdThatWouldLeaveTheProcessRootIsRefused() {
    assertEquals(
        "container c (attempt 0): user id 4294967295 is not within 0-4294967294",
        refused("4294967295", _ -> {}));
    assertEquals(
        "container c (attempt 0): user id 4294967295 is not within 0-4294967294",
        refused("wrap", _ -> {}));
    assertEquals(
        "container c (attempt 0): group id 9999999999 is not within 0-4294967294",
        refused("app:9999999999", _ -> {}));
  }

  @Test
  void aUserWithoutHomeIsAtTheRoot() {
    assertEquals("/", resolve("homeless", _ -> {}).home());
  }
}
