package io.onggi.container;

import io.onggi.cgroup.Limits;
import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.error.CriException;
import io.onggi.launch.RawText;
import io.onggi.sandbox.SandboxId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that was asked of a container, complete before work begins.
 *
 * @param sandbox the pod it belongs to
 * @param name with {@code attempt} unique in the sandbox
 * @param attempt how often the kubelet has made this container before, from 0
 * @param image reference or id to run, as given
 * @param userImage what the user wrote; empty: the same as {@code image}
 * @param command replaces the image's entrypoint when not empty (and then its cmd is dropped)
 * @param args replaces the image's cmd when not empty
 * @param workingDirectory empty: the image's, else /
 * @param env in order, added to the image's; a later key replaces an earlier one
 * @param cdiDevices names as vendor.com/class=device
 * @param logPath relative to the sandbox's log directory; empty: output is dropped
 * @param stopSignal empty: the image's, else SIGTERM
 * @param oomScoreAdj /proc/PID/oom_score_adj, -1000..1000
 */
public record ContainerSpec(
    SandboxId sandbox,
    String name,
    int attempt,
    String image,
    String userImage,
    List<String> command,
    List<String> args,
    String workingDirectory,
    List<EnvironmentVariable> env,
    List<MountSpec> mounts,
    List<DeviceSpec> devices,
    List<String> cdiDevices,
    Map<String, String> labels,
    Map<String, String> annotations,
    String logPath,
    boolean stdin,
    boolean stdinOnce,
    boolean terminal,
    String stopSignal,
    Limits limits,
    OptionalInt oomScoreAdj,
    SecuritySpec security) {

  private static final int MAX_MOUNTS = 1000;

  public ContainerSpec {
    command = List.copyOf(command);
    args = List.copyOf(args);
    env = List.copyOf(env);
    mounts = List.copyOf(mounts);
    devices = List.copyOf(devices);
    cdiDevices = List.copyOf(cdiDevices);
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    limits.requireWhole();
    if (name.isEmpty()) {
      throw new CriException.InvalidArgument(
          "container config for sandbox " + sandbox + ": metadata.name is empty");
    }
    if (image.isEmpty()) {
      throw new CriException.InvalidArgument(
          "container " + name + ": image.image is empty; name an image that was pulled");
    }
    if (mounts.size() > MAX_MOUNTS) {
      throw new CriException.InvalidArgument(
          "container "
              + name
              + ": "
              + mounts.size()
              + " mounts are more than the "
              + MAX_MOUNTS
              + " that a container can have");
    }
    requireNoNul(name, "command", command);
    requireNoNul(name, "args", args);
    requireNoNul(name, "working_dir", List.of(workingDirectory));
    requireNoNul(name, "log_path", List.of(logPath));
    if (logPath.startsWith("/") || ("/" + logPath + "/").contains("/../")) {
      throw new CriException.InvalidArgument(
          "container "
              + name
              + ": log_path \""
              + logPath
              + "\" must be relative to the pod's log_directory and stay in it");
    }
  }

  private static void requireNoNul(String container, String field, List<String> values) {
    if (values.stream().anyMatch(v -> v.indexOf('\0') >= 0)) {
      throw new CriException.InvalidArgument(
          "container " + container + ": " + field + " holds a NUL byte, no system call takes it");
    }
  }

  public ContainerSpec withLimits(Limits changed) {
    return with(mounts, changed);
  }

  /** The same with mounts whose images are named by their ids. */
  ContainerSpec withMounts(List<MountSpec> resolved) {
    return with(resolved, limits);
  }

  private ContainerSpec with(List<MountSpec> otherMounts, Limits otherLimits) {
    return new ContainerSpec(
        sandbox,
        name,
        attempt,
        image,
        userImage,
        command,
        args,
        workingDirectory,
        env,
        otherMounts,
        devices,
        cdiDevices,
        labels,
        annotations,
        logPath,
        stdin,
        stdinOnce,
        terminal,
        stopSignal,
        otherLimits,
        oomScoreAdj,
        security);
  }

  /** For messages: {@code name (attempt N)}. */
  public String title() {
    return name + " (attempt " + attempt + ")";
  }

  /**
   * One variable.
   *
   * @param value may hold any bytes but NUL; bytes that are not UTF-8 are carried as lone
   *     surrogates ({@link io.onggi.launch.RawText})
   */
  public record EnvironmentVariable(String key, String value) {
    /** Linux MAX_ARG_STRLEN, less the NUL at its end and the '=' between. */
    private static final int LONGEST = 131_070;

    public EnvironmentVariable {
      if (key.isEmpty() || key.indexOf('=') >= 0 || key.indexOf('\0') >= 0) {
        throw new CriException.InvalidArgument(
            "environment variable name \"" + key + "\" is empty or holds '=' or NUL");
      }
      if (value.indexOf('\0') >= 0) {
        throw new CriException.InvalidArgument(
            "environment variable " + key + " holds a NUL byte, which no process can receive");
      }
      if (RawText.bytes(key).length + RawText.bytes(value).length > LONGEST) {
        throw new CriException.InvalidArgument(
            "environment variable "
                + key
                + ": key and value of envs are longer than a process can receive, "
                + LONGEST
                + " bytes together");
      }
    }
  }

  /** CRI MountPropagation. */
  public enum Propagation {
    PRIVATE,
    HOST_TO_CONTAINER,
    BIDIRECTIONAL
  }

  /**
   * A bind mount from the host, or of an image.
   *
   * @param hostPath empty when an image is mounted
   * @param options OCI names of further restrictions ({@link BindOptions}), as given
   * @param idMapped its owners are translated as the pod's user namespace maps them
   */
  public record MountSpec(
      String containerPath,
      String hostPath,
      boolean readOnly,
      boolean recursiveReadOnly,
      Propagation propagation,
      boolean selinuxRelabel,
      List<String> options,
      Optional<ImageVolume> image,
      boolean idMapped) {
    /** With the owners that it has on the node. */
    public MountSpec(
        String containerPath,
        String hostPath,
        boolean readOnly,
        boolean recursiveReadOnly,
        Propagation propagation,
        boolean selinuxRelabel,
        List<String> options,
        Optional<ImageVolume> image) {
      this(
          containerPath,
          hostPath,
          readOnly,
          recursiveReadOnly,
          propagation,
          selinuxRelabel,
          options,
          image,
          false);
    }

    /** From the host, without further options. */
    public MountSpec(
        String containerPath,
        String hostPath,
        boolean readOnly,
        boolean recursiveReadOnly,
        Propagation propagation,
        boolean selinuxRelabel) {
      this(
          containerPath,
          hostPath,
          readOnly,
          recursiveReadOnly,
          propagation,
          selinuxRelabel,
          List.of(),
          Optional.empty());
    }

    MountSpec withImage(ImageVolume resolved) {
      return new MountSpec(
          containerPath,
          hostPath,
          readOnly,
          recursiveReadOnly,
          propagation,
          selinuxRelabel,
          options,
          Optional.of(resolved),
          idMapped);
    }

    public MountSpec {
      options = List.copyOf(options);
      if (!containerPath.startsWith("/")) {
        throw new CriException.InvalidArgument(
            "mount container_path \"" + containerPath + "\" is not absolute");
      }
      if (image.isEmpty() && !hostPath.startsWith("/")) {
        throw new CriException.InvalidArgument(
            "mount for " + containerPath + ": host_path \"" + hostPath + "\" is not absolute");
      }
      requireNoNul("mount", "container_path or host_path", List.of(containerPath, hostPath));
      if (java.nio.file.Path.of(containerPath).normalize().getNameCount() == 0) {
        throw new CriException.InvalidArgument(
            "mount container_path \""
                + containerPath
                + "\" is the container's root, which its image makes");
      }
      if (recursiveReadOnly && (!readOnly || propagation != Propagation.PRIVATE)) {
        throw new CriException.InvalidArgument(
            "mount for "
                + containerPath
                + ": recursive_read_only requires readonly and private propagation");
      }
      MountRules.check(
          containerPath, hostPath, readOnly, propagation, selinuxRelabel, options, image);
    }
  }

  /** A device node of the host. */
  public record DeviceSpec(String containerPath, String hostPath, String permissions) {
    public DeviceSpec {
      requireNoNul("device", "container_path or host_path", List.of(containerPath, hostPath));
      if (!containerPath.startsWith("/")) {
        throw new CriException.InvalidArgument(
            "device container_path \"" + containerPath + "\" is not absolute");
      }
      if (!permissions.matches("[rwm]*")) {
        throw new CriException.InvalidArgument(
            "device "
                + containerPath
                + ": permissions \""
                + permissions
                + "\" are not made of r, w and m");
      }
    }
  }

  /**
   * Who the container's process is and what it may do.
   *
   * @param addCapabilities with or without CAP_, or ALL
   */
  public record SecuritySpec(
      boolean privileged,
      List<String> addCapabilities,
      List<String> dropCapabilities,
      List<String> ambientCapabilities,
      io.onggi.sandbox.NamespaceModes namespaces,
      Optional<Long> runAsUser,
      Optional<Long> runAsGroup,
      String runAsUsername,
      List<Long> supplementalGroups,
      boolean strictGroups,
      boolean readOnlyRootfs,
      boolean noNewPrivileges,
      List<String> maskedPaths,
      List<String> readonlyPaths,
      SeccompChoice seccomp) {
    public SecuritySpec {
      addCapabilities = List.copyOf(addCapabilities);
      dropCapabilities = List.copyOf(dropCapabilities);
      ambientCapabilities = List.copyOf(ambientCapabilities);
      supplementalGroups = List.copyOf(supplementalGroups);
      maskedPaths = List.copyOf(maskedPaths);
      readonlyPaths = List.copyOf(readonlyPaths);
      if (runAsGroup.isPresent() && runAsUser.isEmpty() && runAsUsername.isEmpty()) {
        throw new CriException.InvalidArgument(
            "run_as_group is set without run_as_user or run_as_username; set one of them too");
      }
    }
  }
}
