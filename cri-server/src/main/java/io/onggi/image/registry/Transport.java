package io.onggi.image.registry;

import io.onggi.image.registry.EndpointFailure.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Sends one GET to one endpoint: with its credentials, through redirects, again when it helps. */
final class Transport {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final int MAX_REDIRECTS = 8;

  private final HttpClients clients;
  private final Authenticator authenticator;
  private final Backoff backoff;

  Transport(HttpClients clients, Authenticator authenticator, Backoff backoff) {
    this.clients = clients;
    this.authenticator = authenticator;
    this.backoff = backoff;
  }

  /** The answer 200, its body still to be read and closed. */
  HttpResponse<InputStream> get(Endpoint endpoint, URI uri, String accept)
      throws InterruptedException, EndpointFailure {
    boolean answered = false;
    int attempt = 0;
    while (true) {
      try {
        HttpResponse<InputStream> response = follow(endpoint, uri, accept);
        int status = response.statusCode();
        if (status == 200) {
          return response;
        }
        List<String> challenges = response.headers().allValues("WWW-Authenticate");
        String explained = Answers.explain(response, Answers.limitedBody(response));
        boolean ours = sameServer(response.request().uri(), endpoint.base());
        if (status == 401 && ours && !answered && authenticator.answer(endpoint, challenges)) {
          answered = true;
        } else if (!(isPassing(status) && attempt < Backoff.RETRIES)) {
          throw new EndpointFailure(kind(status), explained, null);
        } else {
          backoff.pause(attempt++);
        }
      } catch (IOException e) {
        if (attempt == Backoff.RETRIES || !mayHelp(e)) {
          throw new EndpointFailure(Kind.UNREACHABLE, "GET " + uri + ": " + describe(e), e);
        }
        backoff.pause(attempt++);
      }
    }
  }

  private HttpResponse<InputStream> follow(Endpoint endpoint, URI start, String accept)
      throws IOException, InterruptedException, EndpointFailure {
    HttpClient client = clients.client(endpoint.tls());
    URI uri = start;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpResponse<InputStream> response =
          client.send(request(endpoint, uri, accept), HttpResponse.BodyHandlers.ofInputStream());
      Optional<String> location = response.headers().firstValue("Location");
      if (response.statusCode() / 100 != 3 || location.isEmpty()) {
        return response;
      }
      response.body().close();
      uri = target(uri, location.get());
    }
    throw new EndpointFailure(
        Kind.OTHER, "GET " + start + ": more than " + MAX_REDIRECTS + " redirects", null);
  }

  private static URI target(URI from, String location) throws EndpointFailure {
    try {
      URI target = from.resolve(location);
      if (target.getHost() != null && List.of("http", "https").contains(target.getScheme())) {
        return target;
      }
    } catch (IllegalArgumentException _) {
      // the same complaint
    }
    throw new EndpointFailure(
        Kind.OTHER, "GET " + from + ": redirected to an unusable address: " + location, null);
  }

  private HttpRequest request(Endpoint endpoint, URI uri, String accept) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(uri)
            .timeout(ANSWER_TIMEOUT)
            .header("Accept", accept)
            .header("User-Agent", "onggi");
    if (uri.getScheme().equals("http")) {
      builder.version(HttpClient.Version.HTTP_1_1); // no "Upgrade: h2c", which confuses servers
    }
    // What opens this server's door is not another server's to see.
    if (sameServer(uri, endpoint.base())) {
      endpoint.headers().forEach((name, values) -> values.forEach(v -> builder.header(name, v)));
      authenticator
          .authorization(endpoint)
          .ifPresent(value -> builder.setHeader("Authorization", value));
    }
    return builder.build();
  }

  private static boolean sameServer(URI one, URI other) {
    return Objects.equals(one.getScheme(), other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return uri.getScheme().equals("http") ? 80 : 443;
  }

  private static boolean isPassing(int status) {
    return status == 429 || status >= 500;
  }

  private static Kind kind(int status) {
    return switch (status) {
      case 401, 403 -> Kind.DENIED;
      case 404 -> Kind.NOT_FOUND;
      case 400 -> Kind.BAD_REQUEST;
      default -> isPassing(status) ? Kind.UNREACHABLE : Kind.OTHER;
    };
  }

  /** A reset may be an accident; nobody listening, no such name and no common TLS are not. */
  private static boolean mayHelp(IOException e) {
    return !(e instanceof ConnectException
        || e instanceof HttpConnectTimeoutException
        || e instanceof SSLException
        || e instanceof UnknownHostException);
  }

  /** The JDK's ConnectException has no message of its own. */
  static String describe(IOException e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof java.nio.channels.UnresolvedAddressException) {
        return "no such host";
      }
      if (at.getMessage() != null && !at.getMessage().isBlank()) {
        return at.getMessage();
      }
    }
    return e instanceof ConnectException ? "connection refused" : e.getClass().getSimpleName();
  }
}
