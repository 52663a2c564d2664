package io.onggi.rpc;

import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.error.CriException;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.LinuxSandboxSecurityContext;
import io.onggi.proto.SecurityProfile;
import java.util.List;

/** Seccomp and AppArmor profiles of a request: applied or refused, never forgotten. */
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
      throw new CriException.FailedPrecondition(
          title
              + ": AppArmor profile "
              + apparmor.getLocalhostRef()
              + " is asked for, but AppArmor support is not built yet");
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
