package io.onggi.linux;

import io.onggi.error.CriException;
import io.onggi.linux.Namespaces.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A sysctl that exists once per namespace, and its value. /proc/sys shows the writer's own
 * namespaces, so {@link #write} belongs on the thread that is inside them.
 */
record NamespacedSysctl(String name, String value) {
  private static final Pattern COMPONENT = Pattern.compile("[A-Za-z0-9_:@.-]+");

  /**
   * Checks that the value would stay within {@code kinds}.
   *
   * @param name with dots or with slashes; with slashes a dot is part of an interface's name, as in
   *     sysctl(8)
   */
  static NamespacedSysctl of(String name, String value, Set<Kind> kinds) {
    String slashed = name.contains("/") ? name : name.replace('.', '/');
    for (String component : slashed.split("/", -1)) {
      if (!COMPONENT.matcher(component).matches() || component.matches("\\.+")) {
        throw new CriException.InvalidArgument("sysctl \"" + name + "\" is not a sysctl name");
      }
    }
    Kind owner = ownerOf(slashed, name);
    if (!kinds.contains(owner)) {
      throw new CriException.InvalidArgument(
          "sysctl "
              + name
              + " belongs to the "
              + owner
              + " namespace, but the pod uses the node's: it would change the node");
    }
    return new NamespacedSysctl(slashed, value);
  }

  private static Kind ownerOf(String slashed, String name) {
    if (slashed.startsWith("net/")) {
      return Kind.NET;
    }
    if (slashed.startsWith("kernel/shm")
        || slashed.startsWith("kernel/msg")
        || slashed.equals("kernel/sem")
        || slashed.startsWith("fs/mqueue/")) {
      return Kind.IPC;
    }
    throw new CriException.InvalidArgument(
        "sysctl "
            + name
            + " is not namespaced: it would change the node; a pod may set net.*, kernel.shm*,"
            + " kernel.msg*, kernel.sem and fs.mqueue.*");
  }

  void write() {
    Path file = Path.of("/proc/sys", name);
    try {
      Files.writeString(file, value, StandardOpenOption.WRITE);
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new CriException.InvalidArgument(
          "set sysctl " + name.replace('/', '.') + " to \"" + value + "\": " + why, e);
    }
  }
}
