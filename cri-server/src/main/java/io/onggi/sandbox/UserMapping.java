package io.onggi.sandbox;

/** The user namespace of a pod: how its users and groups are those of the node. */
public record UserMapping(IdMapping uids, IdMapping gids) {
  /** The node's id of the pod's root. */
  public long rootUid() {
    return uids.onHost(0);
  }

  /** The node's id of the pod's group 0. */
  public long rootGid() {
    return gids.onHost(0);
  }
}
