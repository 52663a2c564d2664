package io.onggi.rpc;

import io.onggi.error.CriException;
import io.onggi.proto.CheckpointContainerRequest;
import io.onggi.proto.CheckpointPodRequest;
import io.onggi.proto.RestorePodRequest;

/** The RPCs that this version refuses, each with a sentence of its own. */
final class Unbuilt {
  private Unbuilt() {}

  static CriException checkpointContainer(CheckpointContainerRequest request) {
    return new CriException.Unimplemented(
        "CheckpointContainer of container \""
            + request.getContainerId()
            + "\": this version of onggi cannot save a running container; nothing was changed");
  }

  static CriException checkpointPod(CheckpointPodRequest request) {
    return new CriException.Unimplemented(
        "CheckpointPod of pod sandbox \""
            + request.getPodSandboxId()
            + "\": this version of onggi cannot save a running pod; nothing was changed");
  }

  static CriException restorePod(RestorePodRequest request) {
    return new CriException.Unimplemented(
        "RestorePod from \""
            + request.getCheckpointPath()
            + "\": this version of onggi cannot restore a pod; nothing was made");
  }
}
