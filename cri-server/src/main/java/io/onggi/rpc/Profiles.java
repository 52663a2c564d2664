package io.onggi.rpc;

import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.error.CriException;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.LinuxSandboxSecurityContext;
import io.onggi.proto.SELinuxOption;
import io.onggi.proto.SecurityProfile;
import java.util.List;

/** Seccomp and AppArmor profiles and SELinux labels of a request: applied or refused. */
final class Profiles {
  private static final String LOCALHOST = "localhost/";

  private Profiles() {}

  /** What holds for profiles of both kinds, and that AppArmor is not there. */
  static void check(String title, SecurityProfile seccomp, SecurityProfile apparmor) {
    for (SecurityProfile profile : List.of(seccomp, apparmor)) {
      boolean localhost = profile.getProfileType() == SecurityProfile.ProfileType.Localhost;
      if (!localhost && !profile.getLocalhostRef().isEmpty()) {
        throw new CriException.InvalidArgument(
            title
                + ": localhost_ref \""
                + profile.getLocalhostRef()
                + "\" is only allowed with profile type Localhost");
      }
    }
    if (apparmor.getProfileType() == SecurityProfile.ProfileType.Localhost) {
      throw noAppArmor(title, apparmor.getLocalhostRef());
    }
  }

  /**
   * The field that AppArmor had before there were profiles with a type.
   *
   * @throws CriException.FailedPrecondition when it names a profile that would have to be applied
   */
  static void checkOldAppArmor(String title, String profile) {
    switch (profile) {
      case "", "runtime/default", "unconfined" -> {}
      default -> {
        if (!profile.startsWith(LOCALHOST)) {
          throw new CriException.InvalidArgument(
              title
                  + ": apparmor_profile \""
                  + profile
                  + "\" is neither runtime/default, unconfined nor localhost/NAME");
        }
        throw noAppArmor(title, profile.substring(LOCALHOST.length()));
      }
    }
  }

  private static CriException noAppArmor(String title, String profile) {
    return new CriException.FailedPrecondition(
        title
            + ": AppArmor profile "
            + profile
            + " is asked for, and no profile is applied on this node; leave apparmor out, or use"
            + " type RuntimeDefault or Unconfined");
  }

  /**
   * A process that is to have a label must not run without it.
   *
   * @throws CriException.FailedPrecondition when any part of a label is asked for
   */
  static void checkSelinux(String title, SELinuxOption label) {
    if (!(label.getUser() + label.getRole() + label.getType() + label.getLevel()).isEmpty()) {
      throw new CriException.FailedPrecondition(
          title
              + ": selinux_options ask for the label "
              + String.join(
                  ":", label.getUser(), label.getRole(), label.getType(), label.getLevel())
              + ", and no SELinux label is applied on this node; leave selinux_options out");
    }
  }

  @SuppressWarnings("deprecation") // older clients set the path
  static SeccompChoice seccomp(String title, LinuxContainerSecurityContext context) {
    return context.hasSeccomp()
        ? choice(title, context.getSeccomp())
        : ofPath(title, context.getSeccompProfilePath());
  }

  /** The pod's own process runs no code but the shim's; its choice is only checked. */
  @SuppressWarnings("deprecation") // older clients set the path
  static SeccompChoice seccomp(String title, LinuxSandboxSecurityContext context) {
    return context.hasSeccomp()
        ? choice(title, context.getSeccomp())
        : ofPath(title, context.getSeccompProfilePath());
  }

  private static SeccompChoice choice(String title, SecurityProfile profile) {
    return switch (profile.getProfileType()) {
      case RuntimeDefault -> new SeccompChoice.RuntimeDefault();
      case Unconfined -> new SeccompChoice.Unconfined();
      case Localhost -> localhost(title, profile.getLocalhostRef());
      case UNRECOGNIZED ->
          throw new CriException.InvalidArgument(
              title
                  + ": seccomp profile_type "
                  + profile.getProfileTypeValue()
                  + " is unknown; must be RuntimeDefault, Unconfined or Localhost");
    };
  }

  /** The field's values before SecurityProfile; empty is unconfined, as containerd has it. */
  private static SeccompChoice ofPath(String title, String path) {
    return switch (path) {
      case "", "unconfined" -> new SeccompChoice.Unconfined();
      case "runtime/default", "docker/default" -> new SeccompChoice.RuntimeDefault();
      default -> {
        if (!path.startsWith(LOCALHOST)) {
          throw new CriException.InvalidArgument(
              title
                  + ": seccomp_profile_path \""
                  + path
                  + "\" is unknown; must be runtime/default, unconfined or localhost/PATH");
        }
        yield localhost(title, path.substring(LOCALHOST.length()));
      }
    };
  }

  private static SeccompChoice localhost(String title, String path) {
    try {
      return new SeccompChoice.Localhost(path);
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(title + ": " + e.getMessage(), e);
    }
  }
}
