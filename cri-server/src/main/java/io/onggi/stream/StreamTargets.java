package io.onggi.stream;

import io.onggi.launch.DirectExec;
import io.onggi.launch.ExecSession;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/** What streams lead to: processes of containers and ports of pods. */
public interface StreamTargets {
  /**
   * Refuses what could not work now.
   *
   * @return the request with full ids
   * @throws io.onggi.error.CriException NotFound, FailedPrecondition, InvalidArgument
   */
  StreamRequest check(StreamRequest request);

  /** Starts the command; parks until it runs. */
  DirectExec exec(StreamRequest.Exec request);

  /** Joins the streams of the container's first process. */
  ExecSession attach(StreamRequest.Attach request);

  /**
   * Connects to a port on the pod's loopback.
   *
   * @throws IOException when nobody listens there
   */
  SocketChannel dial(String sandbox, int port) throws IOException;

  /** Runs a forwarded connection, which blocks: on a thread of its own. */
  default void start(Runnable connection) {
    Link.start(connection);
  }
}
