package io.onggi.image.registry;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One server that answers for a registry: the registry itself or a mirror.
 *
 * @param base everything before {@code /REPOSITORY/manifests/...}, such as {@code
 *     https://registry-1.docker.io/v2}
 * @param upstream whether the user's credentials are meant for it; a mirror gets none
 * @param headers sent with each request to this server only
 * @param namespace the registry it answers for, for a mirror of several; empty for the upstream
 */
record Endpoint(
    URI base,
    boolean upstream,
    Set<Capability> capabilities,
    Tls tls,
    Map<String, List<String>> headers,
    Optional<String> namespace) {

  Endpoint {
    capabilities = Set.copyOf(capabilities);
    headers = Map.copyOf(headers);
  }

  /** What a server is trusted with (containerd's hosts.toml). */
  enum Capability {
    /** Content by digest. */
    PULL,
    /** Which digest a tag means. */
    RESOLVE
  }

  /**
   * How to speak TLS with it.
   *
   * @param skipVerify believe any certificate
   * @param ca PEM files with further roots
   * @param clients client certificates to present
   */
  record Tls(boolean skipVerify, List<Path> ca, List<Client> clients) {
    static final Tls USUAL = new Tls(false, List.of(), List.of());

    Tls {
      ca = List.copyOf(ca);
      clients = List.copyOf(clients);
    }
  }

  /** A client certificate in PEM; the key is in the same file when {@code key} equals it. */
  record Client(Path certificate, Path key) {}

  /** The address of something below the base, with the mirror's namespace when it needs one. */
  URI at(String path) {
    String query = namespace.map(name -> "?ns=" + name).orElse("");
    return URI.create(base + "/" + path + query);
  }
}
