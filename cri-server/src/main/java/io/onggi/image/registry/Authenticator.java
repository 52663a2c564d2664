package io.onggi.image.registry;

import io.onggi.image.content.BadContent;
import io.onggi.image.content.Json;
import io.onggi.image.registry.EndpointFailure.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers the challenges of the endpoints of one pull: Basic, and Bearer through a token server
 * (distribution specification; Docker's token authentication). What it has learned is kept for the
 * pull. Credentials go to the upstream and to the token server that it names, to nobody else.
 */
final class Authenticator {
  private static final Duration TOKEN_TIMEOUT = Duration.ofSeconds(30);

  private final String repository;
  private final Optional<Credentials> credentials;
  private final HttpClients clients;
  private final Map<Endpoint, String> authorizations = new ConcurrentHashMap<>();

  Authenticator(String repository, Optional<Credentials> credentials, HttpClients clients) {
    this.repository = repository;
    this.credentials = credentials;
    this.clients = clients;
  }

  /** The Authorization header that is known for this endpoint. */
  Optional<String> authorization(Endpoint endpoint) {
    String known = authorizations.get(endpoint);
    if (known != null) {
      return Optional.of(known);
    }
    return credentials(endpoint)
        .map(Credentials::registryToken)
        .filter(token -> !token.isEmpty())
        .map(token -> "Bearer " + token);
  }

  private Optional<Credentials> credentials(Endpoint endpoint) {
    return endpoint.upstream() ? credentials : Optional.empty();
  }

  /**
   * Takes up a 401's challenges; false when none can be answered, so that asking again is no use.
   */
  boolean answer(Endpoint endpoint, List<String> headers)
      throws IOException, InterruptedException, EndpointFailure {
    List<Challenge> challenges =
        headers.stream().flatMap(h -> Challenge.parse(h).stream()).toList();
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("bearer")) {
        authorizations.put(endpoint, "Bearer " + token(endpoint, challenge));
        return true;
      }
    }
    Optional<Credentials> login = credentials(endpoint).filter(Credentials::hasLogin);
    if (login.isPresent() && challenges.stream().anyMatch(c -> c.scheme().equals("basic"))) {
      authorizations.put(endpoint, basic(login.get()));
      return true;
    }
    return false;
  }

  private static String basic(Credentials login) {
    String pair = login.username() + ":" + login.password();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private String token(Endpoint endpoint, Challenge challenge)
      throws IOException, InterruptedException, EndpointFailure {
    URI realm = realm(endpoint, challenge);
    String scope =
        challenge.parameters().getOrDefault("scope", "repository:" + repository + ":pull");
    String service = challenge.parameters().getOrDefault("service", "");
    Optional<Credentials> login = credentials(endpoint);
    HttpRequest request =
        login.filter(c -> !c.identityToken().isEmpty()).isPresent()
            ? refresh(realm, service, scope, login.get().identityToken())
            : fetch(realm, service, scope, login.filter(Credentials::hasLogin));
    HttpClient client = clients.client(endpoint.tls());
    HttpResponse<java.io.InputStream> response =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    byte[] body = Answers.limitedBody(response);
    if (response.statusCode() != 200) {
      throw new EndpointFailure(
          response.statusCode() / 100 == 4 ? Kind.DENIED : Kind.OTHER,
          "token server " + Answers.explain(response, body),
          null);
    }
    return readToken(realm, body);
  }

  private static URI realm(Endpoint endpoint, Challenge challenge) throws EndpointFailure {
    String text = challenge.parameters().getOrDefault("realm", "");
    try {
      URI realm = new URI(text);
      boolean https = "https".equals(realm.getScheme());
      boolean http = "http".equals(realm.getScheme()) && "http".equals(endpoint.base().getScheme());
      if (realm.getHost() != null && (https || http)) {
        return realm;
      }
    } catch (java.net.URISyntaxException _) {
      // the same complaint
    }
    throw new EndpointFailure(
        Kind.OTHER, endpoint.base() + " names an unusable token server \"" + text + "\"", null);
  }

  private static HttpRequest fetch(
      URI realm, String service, String scope, Optional<Credentials> login) {
    String query = (service.isEmpty() ? "" : "service=" + encoded(service) + "&") + "scope=";
    String separator = realm.getRawQuery() == null ? "?" : "&";
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(realm + separator + query + encoded(scope)))
            .timeout(TOKEN_TIMEOUT);
    login.ifPresent(c -> builder.header("Authorization", basic(c)));
    return builder.build();
  }

  private static HttpRequest refresh(URI realm, String service, String scope, String token) {
    String form =
        "grant_type=refresh_token&client_id=onggi&service="
            + encoded(service)
            + "&scope="
            + encoded(scope)
            + "&refresh_token="
            + encoded(token);
    return HttpRequest.newBuilder(realm)
        .timeout(TOKEN_TIMEOUT)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(HttpRequest.BodyPublishers.ofString(form))
        .build();
  }

  private static String readToken(URI realm, byte[] body) throws EndpointFailure {
    try {
      Json json = Json.parse("answer of token server " + realm, body);
      String token = json.string("token").or(() -> unchecked(json)).orElse("");
      // A header value with other bytes would be refused by the HTTP client with less to say.
      if (!token.isEmpty() && token.chars().allMatch(c -> c > ' ' && c < 127)) {
        return token;
      }
    } catch (BadContent e) {
      throw new EndpointFailure(Kind.OTHER, String.valueOf(e.getMessage()), e);
    }
    throw new EndpointFailure(Kind.OTHER, "token server " + realm + " gave no token", null);
  }

  private static Optional<String> unchecked(Json json) {
    return json.string("access_token");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
