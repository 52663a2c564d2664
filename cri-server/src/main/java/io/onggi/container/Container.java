package io.onggi.container;

import java.time.Instant;

/**
 * One container as it is now; replaced whole at each change.
 *
 * @param imageId digest of the image's config, {@code sha256:...}
 * @param logFile absolute path of its log; empty when its output is dropped
 * @param cgroup path below each hierarchy's root, such as /onggi/ID
 * @param stopSignal number of the signal that asks it to end, 1..64
 * @param runAs the identity resolved from the spec and the image
 */
public record Container(
    ContainerId id,
    ContainerSpec spec,
    String imageId,
    String logFile,
    String cgroup,
    int stopSignal,
    Identity runAs,
    Instant createdAt,
    ContainerState state) {
  public Container with(ContainerState next) {
    return new Container(id, spec, imageId, logFile, cgroup, stopSignal, runAs, createdAt, next);
  }

  public Container with(ContainerSpec changed) {
    return new Container(
        id, changed, imageId, logFile, cgroup, stopSignal, runAs, createdAt, state);
  }
}
