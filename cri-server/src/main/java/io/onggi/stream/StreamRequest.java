package io.onggi.stream;

import io.onggi.error.CriException;
import java.util.List;

/** What a client may come for with a token. */
public sealed interface StreamRequest {
  /** First part of the URL's path. */
  String verb();

  /** A command in a running container. */
  record Exec(String container, List<String> command, StreamSet streams) implements StreamRequest {
    public Exec {
      command = List.copyOf(command);
      if (container.isEmpty()) {
        throw new CriException.InvalidArgument("Exec: container_id is empty");
      }
      if (command.isEmpty() || command.getFirst().isEmpty()) {
        throw new CriException.InvalidArgument(
            "Exec in container " + container + ": cmd is empty; name a program to run");
      }
      streams.check("Exec in container " + container);
    }

    @Override
    public String verb() {
      return "exec";
    }
  }

  /** The streams of a container's own first process. */
  record Attach(String container, StreamSet streams) implements StreamRequest {
    public Attach {
      if (container.isEmpty()) {
        throw new CriException.InvalidArgument("Attach: container_id is empty");
      }
      streams.check("Attach to container " + container);
    }

    @Override
    public String verb() {
      return "attach";
    }
  }

  /**
   * Connections into a pod.
   *
   * @param ports that the client announced; informative, each connection names its own port
   */
  record PortForward(String sandbox, List<Integer> ports) implements StreamRequest {
    private static final int MAX_PORT = 65535;

    public PortForward {
      ports = List.copyOf(ports);
      if (sandbox.isEmpty()) {
        throw new CriException.InvalidArgument("PortForward: pod_sandbox_id is empty");
      }
      for (int port : ports) {
        if (port < 1 || port > MAX_PORT) {
          throw new CriException.InvalidArgument(
              "PortForward to pod sandbox " + sandbox + ": port " + port + " is not in 1..65535");
        }
      }
    }

    @Override
    public String verb() {
      return "portforward";
    }
  }
}
