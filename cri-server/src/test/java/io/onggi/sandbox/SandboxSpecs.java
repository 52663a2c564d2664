package io.onggi.sandbox;

import java.util.List;
import java.util.Map;

/** Sandbox specs for tests. */
public final class SandboxSpecs {
  public static final SandboxSpec.Dns NO_DNS = new SandboxSpec.Dns(List.of(), List.of(), List.of());

  private SandboxSpecs() {}

  public static SandboxName name(String name) {
    return new SandboxName(name, "uid-" + name, "default", 0);
  }

  /** What the kubelet asks for a plain pod: its own pid namespace for each container. */
  public static SandboxSpec plain(String name) {
    return of(
        name,
        new NamespaceModes(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, ""));
  }

  public static SandboxSpec of(String name, NamespaceModes modes) {
    return of(name, modes, Map.of(), false);
  }

  public static SandboxSpec of(
      String name, NamespaceModes modes, Map<String, String> sysctls, boolean privileged) {
    return new SandboxSpec(
        name(name),
        name,
        "/var/log/pods/" + name,
        NO_DNS,
        List.of(),
        Map.of("app", name),
        Map.of("note", "as \u00e9crit"),
        "",
        sysctls,
        modes,
        privileged,
        "");
  }

  /** With another hostname and log directory. */
  public static SandboxSpec hostname(String hostname, String logDirectory) {
    SandboxSpec plain = plain("p");
    return new SandboxSpec(
        plain.name(),
        hostname,
        logDirectory,
        NO_DNS,
        List.of(),
        Map.of(),
        Map.of(),
        "",
        Map.of(),
        plain.namespaces(),
        false,
        "");
  }
}
