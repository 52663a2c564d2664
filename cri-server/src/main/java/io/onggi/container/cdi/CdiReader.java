package io.onggi.container.cdi;

import io.onggi.container.OciHooks;
import io.onggi.container.cdi.CdiEdits.CdiFile;
import io.onggi.container.cdi.CdiEdits.CdiHook;
import io.onggi.container.cdi.CdiEdits.CdiMount;
import io.onggi.container.cdi.CdiEdits.DeviceNode;
import io.onggi.container.cdi.CdiEdits.NetDevice;
import io.onggi.container.cdi.CdiEdits.Rdt;
import io.onggi.error.CriException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a CDI spec file. JSON is read as the YAML 1.2 that it is. A file needs at least the version
 * of CDI that has what it uses; unknown keys and versions are refused, for an edit that is left out
 * would be a device that does not work.
 */
final class CdiReader {
  /** A spec of a node with 16 devices of 30 edits has about 200 KB. */
  static final int MAX_BYTES = 4 << 20;

  private static final int MAX_ALIASES = 50;

  private static final List<String> VERSIONS =
      List.of("0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0");

  private static final Set<String> TYPES = Set.of("", "b", "c", "u", "p");
  private static final long MAX_ID = 0xFFFF_FFFEL;
  private static final long MAX_MAJOR = 0xFFF;
  private static final long MAX_MINOR = 0xF_FFFF;
  private static final long MAX_MODE = 07777;

  private final String file;
  private String version = "";

  private CdiReader(String file) {
    this.file = file;
  }

  /**
   * @param file named in complaints
   * @throws CriException.InvalidArgument naming file and key
   */
  static CdiFile read(String file, String text) {
    return new CdiReader(file).read(text);
  }

  private CdiFile read(String text) {
    CdiNode root = CdiNode.of(file, "", load(text));
    root.only(Set.of("cdiVersion", "kind", "annotations", "devices", "containerEdits"));
    version = root.required("cdiVersion");
    version = version.startsWith("v") ? version.substring(1) : version;
    if (!VERSIONS.contains(version)) {
      throw root.wrong("cdiVersion", "\"" + version + "\" is none of " + VERSIONS);
    }
    String kind = root.required("kind");
    if (!CdiName.isKind(kind)) {
      throw root.wrong("kind", "\"" + kind + "\" is not vendor.com/class");
    }
    if (kind.indexOf('.', kind.indexOf('/')) > 0) {
      needs("0.6.0", root, "kind");
    }
    if (root.has("annotations")) {
      needs("0.6.0", root, "annotations");
    }
    CdiEdits common = root.child("containerEdits").map(this::edits).orElse(CdiEdits.NONE);
    return new CdiFile(kind, devices(root), common);
  }

