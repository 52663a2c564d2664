package io.onggi.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.StatusRuntimeException;
import io.onggi.proto.ContainerConfig;
import io.onggi.proto.ContainerMetadata;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ListPodSandboxRequest;
import io.onggi.proto.PodSandbox;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.PodSandboxMetadata;
import io.onggi.proto.RemovePodSandboxRequest;
import io.onggi.proto.RunPodSandboxRequest;
import io.onggi.proto.VersionRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A daemon from build/dist with folders, bridge and cgroups of its own. */
public final class Node implements AutoCloseable {
  public static final String IMAGE = "docker.io/onggi/demo:1";

  private final Path folder;
  private final Path root;
  private final List<String> flags;
  private final Process daemon;
  private final Cri cri;
  private Duration cpuUntilServing = Duration.ZERO;

  private Node(Path folder, Path root, List<String> flags, Process daemon, Cri cri) {
    this.folder = folder;
    this.root = root;
    this.flags = List.copyOf(flags);
    this.daemon = daemon;
    this.cri = cri;
  }

  /** Starts a daemon and waits until it answers; with the demo's image if asked for. */
  public static Node start(boolean withImage) {
    Path folder = newFolder();
    return start(folder, folder.resolve("root"), withImage);
  }

  static Node start(Path folder, Path root, boolean withImage) {
    return start(folder, root, List.of(), withImage);
  }

  /** As {@link #start(boolean)}, with more flags; a flag said twice counts the last time. */
  public static Node start(List<String> flags, boolean withImage) {
    Path folder = newFolder();
    return start(folder, folder.resolve("root"), flags, withImage);
  }

  private static Node start(Path folder, Path root, List<String> flags, boolean withImage) {
    List<String> command = command(folder, root);
    command.addAll(flags);
    try {
      Process daemon =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(folder.resolve("onggid.log").toFile()))
              .start();
      Node node = new Node(folder, root, flags, daemon, new Cri(socket(folder)));
      try {
        node.awaitServing();
        if (withImage) {
          node.onggi("load", Programs.demoImage().toString());
        }
      } catch (AssertionError e) {
        node.close();
        throw e;
      }
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path newFolder() {
    try {
      Path folder = Files.createTempDirectory("onggi-e2e-");
      Files.createDirectory(folder.resolve("logs"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The command line of a daemon whose every name comes from the folder's. */
  static List<String> command(Path folder, Path root) {
    String name = folder.getFileName().toString();
    return new ArrayList<>(
        List.of(
            Programs.onggid().toString(),
            "--root=" + root,
            "--state=" + folder.resolve("state"),
            "--socket=" + socket(folder),
            "--registry-config=" + folder.resolve("certs.d"),
            "--bridge=" + bridge(folder),
            "--pod-cidr=10.78.0.0/24",
            "--cni-conf-dir=" + folder.resolve("cni"),
            "--cgroup-root=/" + name));
  }

  private static String bridge(Path folder) {
    String name = folder.getFileName().toString();
    return "ob" + name.substring(Math.max(0, name.length() - 6));
  }

  static Path socket(Path folder) {
    return folder.resolve("onggi.sock");
  }

  private void awaitServing() throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        cri.runtime().version(VersionRequest.getDefaultInstance());
        cpuUntilServing = daemon.info().totalCpuDuration().orElseThrow();
        return;
      } catch (StatusRuntimeException e) {
        if (!daemon.isAlive() || System.nanoTime() > deadline) {
          throw new AssertionError("the daemon does not serve: " + log(), e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  /** User and system time that the daemon had spent when its first answer came. */
  Duration cpuUntilServing() {
    return cpuUntilServing;
  }

  /**
   * Ends the daemon by SIGKILL or SIGTERM and does something before the next one is there.
   *
   * @return the node to use from now on, instead of this one
   */
  public Node restart(boolean kill, Runnable meanwhile) {
    cri.close();
    if (kill) {
      daemon.destroyForcibly();
    } else {
      daemon.destroy();
    }
    if (!await(daemon)) {
      throw new AssertionError("the daemon does not end: " + log());
    }
    meanwhile.run();
    return start(folder, root, flags, false);
  }

  public Cri cri() {
    return cri;
  }

  public Path folder() {
    return folder;
  }

  public long pid() {
    return daemon.pid();
  }

  public String log() {
    try {
      return Files.readString(folder.resolve("onggid.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String onggi(String verb, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(Programs.onggi().toString(), verb, "--socket", socket(folder).toString()));
    command.addAll(List.of(arguments));
    Programs.Result result = Programs.run(command);
    assertEquals(0, result.status(), result.output());
    return result.output();
  }

  public PodSandboxConfig podConfig(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setName(name).setNamespace("e2e").setUid("uid-" + name))
        .setHostname(name)
        .setLogDirectory(folder.resolve("logs").resolve(name).toString())
        .build();
  }

  public String runPod(PodSandboxConfig config) {
    return cri.runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  public CreateContainerRequest container(
      String podId, PodSandboxConfig pod, String name, String... command) {
    makeLogFolder(Path.of(pod.getLogDirectory()).resolve(name));
    return CreateContainerRequest.newBuilder()
        .setPodSandboxId(podId)
        .setSandboxConfig(pod)
        .setConfig(
            ContainerConfig.newBuilder()
                .setMetadata(ContainerMetadata.newBuilder().setName(name))
                .setImage(ImageSpec.newBuilder().setImage(IMAGE))
                .addAllCommand(List.of(command))
                .setLogPath(name + "/0.log"))
        .build();
  }

  /** As the kubelet does: the runtime makes the log file, not its folder. */
  private static void makeLogFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes all pods, ends the daemon, deletes the folder and the (then empty) cgroups. */
  @Override
  public void close() {
    try {
      for (PodSandbox pod :
          cri.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList()) {
        cri.runtime()
            .removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
      }
    } finally {
      cri.close();
      daemon.destroy();
      if (!await(daemon)) {
        daemon.destroyForcibly();
      }
      Facts.removeCgroups(folder.getFileName().toString());
      removeBridge();
      Programs.run(List.of("rm", "-rf", "--one-file-system", folder.toString(), root.toString()));
    }
  }

  /** It outlives the daemon, as the pods on it do. */
  private void removeBridge() {
    String bridge = bridge(folder);
    Programs.run(
        List.of("sh", "-c", "ip link delete $0; nft delete table ip onggi_$0; true", bridge));
  }

  private static boolean await(Process process) {
    try {
      return process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
