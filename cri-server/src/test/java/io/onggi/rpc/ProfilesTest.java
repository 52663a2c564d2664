package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.error.CriException;
import io.onggi.proto.SELinuxOption;
import io.onggi.proto.SecurityProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What no process could be given here is refused, so that none runs without it. */
class ProfilesTest {
  private static final SecurityProfile NONE = SecurityProfile.getDefaultInstance();

  @Test
  void a_selinux_label_is_refused_by_its_parts() {
    SELinuxOption label = SELinuxOption.newBuilder().setType("container_t").setLevel("s0").build();
    CriException e =
        assertThrows(
            CriException.FailedPrecondition.class, () -> Profiles.checkSelinux("web", label));
    assertEquals(
        "web: selinux_options ask for the label ::container_t:s0, and no SELinux label is applied"
            + " on this node; leave selinux_options out",
        e.getMessage());
    assertDoesNotThrow(() -> Profiles.checkSelinux("web", SELinuxOption.getDefaultInstance()));
  }

  @Test
  void an_apparmor_profile_of_the_node_is_refused_by_name_in_both_fields() {
    SecurityProfile profile =
        SecurityProfile.newBuilder()
            .setProfileType(SecurityProfile.ProfileType.Localhost)
            .setLocalhostRef("tight")
            .build();
    String said =
        "web: AppArmor profile tight is asked for, and no profile is applied on this node;";
    CriException e =
        assertThrows(
            CriException.FailedPrecondition.class, () -> Profiles.check("web", NONE, profile));
    assertEquals(said, String.valueOf(e.getMessage()).substring(0, said.length()));
    e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () -> Profiles.checkOldAppArmor("web", "localhost/tight"));
    assertEquals(said, String.valueOf(e.getMessage()).substring(0, said.length()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "runtime/default", "unconfined"})
  void an_apparmor_profile_that_needs_nothing_is_taken(String profile) {
    assertDoesNotThrow(() -> Profiles.checkOldAppArmor("web", profile));
  }

  @Test
  void an_apparmor_profile_of_no_form_is_wrong() {
    CriException e =
        assertThrows(
            CriException.InvalidArgument.class, () -> Profiles.checkOldAppArmor("web", "tight"));
    assertEquals(
        "web: apparmor_profile \"tight\" is neither runtime/default, unconfined nor localhost/NAME",
        e.getMessage());
  }
}
