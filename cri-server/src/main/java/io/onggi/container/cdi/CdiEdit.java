package io.onggi.container.cdi;

import io.onggi.container.HostDevices;
import io.onggi.container.OciHooks;
import io.onggi.container.OciSpec;
import io.onggi.container.SpecEdit;
import io.onggi.container.cdi.CdiEdits.CdiHook;
import io.onggi.container.cdi.CdiEdits.CdiMount;
import io.onggi.container.cdi.CdiEdits.DeviceNode;
import io.onggi.error.CriException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Carries out the edits of the CDI devices that a container asks for, by the request's field and by
 * annotations {@code cdi.k8s.io/*} (names with commas between), each device once.
 */
public final class CdiEdit implements SpecEdit {
  private static final String ANNOTATION = "cdi.k8s.io/";
  private static final String ALL = "rwm";
  private static final int USUAL_MODE = 0666;

  private final CdiSpecs specs;

  public CdiEdit(CdiSpecs specs) {
    this.specs = specs;
  }

  @Override
  public OciSpec apply(Request request, OciSpec spec) {
    List<CdiName> names = names(request);
    OciSpec edited = spec;
    if (!names.isEmpty()) {
      for (CdiEdits edits : specs.edits(names)) {
        edited = hooks(mounts(host(devices(process(edited, edits), edits), edits), edits), edits);
      }
    }
    return edited;
  }

  private static List<CdiName> names(Request request) {
    Set<CdiName> names = new LinkedHashSet<>();
    request.container().cdiDevices().forEach(text -> names.add(CdiName.parse(text)));
    request.container().annotations().entrySet().stream()
        .filter(e -> e.getKey().startsWith(ANNOTATION))
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> names.addAll(annotated(e.getKey(), e.getValue())));
    return List.copyOf(names);
  }

  private static List<CdiName> annotated(String key, String value) {
    List<CdiName> names = new ArrayList<>();
    for (String text : value.split(",", -1)) {
      try {
        names.add(CdiName.parse(text));
      } catch (CriException.InvalidArgument e) {
        throw new CriException.InvalidArgument("annotation " + key + ": " + e.getMessage(), e);
      }
    }
    return names;
  }

  /** Environment, a name that is there already with the new value, and groups. */
  private static OciSpec process(OciSpec spec, CdiEdits edits) {
    Map<String, String> variables = new LinkedHashMap<>();
    spec.process().env().forEach(e -> variables.put(name(e), e));
    edits.env().forEach(e -> variables.put(name(e), e));
    OciSpec.User user = spec.process().user();
    Set<Long> groups = new LinkedHashSet<>(user.additionalGids());
    groups.addAll(edits.additionalGids());
    return spec.with(
        spec.process()
            .withEnv(List.copyOf(variables.values()))
            .withUser(new OciSpec.User(user.uid(), user.gid(), List.copyOf(groups))));
  }

  private static String name(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }

  private static OciSpec devices(OciSpec spec, CdiEdits edits) {
    List<OciSpec.Device> nodes = new ArrayList<>(spec.linux().devices());
    List<OciSpec.DeviceCgroup> rules = new ArrayList<>(spec.linux().deviceRules());
    for (DeviceNode wanted : edits.deviceNodes()) {
      OciSpec.Device node = device(wanted, spec.process().user());
      nodes.removeIf(n -> n.path().equals(node.path()));
      nodes.add(node);
      if (!node.type().equals("p") && !wanted.permissions().equals("none")) {
        rules.add(
            new OciSpec.DeviceCgroup(
                true,
                node.type(),
                Optional.of(node.major()),
                Optional.of(node.minor()),
                wanted.permissions().isEmpty() ? ALL : wanted.permissions()));
      }
    }
    return spec.with(spec.linux().withDevices(nodes, rules));
  }

  /** What the file does not say is as on the host; the owner is the container's user. */
  private static OciSpec.Device device(DeviceNode wanted, OciSpec.User user) {
    String type = wanted.type().equals("u") ? "c" : wanted.type();
    boolean whole = !type.isEmpty() && (type.equals("p") || wanted.major().orElse(0L) != 0);
    Optional<OciSpec.Device> host =
        whole ? Optional.empty() : Optional.of(HostDevices.node(wanted.hostPath()));
    if (host.isPresent() && !type.isEmpty() && !host.get().type().equals(type)) {
      throw new CriException.InvalidArgument(
          "CDI device node "
              + wanted.path()
              + ": "
              + wanted.hostPath()
              + " of the host has type "
              + host.get().type()
              + ", the CDI file says "
              + type);
    }
    return new OciSpec.Device(
        host.map(OciSpec.Device::type).orElse(type),
        wanted.path(),
        host.map(OciSpec.Device::major).or(wanted::major).orElse(0L),
        host.map(OciSpec.Device::minor).or(wanted::minor).orElse(0L),
        wanted
            .fileMode()
            .map(Long::intValue)
            .or(() -> host.map(OciSpec.Device::fileMode))
            .orElse(USUAL_MODE),
        wanted.uid().orElse(user.uid()),
        wanted.gid().orElse(user.gid()));
  }

  private static OciSpec host(OciSpec spec, CdiEdits edits) {
    Map<String, OciSpec.NetDevice> interfaces =
        new LinkedHashMap<>(spec.linux().netDevices().orElse(Map.of()));
    edits
        .netDevices()
        .forEach(d -> interfaces.put(d.hostInterfaceName(), new OciSpec.NetDevice(d.name())));
    Optional<OciSpec.IntelRdt> rdt =
        edits
            .intelRdt()
            .map(
                r ->
                    new OciSpec.IntelRdt(
                        r.closID(),
                        r.l3CacheSchema(),
                        r.memBwSchema(),
                        r.schemata(),
                        r.monitoring()))
            .or(() -> spec.linux().intelRdt());
    return spec.with(spec.linux().withHost(interfaces, rdt));
  }

  private static OciSpec mounts(OciSpec spec, CdiEdits edits) {
    if (edits.mounts().isEmpty()) {
      return spec;
    }
    List<OciSpec.Mount> mounts = new ArrayList<>(spec.mounts());
    for (CdiMount wanted : edits.mounts()) {
      OciSpec.Mount mount = mount(wanted);
      mounts.removeIf(m -> m.destination().equals(mount.destination()));
      mounts.add(mount);
    }
    mounts.sort(Comparator.comparingLong(m -> depth(m.destination())));
    return spec.withMounts(mounts);
  }

  /** A bind mount is told by its options, its type is a dummy (SPEC.md, OCI Edits). */
  private static OciSpec.Mount mount(CdiMount wanted) {
    String target = java.nio.file.Path.of(wanted.containerPath()).normalize().toString();
    List<String> options = new ArrayList<>(wanted.options());
    boolean said = options.contains("bind") || options.contains("rbind");
    boolean dummy = Set.of("", "none", "bind").contains(wanted.type());
    if (!said && dummy) {
      options.add(0, "rbind");
    }
    boolean bind = said || dummy;
    if (bind && !wanted.hostPath().startsWith("/")) {
      throw new CriException.InvalidArgument(
          "CDI mount for " + target + ": hostPath \"" + wanted.hostPath() + "\" is not absolute");
    }
    if (target.equals("/")) {
      throw new CriException.InvalidArgument(
          "CDI mount: containerPath \"" + wanted.containerPath() + "\" is the container's root");
    }
    return new OciSpec.Mount(target, bind ? "bind" : wanted.type(), wanted.hostPath(), options);
  }

  private static long depth(String path) {
    return path.chars().filter(c -> c == '/').count();
  }

  private static OciSpec hooks(OciSpec spec, CdiEdits edits) {
    OciHooks hooks = spec.hooks().orElse(OciHooks.NONE);
    for (CdiHook hook : edits.hooks()) {
      OciHooks.Point point = OciHooks.Point.of(hook.hookName()).orElseThrow();
      hooks =
          hooks.plus(
              point,
              new OciHooks.Hook(
                  hook.path(), hook.args(), hook.env(), hook.timeout().map(Long::intValue)));
    }
    return spec.withHooks(hooks);
  }
}
