package io.onggi.rpc;

import io.onggi.error.CriException;
import io.onggi.proto.IDMapping;
import io.onggi.proto.Mount;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.NamespaceOption;
import io.onggi.proto.UserNamespace;
import io.onggi.sandbox.IdMapping;
import io.onggi.sandbox.UserMapping;
import java.util.List;
import java.util.Optional;

/** CRI's UserNamespace and IDMapping, both ways; every mapping that is wrong is refused here. */
final class UserNamespaces {
  private static final String FIELD = "namespace_options.userns_options";

  private UserNamespaces() {}

  /** Absent options: an older kubelet that knows none, so none (CRI NamespaceOption). */
  static Optional<UserMapping> ofSandbox(String title, NamespaceOption options) {
    return options.hasUsernsOptions()
        ? mapping(title, options.getUsernsOptions())
        : Optional.empty();
  }

  /** A container has its pod's; saying nothing is agreeing. */
  static Optional<UserMapping> ofContainer(
      String title, NamespaceOption options, Optional<UserMapping> pod) {
    if (!options.hasUsernsOptions()) {
      return pod;
    }
    Optional<UserMapping> own = mapping(title, options.getUsernsOptions());
    if (!own.equals(pod)) {
      throw new CriException.InvalidArgument(
          title
              + ": "
              + FIELD
              + " is "
              + text(own)
              + " but the pod's is "
              + text(pod)
              + "; a container lives in its pod's user namespace, send the same");
    }
    return own;
  }

  private static String text(Optional<UserMapping> user) {
    return user.map(
            u -> "POD (uids " + u.uids().line().strip() + ", gids " + u.gids().line().strip() + ")")
        .orElse("NODE");
  }

  private static Optional<UserMapping> mapping(String title, UserNamespace options) {
    return switch (options.getMode()) {
      case NODE -> {
        if (options.getUidsCount() + options.getGidsCount() > 0) {
          throw new CriException.InvalidArgument(
              title
                  + ": "
                  + FIELD
                  + " has mode NODE and mappings; leave uids and gids empty, or set mode POD");
        }
        yield Optional.empty();
      }
      case POD ->
          Optional.of(
              new UserMapping(
                  one(title, FIELD + ".uids", options.getUidsList()),
                  one(title, FIELD + ".gids", options.getGidsList())));
      case CONTAINER, TARGET, UNRECOGNIZED ->
          throw new CriException.InvalidArgument(
              title
                  + ": "
                  + FIELD
                  + ".mode is "
                  + options.getModeValue()
                  + "; a user namespace's mode must be POD or NODE");
    };
  }

  private static IdMapping one(String title, String field, List<IDMapping> list) {
    if (list.size() != 1) {
      throw new CriException.InvalidArgument(
          title + ": " + field + " has " + list.size() + " mappings; a pod has exactly one");
    }
    return valid(title, field + "[0]", list.getFirst());
  }

  private static IdMapping valid(String title, String field, IDMapping m) {
    try {
      // uint32 in proto is int in Java
      return new IdMapping(
          Integer.toUnsignedLong(m.getContainerId()),
          Integer.toUnsignedLong(m.getHostId()),
          Integer.toUnsignedLong(m.getLength()));
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(title + ": " + field + "." + e.getMessage(), e);
    }
  }

  /**
   * Whether the mount's owners are translated; its mappings must then be the pod's.
   *
   * @throws CriException.InvalidArgument naming the mount and the field
   */
  static boolean idMapped(String title, Mount mount, Optional<UserMapping> pod) {
    if (mount.getUidMappingsCount() + mount.getGidMappingsCount() == 0) {
      return false;
    }
    String what = title + ": mount for " + mount.getContainerPath();
    IdMapping uids = one(what, "uidMappings", mount.getUidMappingsList());
    IdMapping gids = one(what, "gidMappings", mount.getGidMappingsList());
    if (!pod.equals(Optional.of(new UserMapping(uids, gids)))) {
      throw new CriException.InvalidArgument(
          what
              + ": uidMappings and gidMappings must be those of the pod's user namespace, which is "
              + text(pod));
    }
    return true;
  }

  /** What was asked; a pod without a user namespace says NODE, for the message's zero is POD. */
  static UserNamespace answer(Optional<UserMapping> user) {
    UserNamespace.Builder answer = UserNamespace.newBuilder().setMode(NamespaceMode.NODE);
    user.ifPresent(
        u -> answer.setMode(NamespaceMode.POD).addUids(answer(u.uids())).addGids(answer(u.gids())));
    return answer.build();
  }

  static IDMapping answer(IdMapping m) {
    return IDMapping.newBuilder()
        .setContainerId((int) m.containerId())
        .setHostId((int) m.hostId())
        .setLength((int) m.length())
        .build();
  }
}
