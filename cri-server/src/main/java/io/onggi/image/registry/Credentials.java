package io.onggi.image.registry;

import io.onggi.error.CriException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What the kubelet gives to log in with (the CRI's AuthConfig); "" for what it does not give. Never
 * printed: {@link #toString} hides it.
 *
 * @param identityToken an OAuth2 refresh token for the registry's token endpoint
 * @param registryToken a bearer token that goes to the registry as it is
 */
public record Credentials(
    String username, String password, String identityToken, String registryToken) {

  public Credentials {
    requireHeader("registry_token", registryToken);
  }

  /** RFC 9110, 5.5; the token itself is in no message. */
  private static void requireHeader(String field, String token) {
    if (token.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
      throw new CriException.InvalidArgument(
          "the "
              + field
              + " of the credentials holds a blank or a character that no HTTP header takes");
    }
  }

  public static Credentials basic(String username, String password) {
    return new Credentials(username, password, "", "");
  }

  /**
   * From the fields of an AuthConfig, where {@code auth} is base64 of {@code user:password} and
   * counts only when no user name is given.
   */
  public static Credentials of(
      String username, String password, String auth, String identityToken, String registryToken) {
    if (!username.isEmpty() || auth.isEmpty()) {
      return new Credentials(username, password, identityToken, registryToken);
    }
    String decoded;
    try {
      decoded = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new CriException.InvalidArgument("the auth field of the credentials is not base64", e);
    }
    int colon = decoded.indexOf(':');
    if (colon < 0) {
      throw new CriException.InvalidArgument(
          "the auth field of the credentials is not user:password in base64");
    }
    // Some credential helpers pad the password with NUL bytes.
    String secret = decoded.substring(colon + 1).replaceAll("\0+$", "");
    return new Credentials(decoded.substring(0, colon), secret, identityToken, registryToken);
  }

  public boolean hasLogin() {
    return !username.isEmpty() || !password.isEmpty();
  }

  @Override
  public String toString() {
    return "Credentials[hidden]";
  }
}
