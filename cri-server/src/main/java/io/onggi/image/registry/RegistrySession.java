package io.onggi.image.registry;

import io.onggi.error.CriException;
import io.onggi.image.content.BadContent;
import io.onggi.image.content.Descriptor;
import io.onggi.image.content.Digest;
import io.onggi.image.content.ImageReference;
import io.onggi.image.content.Manifest;
import io.onggi.image.layer.LayerSource;
import io.onggi.image.layer.VerifiedStream;
import io.onggi.image.registry.Endpoint.Capability;
import io.onggi.image.registry.EndpointFailure.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The content of one repository, asked of one endpoint after another until one gives it. What comes
 * is checked against its digest; a mirror with wrong bytes is passed over like one that is down.
 *
 * <p>All methods throw {@code CriException.NotFound} when the registry has no such thing, and
 * {@code CriException.Unknown} otherwise, naming every endpoint that was tried; it begins with
 * {@code RegistryUnavailable: } when none gave an answer (kubelet pkg/kubelet/images).
 */
public final class RegistrySession {
  /** The distribution specification lets a registry refuse more; bounds our memory. */
  private static final int MAX_MANIFEST = 4 << 20;

  private static final int MAX_CONFIG = 8 << 20;

  private final ImageReference reference;
  private final List<Endpoint> endpoints;
  private final Transport transport;
  private final Backoff backoff;
  private final UnaryOperator<InputStream> guard;

  /** A manifest or index as it was served. */
  @SuppressWarnings("ArrayRecordComponent") // bytes to parse and store, never compared
  public record Document(byte[] bytes, String mediaType, Digest digest) {}

  @FunctionalInterface
  private interface Attempt<T> {
    T at(Endpoint endpoint) throws IOException, InterruptedException, EndpointFailure;
  }

  RegistrySession(
      ImageReference reference,
      List<Endpoint> endpoints,
      Transport transport,
      Backoff backoff,
      UnaryOperator<InputStream> guard) {
    this.reference = reference;
    this.endpoints = List.copyOf(endpoints);
    this.transport = transport;
    this.backoff = backoff;
    this.guard = guard;
  }

  /** What the reference names: by its digest if it has one, else by its tag. */
  public Document manifest() {
    Optional<Digest> digest = reference.digest();
    String what = digest.map(Digest::toString).orElseGet(() -> reference.tag().orElse("latest"));
    Capability needed = digest.isPresent() ? Capability.PULL : Capability.RESOLVE;
    return first("manifest of " + reference, needed, endpoint -> document(endpoint, what, digest));
  }

  /** A manifest that an index points to. */
  public Document manifest(Descriptor descriptor) {
    Digest digest = descriptor.digest();
    return first(
        "manifest " + digest + " of " + reference,
        Capability.PULL,
        endpoint -> document(endpoint, digest.toString(), Optional.of(digest)));
  }

  private Document document(Endpoint endpoint, String what, Optional<Digest> want)
      throws IOException, InterruptedException, EndpointFailure {
    String path = reference.repository() + "/manifests/" + what;
    HttpResponse<InputStream> response =
        transport.get(endpoint, endpoint.at(path), Manifest.ACCEPT);
    byte[] bytes = whole(response, MAX_MANIFEST);
    Digest actual = Digest.of(bytes);
    Optional<String> header = response.headers().firstValue("Docker-Content-Digest");
    String expected = want.map(Digest::toString).or(() -> header).orElse(actual.toString());
    if (!expected.equals(actual.toString())) {
      throw new BadContent(
          "GET " + endpoint.at(path) + ": digest mismatch: want " + expected + ", got " + actual);
    }
    String type = response.headers().firstValue("Content-Type").orElse("");
    int semicolon = type.indexOf(';');
    return new Document(bytes, semicolon < 0 ? type : type.substring(0, semicolon), actual);
  }

