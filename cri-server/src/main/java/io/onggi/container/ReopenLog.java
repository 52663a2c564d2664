package io.onggi.container;

import io.onggi.error.CriException;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimException;

/** ReopenContainerLog: after the kubelet has renamed the file, the shim makes it anew. */
public final class ReopenLog {
  private final Containers containers;
  private final ContainerLayout layout;
  private final ShimConnector connector;

  public ReopenLog(Containers containers, ContainerLayout layout, ShimConnector connector) {
    this.containers = containers;
    this.layout = layout;
    this.connector = connector;
  }

  /**
   * @throws CriException.FailedPrecondition when the container does not run
   * @throws CriException.Internal when the file cannot be made; the old one stays in use
   */
  public void reopen(String idOrPrefix) {
    Container container = containers.get(idOrPrefix);
    if (!(container.state() instanceof ContainerState.Running)) {
      throw new CriException.FailedPrecondition(
          "container " + container.id() + " does not run, its log cannot be reopened");
    }
    try {
      connector.connect("container " + container.id(), layout.socket(container.id())).reopenLog();
    } catch (ShimException e) {
      throw new CriException.Internal(
          "reopening log "
              + container.logFile()
              + " of container "
              + container.id()
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
