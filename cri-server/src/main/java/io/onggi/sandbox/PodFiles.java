package io.onggi.sandbox;

import io.onggi.error.CriException;
import io.onggi.network.Attachment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The files that every container of a pod sees in /etc: hosts, hostname, resolv.conf. */
public final class PodFiles {
  private static final Path HOST_HOSTS = Path.of("/etc/hosts");
  private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final Path HOST_HOSTNAME = Path.of("/proc/sys/kernel/hostname");

  private final SandboxLayout layout;

  PodFiles(SandboxLayout layout) {
    this.layout = layout;
  }

  /**
   * Writes all three; a file that is there is replaced.
   *
   * @param attachment empty: the pod uses the host's network and sees the host's own hosts file
   */
  void write(SandboxId id, SandboxSpec spec, Attachment attachment) {
    write(id, spec, Optional.of(attachment));
  }

  void writeForHostNetwork(SandboxId id, SandboxSpec spec) {
    write(id, spec, Optional.empty());
  }

  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // private, the two callers above
  private void write(SandboxId id, SandboxSpec spec, Optional<Attachment> attachment) {
    try {
      String hostname = hostname(spec);
      Files.writeString(layout.hostname(id), hostname + "\n");
      Files.writeString(layout.resolvConf(id), resolvConf(spec.dns()));
      Files.writeString(
          layout.hosts(id),
          attachment.isPresent() ? hosts(hostname, attachment.get()) : readOrEmpty(HOST_HOSTS));
      if (spec.namespaces().user().isPresent()) {
        UserMapping user = spec.namespaces().user().get();
        for (Path file : List.of(layout.hosts(id), layout.hostname(id), layout.resolvConf(id))) {
          Files.setAttribute(file, "unix:uid", (int) user.rootUid());
          Files.setAttribute(file, "unix:gid", (int) user.rootGid());
        }
      }
    } catch (IOException e) {
      throw new CriException.Internal(
          "writing the files of sandbox " + id + " below " + layout.directory(id) + ": " + e, e);
    }
  }

  /** The pod's name for itself: what was asked, else the host's, as a new UTS namespace has it. */
  public static String hostname(SandboxSpec spec) {
    return spec.hostname().isEmpty() ? readOrEmpty(HOST_HOSTNAME).strip() : spec.hostname();
  }

  private static String hosts(String hostname, Attachment attachment) {
    StringBuilder text =
        new StringBuilder(
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """);
    attachment
        .addresses()
        .forEach(a -> text.append(a.address().getHostAddress() + "\t" + hostname + "\n"));
    return text.toString();
  }

  private static String resolvConf(SandboxSpec.Dns dns) {
    if (dns.isEmpty()) {
      return readOrEmpty(HOST_RESOLV_CONF);
    }
    StringBuilder text = new StringBuilder();
    if (!dns.searches().isEmpty()) {
      text.append("search ").append(String.join(" ", dns.searches())).append('\n');
    }
    dns.servers().forEach(s -> text.append("nameserver ").append(s).append('\n'));
    if (!dns.options().isEmpty()) {
      text.append("options ").append(String.join(" ", dns.options())).append('\n');
    }
    return text.toString();
  }

  private static String readOrEmpty(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException _) {
      return ""; // a host without the file: the pod has an empty one
    }
  }
}
