package io.onggi.image.registry;

import io.onggi.error.CriException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** One HttpClient for each way to speak TLS; they keep the connections. */
final class HttpClients implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);
  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");

  private final Map<Endpoint.Tls, HttpClient> clients = new ConcurrentHashMap<>();

  HttpClient client(Endpoint.Tls tls) {
    return clients.computeIfAbsent(tls, HttpClients::build);
  }

  private static HttpClient build(Endpoint.Tls tls) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            // Redirects are followed by hand, without what is not meant for the other host.
            .followRedirects(HttpClient.Redirect.NEVER);
    if (!tls.equals(Endpoint.Tls.USUAL)) {
      builder.sslContext(context(tls));
    }
    return builder.build();
  }

  private static SSLContext context(Endpoint.Tls tls) {
    try {
      TrustManager[] trust =
          tls.skipVerify()
              ? new TrustManager[] {new TrustAll()}
              : tls.ca().isEmpty() ? null : trustOf(tls.ca());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(tls.clients().isEmpty() ? null : keysOf(tls.clients()), trust, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new CriException.FailedPrecondition(
          "registry configuration: the certificates " + tls + " cannot be used: " + e.getMessage());
    }
  }

  /** The given roots beside the system's own. */
  private static TrustManager[] trustOf(List<Path> files)
      throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    int count = 0;
    for (X509Certificate root : systemRoots()) {
      store.setCertificateEntry("root-" + count++, root);
    }
    for (Path file : files) {
      for (Certificate certificate : certificates(file)) {
        store.setCertificateEntry("root-" + count++, certificate);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static List<X509Certificate> systemRoots() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager x509) {
        return List.of(x509.getAcceptedIssuers());
      }
    }
    return List.of();
  }

  private static KeyManager[] keysOf(List<Endpoint.Client> clients)
      throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    int count = 0;
    for (Endpoint.Client client : clients) {
      Certificate[] chain = certificates(client.certificate()).toArray(new Certificate[0]);
      store.setKeyEntry("client-" + count++, privateKey(client.key()), new char[0], chain);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
    }
  }

  private static PrivateKey privateKey(Path file) throws GeneralSecurityException, IOException {
    Matcher pem = PRIVATE_KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new GeneralSecurityException(
          file
              + " has no \"BEGIN PRIVATE KEY\": convert the key with openssl pkcs8 -topk8 -nocrypt");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
    for (String algorithm : List.of("RSA", "EC")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (java.security.spec.InvalidKeySpecException _) {
        // the other kind, then
      }
    }
    throw new GeneralSecurityException(file + " holds neither an RSA nor an EC key");
  }

  /** skip_verify: being an X509ExtendedTrustManager, it stands for the host name check, too. */
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Override
  public void close() {
    clients.values().forEach(HttpClient::shutdownNow);
  }
}
