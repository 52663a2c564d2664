package io.onggi.sandbox;

import io.onggi.error.CriException;
import io.onggi.linux.PathRules;
import io.onggi.network.PodIdentity;
import io.onggi.network.PortMapping;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Everything that was asked of a sandbox, complete before work begins.
 *
 * @param hostname empty: the host's, allowed only with the host's network
 * @param logDirectory absolute, or empty when no container of the pod logs
 * @param cgroupParent cgroupfs path such as /kubepods/besteffort/podUID; empty: the configured root
 * @param sysctls with dots, as Kubernetes writes them; only namespaced ones
 * @param runtimeHandler empty: the built-in one
 * @param pod what the pod as a whole may use; empty: nothing was said
 */
public record SandboxSpec(
    SandboxName name,
    String hostname,
    String logDirectory,
    Dns dns,
    List<PortMapping> ports,
    Map<String, String> labels,
    Map<String, String> annotations,
    String cgroupParent,
    Map<String, String> sysctls,
    NamespaceModes namespaces,
    boolean privileged,
    String runtimeHandler,
    Optional<PodResources> pod) {

  /** Linux HOST_NAME_MAX. */
  private static final int HOSTNAME_MAX = 64;

  /** Deeper names exist nowhere; the length keeps a hostile one from the pattern. */
  private static final int SYSCTL_MAX = 255;

  private static final Pattern SYSCTL_NAME = Pattern.compile("[a-z0-9_]+([./-][a-zA-Z0-9_]+)+");

  public SandboxSpec {
    ports = List.copyOf(ports);
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    sysctls = Map.copyOf(sysctls);
    if (hostname.length() > HOSTNAME_MAX) {
      throw new CriException.InvalidArgument(
          "hostname of pod " + name + " has " + hostname.length() + " characters, Linux allows 64");
    }
    if (hostname.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
      throw new CriException.InvalidArgument(
          "hostname of pod " + name + " holds a blank or a control character");
    }
    if (!logDirectory.isEmpty() && !logDirectory.startsWith("/")) {
      throw new CriException.InvalidArgument(
          "log_directory \"" + logDirectory + "\" of pod " + name + " is not an absolute path");
    }
    PathRules.check("log_directory", logDirectory);
    PathRules.check("cgroup_parent", cgroupParent);
    sysctls.forEach((key, value) -> checkSysctl(name, namespaces, key, value));
  }

  /** What the pod's network may know of it. */
  PodIdentity identity() {
    return new PodIdentity(
        name.namespace(),
        name.name(),
        name.uid(),
        annotations,
        new PodIdentity.Dns(dns.servers(), dns.searches(), dns.options()),
        cgroupParent);
  }

  private static void checkSysctl(
      SandboxName name, NamespaceModes modes, String key, String value) {
    if (key.length() > SYSCTL_MAX
        || !SYSCTL_NAME.matcher(key).matches()
        || value.indexOf('\0') >= 0) {
      throw new CriException.InvalidArgument(
          "sysctl \"" + key + "\" of pod " + name + " is not a sysctl name with dots");
    }
    boolean net = key.startsWith("net.");
    boolean ipc =
        key.startsWith("kernel.shm")
            || key.startsWith("kernel.msg")
            || key.equals("kernel.sem")
            || key.startsWith("fs.mqueue.");
    boolean hostNet = net && modes.network() == NamespaceMode.NODE;
    boolean hostIpc = ipc && modes.ipc() == NamespaceMode.NODE;
    if (hostNet || hostIpc) {
      throw new CriException.InvalidArgument(
          "sysctl \""
              + key
              + "\" of pod "
              + name
              + " would change the host: the pod has no "
              + "namespace of its own for it");
    }
    if (!net && !ipc) {
      throw new CriException.InvalidArgument(
          "sysctl \""
              + key
              + "\" of pod "
              + name
              + " is not namespaced, it would change the host;"
              + " allowed are net.*, kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.*");
    }
  }

  /** As above, for a pod about whose resources nothing was said. */
  public SandboxSpec(
      SandboxName name,
      String hostname,
      String logDirectory,
      Dns dns,
      List<PortMapping> ports,
      Map<String, String> labels,
      Map<String, String> annotations,
      String cgroupParent,
      Map<String, String> sysctls,
      NamespaceModes namespaces,
      boolean privileged,
      String runtimeHandler) {
    this(
        name,
        hostname,
        logDirectory,
        dns,
        ports,
        labels,
        annotations,
        cgroupParent,
        sysctls,
        namespaces,
        privileged,
        runtimeHandler,
        Optional.empty());
  }

  public PodResources resources() {
    return pod.orElse(PodResources.NONE);
  }

  /** Whether the pod has a cgroup of our own. */
  boolean ownCgroup() {
    return resources().ownCgroup();
  }

  public SandboxSpec withResources(PodResources changed) {
    return new SandboxSpec(
        name,
        hostname,
        logDirectory,
        dns,
        ports,
        labels,
        annotations,
        cgroupParent,
        sysctls,
        namespaces,
        privileged,
        runtimeHandler,
        Optional.of(changed));
  }

  /** The pod's resolv.conf; all empty: the host's own file is used. */
  public record Dns(List<String> servers, List<String> searches, List<String> options) {
    public Dns {
      servers = List.copyOf(servers);
      searches = List.copyOf(searches);
      options = List.copyOf(options);
      requireWords("servers", servers);
      requireWords("searches", searches);
      requireWords("options", options);
    }

    /** A blank would end a word of resolv.conf and a newline its line. */
    private static void requireWords(String field, List<String> words) {
      for (String word : words) {
        if (word.isEmpty() || word.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
          throw new CriException.InvalidArgument(
              "dns_config."
                  + field
                  + ": \""
                  + word
                  + "\" is empty or holds a blank or a control character; give one word each");
        }
      }
    }

    public boolean isEmpty() {
      return servers.isEmpty() && searches.isEmpty() && options.isEmpty();
    }
  }
}