  @SuppressWarnings("NullAway") // an empty document is null, which CdiNode refuses
  private Object load(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false)
            .setMaxAliasesForCollections(MAX_ALIASES)
            .setCodePointLimit(MAX_BYTES)
            .build();
    try {
      return new Load(settings).loadFromString(text);
    } catch (YamlEngineException | StackOverflowError e) {
      String why = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
      throw CdiNode.wrong(file, "", "is neither JSON nor YAML: " + why);
    }
  }

  private void needs(String least, CdiNode node, String key) {
    if (VERSIONS.indexOf(version) < VERSIONS.indexOf(least)) {
      throw node.wrong(key, "needs cdiVersion " + least + ", the file says " + version);
    }
  }

  private Map<String, CdiEdits> devices(CdiNode root) {
    Map<String, CdiEdits> devices = new LinkedHashMap<>();
    for (CdiNode node : root.children("devices")) {
      node.only(Set.of("name", "annotations", "containerEdits"));
      String name = node.required("name");
      if (!CdiName.isName(name)) {
        throw node.wrong("name", "\"" + name + "\" is no name of a device");
      }
      if (Character.isDigit(name.charAt(0))) {
        needs("0.5.0", node, "name");
      }
      if (node.has("annotations")) {
        needs("0.6.0", node, "annotations");
      }
      CdiEdits edits = node.child("containerEdits").map(this::edits).orElse(CdiEdits.NONE);
      if (edits.isEmpty()) {
        throw node.wrong("containerEdits", "device " + name + " edits nothing");
      }
      if (devices.put(name, edits) != null) {
        throw node.wrong("name", "device " + name + " is there twice");
      }
    }
    if (devices.isEmpty()) {
      throw root.wrong("devices", "holds no device");
    }
    return devices;
  }

  private CdiEdits edits(CdiNode node) {
    node.only(
        Set.of(
            "env",
            "deviceNodes",
            "netDevices",
            "mounts",
            "hooks",
            "intelRdt",
            "additionalGids",
            "additionalGIDs"));
    for (String key : List.of("intelRdt", "additionalGids", "additionalGIDs")) {
      if (node.has(key)) {
        needs("0.7.0", node, key);
      }
    }
    if (node.has("netDevices")) {
      needs("1.1.0", node, "netDevices");
    }
    Set<Long> groups = new LinkedHashSet<>(node.numbers("additionalGids", 0, MAX_ID));
    groups.addAll(node.numbers("additionalGIDs", 0, MAX_ID));
    groups.remove(0L);
    return new CdiEdits(
        node.environment("env"),
        node.children("deviceNodes").stream().map(this::deviceNode).toList(),
        netDevices(node),
        node.children("mounts").stream().map(this::mount).toList(),
        node.children("hooks").stream().map(CdiReader::hook).toList(),
        node.child("intelRdt").map(this::rdt),
        new ArrayList<>(groups));
  }

  private DeviceNode deviceNode(CdiNode node) {
    node.only(
        Set.of(
            "path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid"));
    String path = node.path("path");
    if (node.has("hostPath")) {
      needs("0.5.0", node, "hostPath");
    }
    String type = node.string("type").orElse("");
    if (!TYPES.contains(type)) {
      throw node.wrong("type", "\"" + type + "\" is none of b, c, u and p");
    }
    String permissions = node.string("permissions").orElse("");
    if (!permissions.equals("none") && !permissions.matches("[rwm]*")) {
      throw node.wrong("permissions", "\"" + permissions + "\" is not made of r, w and m");
    }
    return new DeviceNode(
        path,
        node.has("hostPath") ? node.path("hostPath") : path,
        type,
        node.number("major", 0, MAX_MAJOR),
        node.number("minor", 0, MAX_MINOR),
        node.number("fileMode", 0, MAX_MODE),
        permissions,
        node.number("uid", 0, MAX_ID),
        node.number("gid", 0, MAX_ID));
  }

  private static List<NetDevice> netDevices(CdiNode node) {
    List<NetDevice> devices = new ArrayList<>();
    for (CdiNode child : node.children("netDevices")) {
      child.only(Set.of("hostInterfaceName", "name"));
      NetDevice device = new NetDevice(child.required("hostInterfaceName"), child.required("name"));
      for (NetDevice other : devices) {
        if (other.hostInterfaceName().equals(device.hostInterfaceName())
            || other.name().equals(device.name())) {
          throw child.wrong("name", "the interface is there twice");
        }
      }
      devices.add(device);
    }
    return devices;
  }

  private CdiMount mount(CdiNode node) {
    node.only(Set.of("hostPath", "containerPath", "type", "options"));
    if (node.has("type")) {
      needs("0.4.0", node, "type");
    }
    return new CdiMount(
        node.required("hostPath"),
        node.path("containerPath"),
        node.string("type").orElse(""),
        node.strings("options"));
  }

  private static CdiHook hook(CdiNode node) {
    node.only(Set.of("hookName", "path", "args", "env", "timeout"));
    String name = node.required("hookName");
    boolean known = Arrays.stream(OciHooks.Point.values()).anyMatch(p -> p.word().equals(name));
    if (!known) {
      throw node.wrong("hookName", "\"" + name + "\" is no hook of the OCI runtime specification");
    }
    return new CdiHook(
        name,
        node.path("path"),
        node.strings("args"),
        node.environment("env"),
        node.number("timeout", 1, Integer.MAX_VALUE));
  }

  private Rdt rdt(CdiNode node) {
    node.only(
        Set.of(
            "closID",
            "l3CacheSchema",
            "memBwSchema",
            "schemata",
            "enableMonitoring",
            "enableCMT",
            "enableMBM"));
    for (String key : List.of("schemata", "enableMonitoring")) {
      if (node.has(key)) {
        needs("1.1.0", node, key);
      }
    }
    Optional<String> group = node.string("closID");
    if (group.isPresent() && !group.get().equals("/") && !group.get().matches("[^/\n]{1,255}")) {
      throw node.wrong("closID", "\"" + group.get() + "\" is no name of a folder");
    }
    return new Rdt(
        group,
        node.string("l3CacheSchema"),
        node.string("memBwSchema"),
        node.has("schemata") ? Optional.of(node.strings("schemata")) : Optional.empty(),
        node.flag("enableMonitoring") || node.flag("enableCMT") || node.flag("enableMBM"));
  }
}
