package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.linux.KernelConstants;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BindOptionsTest {
  private static void check(List<String> options) {
    BindOptions.check("mount for /data", options, Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ro",
        "rw",
        "suid",
        "nosuid",
        "dev",
        "nodev",
        "exec",
        "noexec",
        "symfollow",
        "nosymfollow",
        "atime",
        "noatime",
        "relatime",
        "strictatime",
        "diratime",
        "nodiratime"
      })
  void whatABindMountCanBeIsTakenAloneAndForAllBelow(String option) {
    check(List.of(option));
    check(List.of("r" + option));
    check(List.of(option, "r" + option, option));
    MountOptions parsed = MountOptions.parse(List.of(option, "r" + option));
    assertEquals(List.of(), parsed.data(), "the kernel's, not the file system's");
    assertEquals(parsed.attributes(), parsed.recursiveAttributes());
    assertEquals(parsed.cleared(), parsed.recursiveCleared());
  }

  @ParameterizedTest
  @CsvSource({
    "shared, is said by the field propagation",
    "rprivate, is said by the field propagation",
    "bind, is what every mount here is",
    "idmap=uids=0-1-2, is said by the fields uidMappings and gidMappings",
    "sync, belongs to a whole file system",
    "size=10m, belongs to a whole file system",
    "lowerdir+=/etc, belongs to a whole file system",
    "X-onggi.sub-path=etc, belongs to a whole file system",
    "remount, belongs to a whole file system",
    "NOEXEC, is unknown",
    "'', is unknown",
    "rrelative, is unknown",
    "'nosuid,exec', is unknown",
    "norelatime, is unknown",
  })
  void anyOtherIsRefusedByName(String option, String why) {
    CriException.InvalidArgument e =
        assertThrows(CriException.InvalidArgument.class, () -> check(List.of("ro", option)));
    String said = String.valueOf(e.getMessage());
    assertTrue(said.startsWith("mount for /data: mount_options: \"" + option + "\" " + why), said);
  }

  @ParameterizedTest
  @CsvSource({
    "exec, noexec",
    "rnosuid, suid",
    "ro, rw",
    "rrw, ro",
    "atime, noatime",
    "rstrictatime, relatime",
    "nodev, rdev"
  })
  void twoAnswersToOneQuestionContradict(String one, String other) {
    CriException.InvalidArgument e =
        assertThrows(
            CriException.InvalidArgument.class, () -> check(List.of(one, "nodiratime", other)));
    assertEquals(
        "mount for /data: mount_options: \"" + other + "\" contradicts \"" + one + "\"",
        e.getMessage());
  }

  @Test
  void aReadOnlyMountIsNotWritable() {
    CriException.InvalidArgument e =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> BindOptions.check("mount for /d", List.of("rrw"), Optional.of("readonly")));
    assertEquals("mount for /d: mount_options: \"rrw\" contradicts readonly", e.getMessage());
  }

  @Test
  void thereIsAnEndToThem() {
    assertThrows(
        CriException.InvalidArgument.class, () -> check(Collections.nCopies(65, "nosuid")));
  }

  @Test
  void anAccessTimeIsSetByClearingTheOthers() {
    MountOptions options = MountOptions.parse(List.of("noatime", "rstrictatime"));
    assertEquals(KernelConstants.MOUNT_ATTR_NOATIME, options.attributes());
    assertEquals(KernelConstants.MOUNT_ATTR__ATIME, options.cleared());
    assertEquals(KernelConstants.MOUNT_ATTR_STRICTATIME, options.recursiveAttributes());
    assertEquals(KernelConstants.MOUNT_ATTR__ATIME, options.recursiveCleared());
  }
}
