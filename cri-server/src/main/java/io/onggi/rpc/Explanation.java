package io.onggi.rpc;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.CgroupV1;
import io.onggi.cgroup.CgroupV2;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.ControlWrite;
import io.onggi.container.Container;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.PlanCommands;
import io.onggi.linux.Namespaces;
import io.onggi.network.Attachment;
import io.onggi.network.bridge.BridgeNetwork;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A container as the commands that a person would have typed: its pod, its cgroup, its plan. */
public final class Explanation {
  private final SandboxLayout layout;
  private final Cgroups cgroups;
  private final String bridge;

  /**
   * @param bridge name of the node's bridge
   */
  public Explanation(SandboxLayout layout, Cgroups cgroups, String bridge) {
    this.layout = layout;
    this.cgroups = cgroups;
    this.bridge = bridge;
  }

  String script(Sandbox sandbox, Container container, LaunchPlan plan) {
    List<String> lines = new ArrayList<>();
    lines.add("# the pod: namespaces, kept alive by bind mounts");
    namespaces(sandbox, lines);
    sandbox.attachment().ifPresent(a -> network(sandbox, a, lines));
    lines.add("# the container's cgroup and its limits");
    cgroup(container, lines);
    lines.add("# the container: what its first process does between clone and exec");
    lines.add(PlanCommands.script(plan));
    return String.join("\n", lines);
  }

  private void namespaces(Sandbox sandbox, List<String> lines) {
    String pins = "";
    if (sandbox.spec().namespaces().network() != NamespaceMode.NODE) {
      pins += " --net=" + pin(sandbox, Namespaces.Kind.NET);
      pins += " --uts=" + pin(sandbox, Namespaces.Kind.UTS);
    }
    if (sandbox.spec().namespaces().ipc() != NamespaceMode.NODE) {
      pins += " --ipc=" + pin(sandbox, Namespaces.Kind.IPC);
    }
    lines.add(pins.isEmpty() ? "# all of them are the host's" : "unshare" + pins + " true");
  }

  private void network(Sandbox sandbox, Attachment attachment, List<String> lines) {
    Path netns = pin(sandbox, Namespaces.Kind.NET);
    String link = attachment.hostInterface();
    if (!link.equals(BridgeNetwork.hostInterface(sandbox.id().value()))) {
      lines.add("# its network: CNI plugins, see the node's conflist; each is executed so:");
      lines.add(
          "CNI_COMMAND=ADD CNI_CONTAINERID="
              + sandbox.id()
              + " CNI_NETNS="
              + netns
              + " CNI_IFNAME="
              + attachment.podInterface()
              + " PLUGIN < its configuration");
      return;
    }
    lines.add("# its network: a veth pair, one end on the bridge, the other in the pod");
    lines.add(
        "ip link add "
            + link
            + " type veth peer name "
            + attachment.podInterface()
            + " netns "
            + netns);
    lines.add("ip link set " + link + " master " + bridge + " up");
    String inside = "nsenter --net=" + netns + " ip ";
    lines.add(inside + "link set lo up");
    lines.add(inside + "link set " + attachment.podInterface() + " up");
    attachment
        .addresses()
        .forEach(a -> lines.add(inside + "addr add " + a + " dev " + attachment.podInterface()));
    attachment
        .gateways()
        .forEach(g -> lines.add(inside + "route add default via " + g.getHostAddress()));
  }

  private void cgroup(Container container, List<String> lines) {
    List<Path> folders =
        cgroups.joinFiles(CgroupPath.of(container.cgroup())).stream().map(Path::getParent).toList();
    folders.forEach(folder -> lines.add("mkdir -p " + folder));
    List<ControlWrite> writes =
        cgroups.version() == 1
            ? CgroupV1.compile(container.spec().limits())
            : CgroupV2.compile(container.spec().limits());
    for (ControlWrite write : writes) {
      String folder =
          folders.stream()
              .map(Path::toString)
              .filter(f -> cgroups.version() == 2 || f.contains("/" + write.controller() + "/"))
              .findFirst()
              .orElse("");
      lines.add("echo " + write.value() + " > " + folder + "/" + write.file());
    }
  }

  private Path pin(Sandbox sandbox, Namespaces.Kind kind) {
    return layout.pin(sandbox.id(), kind);
  }
}
