package io.onggi.rpc;

import io.onggi.proto.AttachRequest;
import io.onggi.proto.AttachResponse;
import io.onggi.proto.ExecRequest;
import io.onggi.proto.ExecResponse;
import io.onggi.proto.PortForwardRequest;
import io.onggi.proto.PortForwardResponse;
import io.onggi.stream.StreamRequest;
import io.onggi.stream.StreamSet;
import io.onggi.stream.Streams;

/** Exec, Attach and PortForward: each answers a URL for the kubelet to come to. */
final class StreamRpc {
  private final Streams streams;

  StreamRpc(Streams streams) {
    this.streams = streams;
  }

  ExecResponse exec(ExecRequest request) {
    StreamSet set =
        new StreamSet(
            request.getTty(), request.getStdin(), request.getStdout(), request.getStderr());
    StreamRequest.Exec exec =
        new StreamRequest.Exec(request.getContainerId(), request.getCmdList(), set);
    return ExecResponse.newBuilder().setUrl(streams.url(exec)).build();
  }

  AttachResponse attach(AttachRequest request) {
    StreamSet set =
        new StreamSet(
            request.getTty(), request.getStdin(), request.getStdout(), request.getStderr());
    StreamRequest.Attach attach = new StreamRequest.Attach(request.getContainerId(), set);
    return AttachResponse.newBuilder().setUrl(streams.url(attach)).build();
  }

  PortForwardResponse portForward(PortForwardRequest request) {
    StreamRequest.PortForward forward =
        new StreamRequest.PortForward(request.getPodSandboxId(), request.getPortList());
    return PortForwardResponse.newBuilder().setUrl(streams.url(forward)).build();
  }
}
