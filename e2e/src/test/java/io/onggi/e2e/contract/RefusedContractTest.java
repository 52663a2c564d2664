package io.onggi.e2e.contract;

import io.grpc.Status;
import io.onggi.e2e.Node;
import io.onggi.proto.CheckpointContainerRequest;
import io.onggi.proto.CheckpointPodRequest;
import io.onggi.proto.RestorePodRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What this version does not do says so, with the object that it was asked for. */
@ExtendWith(SharedNode.class)
class RefusedContractTest {
  private final Node node;

  RefusedContractTest(Node node) {
    this.node = node;
  }

  @Test
  void refused_checkpointAndRestoreAreUnimplementedInASentenceOfTheirOwn() {
    Fails.with(
        Status.Code.UNIMPLEMENTED,
        "CheckpointContainer of container \"abc\": this version of onggi cannot",
        () ->
            node.cri()
                .runtime()
                .checkpointContainer(
                    CheckpointContainerRequest.newBuilder().setContainerId("abc").build()));
    Fails.with(
        Status.Code.UNIMPLEMENTED,
        "CheckpointPod of pod sandbox \"def\": this version of onggi cannot",
        () ->
            node.cri()
                .runtime()
                .checkpointPod(CheckpointPodRequest.newBuilder().setPodSandboxId("def").build()));
    Fails.with(
        Status.Code.UNIMPLEMENTED,
        "RestorePod from \"/ghi\": this version of onggi cannot",
        () ->
            node.cri()
                .runtime()
                .restorePod(RestorePodRequest.newBuilder().setCheckpointPath("/ghi").build()));
  }
}