  private byte[] whole(HttpResponse<InputStream> response, int limit) throws IOException {
    try (InputStream body = guard.apply(response.body())) {
      byte[] bytes = body.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new BadContent(
            "GET " + response.request().uri() + ": more than " + limit + " bytes of JSON");
      }
      return bytes;
    }
  }

  /** A configuration, whole in memory. */
  public byte[] config(Descriptor descriptor) {
    String name = "configuration " + descriptor.digest() + " of " + reference;
    if (descriptor.size() > MAX_CONFIG) {
      throw new CriException.Unknown(
          name + " has " + descriptor.size() + " bytes; at most " + MAX_CONFIG, null);
    }
    return blob(name, descriptor).read(InputStream::readAllBytes);
  }

  /** A layer, to be streamed. */
  public LayerSource layer(Descriptor descriptor) {
    return blob("layer " + descriptor.digest() + " of " + reference, descriptor);
  }

  private LayerSource blob(String name, Descriptor descriptor) {
    return new LayerSource() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public <T> T read(Reader<T> reader) {
        return first(name, Capability.PULL, e -> transfer(e, name, descriptor, reader));
      }
    };
  }

  private <T> T transfer(
      Endpoint endpoint, String name, Descriptor descriptor, LayerSource.Reader<T> reader)
      throws InterruptedException, EndpointFailure {
    var uri = endpoint.at(reference.repository() + "/blobs/" + descriptor.digest());
    for (int attempt = 0; ; attempt++) {
      InputStream answer = transport.get(endpoint, uri, "*/*").body();
      try (InputStream body = guard.apply(answer)) {
        return reader.read(new VerifiedStream(name, body, descriptor.digest(), descriptor.size()));
      } catch (IOException e) {
        if (attempt == Backoff.RETRIES) {
          throw new EndpointFailure(Kind.OTHER, "GET " + uri + ": " + Transport.describe(e), e);
        }
        backoff.pause(attempt);
      }
    }
  }

  private <T> T first(String what, Capability needed, Attempt<T> attempt) {
    List<EndpointFailure> failures = new ArrayList<>();
    Set<String> answered = new HashSet<>();
    for (Endpoint endpoint : endpoints) {
      String server = endpoint.base().getRawAuthority();
      if (!endpoint.capabilities().contains(needed) || answered.contains(server)) {
        continue;
      }
      try {
        return attempt.at(endpoint);
      } catch (EndpointFailure e) {
        failures.add(e);
      } catch (BadContent e) {
        failures.add(new EndpointFailure(Kind.OTHER, String.valueOf(e.getMessage()), e));
      } catch (IOException e) {
        String message = endpoint.base() + ": " + Transport.describe(e);
        failures.add(new EndpointFailure(Kind.UNREACHABLE, message, e));
      } catch (InterruptedException e) {
        throw new CriException.Unavailable("fetch " + what + ": the daemon is stopping", e);
      }
      if (failures.getLast().isAnswer()) {
        answered.add(server);
      }
    }
    throw failure(what, failures);
  }

  private static CriException failure(String what, List<EndpointFailure> failures) {
    if (failures.isEmpty()) {
      return new CriException.FailedPrecondition(
          "fetch " + what + ": no endpoint in hosts.toml has the capability for it");
    }
    // An answer outranks silence, and the last one asked is the registry itself.
    EndpointFailure decisive =
        failures.stream()
            .filter(f -> f.kind() != Kind.UNREACHABLE)
            .reduce((_, later) -> later)
            .orElse(failures.getLast());
    String tried = failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
    return switch (decisive.kind()) {
      case NOT_FOUND -> new CriException.NotFound("fetch " + what + ": not found: " + tried);
      case DENIED ->
          new CriException.Unknown(
              "fetch " + what + ": access denied: check the name and the pull secret: " + tried,
              decisive);
      case UNREACHABLE ->
          new CriException.Unknown("RegistryUnavailable: fetch " + what + ": " + tried, decisive);
      case OTHER, BAD_REQUEST -> new CriException.Unknown("fetch " + what + ": " + tried, decisive);
    };
  }
}
