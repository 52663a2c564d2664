package io.onggi.network.ipam;

import com.google.common.net.InetAddresses;
import io.onggi.error.CriException;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lease files: one per address and named by it, so that the file system itself refuses to give one
 * address out twice. Lines of "key value"; "end" says that the file is whole, "released" after it
 * that the sandbox is detached. The directory belongs on a tmpfs: after a boot no lease holds.
 */
final class LeaseStore {
  private static final String VERSION = "onggi-lease 1";
  private static final String END = "end";
  private static final String RELEASED = "released";

  private final Path directory;

  LeaseStore(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw failure("create lease directory", directory, e);
    }
  }

  /** Writes the lease; false if the address has a file already. */
  boolean create(Lease lease) {
    Path file = file(lease.address().address());
    try {
      Files.writeString(
          file, format(lease), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return true;
    } catch (FileAlreadyExistsException _) {
      return false;
    } catch (IOException e) {
      CriException failure = failure("write lease", file, e);
      try {
        Files.deleteIfExists(file);
      } catch (IOException suppressed) {
        failure.addSuppressed(suppressed);
      }
      throw failure;
    }
  }

  void markReleased(Lease lease) {
    Path file = file(lease.address().address());
    try {
      Files.writeString(file, RELEASED + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw failure("mark lease released", file, e);
    }
  }

  void delete(InetAddress address) {
    Path file = file(address);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure("delete lease", file, e);
    }
  }

  /**
   * All whole leases. A torn one is deleted: its writer died before it made anything.
   *
   * @throws CriException.Internal on a file of another version, naming it
   */
  List<Lease> load() {
    List<Lease> leases = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (InetAddresses.isInetAddress(file.getFileName() + "")) {
          read(file).ifPresent(leases::add);
        }
      }
    } catch (IOException e) {
      throw failure("read leases in", directory, e);
    }
    return leases;
  }

  /** For the end of a node's life: the directory, if nothing is in it. */
  void deleteDirectory() {
    try {
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw failure("delete lease directory", directory, e);
    }
  }

  private Path file(InetAddress address) {
    return directory.resolve(InetAddresses.toAddrString(address));
  }

  private static Optional<Lease> read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (!lines.contains(END)) {
      Files.delete(file);
      return Optional.empty();
    }
    if (!lines.getFirst().equals(VERSION)) {
      throw new CriException.Internal(
          "lease "
              + file
              + " starts with \""
              + lines.getFirst()
              + "\", this onggid reads \""
              + VERSION
              + "\"; use the version that wrote it, or drain the node and delete the file",
          null);
    }
    try {
      return Optional.of(parse(lines));
    } catch (IllegalArgumentException | CriException e) {
      throw new CriException.Internal("lease " + file + " is damaged: " + e.getMessage(), e);
    }
  }

  static String format(Lease lease) {
    StringBuilder text = new StringBuilder(VERSION).append('\n');
    line(text, "sandbox", lease.sandboxId());
    line(text, "address", lease.address().toString());
    line(text, "gateway", InetAddresses.toAddrString(lease.gateway()));
    line(text, "interface", lease.hostInterface());
    line(text, "mac", lease.mac().toString());
    for (PortMapping port : lease.ports()) {
      String ip = port.hostIp().map(InetAddresses::toAddrString).orElse("-");
      line(
          text,
          "port",
          port.protocol() + " " + port.containerPort() + " " + port.hostPort() + " " + ip);
    }
    return text.append(END).append('\n').toString();
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(' ').append(value).append('\n');
  }

  static Lease parse(List<String> lines) {
    Map<String, String> values = new HashMap<>();
    List<PortMapping> ports = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split(" ", 2);
      if (words.length == 2 && words[0].equals("port")) {
        ports.add(port(words[1]));
      } else if (words.length == 2) {
        values.put(words[0], words[1]);
      }
    }
    return new Lease(
        required(values, "sandbox"),
        IpPrefix.parse(required(values, "address")),
        InetAddresses.forString(required(values, "gateway")),
        required(values, "interface"),
        MacAddress.parse(required(values, "mac")),
        ports,
        lines.contains(RELEASED));
  }

  private static PortMapping port(String text) {
    String[] words = text.split(" ", -1);
    if (words.length != 4) {
      throw new IllegalArgumentException("port \"" + text + "\"");
    }
    return new PortMapping(
        Protocol.valueOf(words[0]),
        Integer.parseInt(words[1]),
        Integer.parseInt(words[2]),
        words[3].equals("-") ? Optional.empty() : Optional.of(InetAddresses.forString(words[3])));
  }

  private static String required(Map<String, String> values, String key) {
    String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no line \"" + key + "\"");
    }
    return value;
  }

  private static CriException failure(String what, Path path, IOException e) {
    return new CriException.Internal(what + " " + path + ": " + e, e);
  }
}
