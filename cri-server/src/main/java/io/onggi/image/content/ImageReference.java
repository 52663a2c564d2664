package io.onggi.image.content;

import io.onggi.error.CriException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The full name of an image: registry, repository, and a tag or a digest or both, after the usual
 * normalisation ({@code busybox} is {@code docker.io/library/busybox:latest}).
 *
 * <p>Grammar: the OCI distribution specification ("Pulling manifests") and the names that Docker
 * made usual.
 *
 * @param registry host, with port if one was given: {@code docker.io}, {@code 127.0.0.1:5000}
 * @param repository path below the registry: {@code library/busybox}
 */
public record ImageReference(
    String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
  private static final String DEFAULT_REGISTRY = "docker.io";
  private static final String DEFAULT_TAG = "latest";
  private static final int MAX_NAME = 255;

  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
              + "(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9A-Fa-f:.]+])(?::[0-9]{1,5})?");
  private static final Pattern COMPONENT =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*+");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final Pattern HEX_ID = Pattern.compile("[0-9a-f]{64}");

  /**
   * Reads a reference as people and pod specs write it.
   *
   * @throws CriException.InvalidArgument showing the offending part
   */
  public static ImageReference parse(String text) {
    if (text.isEmpty()) {
      throw new CriException.InvalidArgument("image reference is empty: need a name like busybox");
    }
    String rest = text;
    Optional<Digest> digest = Optional.empty();
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Optional.of(parseDigest(text, rest.substring(at + 1)));
      rest = rest.substring(0, at);
    }
    Optional<String> tag = Optional.empty();
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = Optional.of(checkTag(text, rest.substring(colon + 1)));
      rest = rest.substring(0, colon);
    }
    if (tag.isEmpty() && digest.isEmpty()) {
      tag = Optional.of(DEFAULT_TAG);
    }
    return named(text, rest, tag, digest);
  }

  private static ImageReference named(
      String text, String name, Optional<String> tag, Optional<Digest> digest) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    boolean hasRegistry =
        first.contains(".")
            || first.contains(":")
            || first.equals("localhost")
            || !first.equals(first.toLowerCase(Locale.ROOT));
    String registry = hasRegistry ? first : DEFAULT_REGISTRY;
    String repository = hasRegistry ? name.substring(slash + 1) : name;
    if (registry.equals("index.docker.io")) {
      registry = DEFAULT_REGISTRY;
    }
    check(text, "registry", registry, REGISTRY, "a host name with an optional port");
    checkRepository(text, repository, !hasRegistry);
    if (registry.equals(DEFAULT_REGISTRY) && !repository.contains("/")) {
      repository = "library/" + repository;
    }
    if (registry.length() + 1 + repository.length() > MAX_NAME) {
      throw new CriException.InvalidArgument(
          "image reference \"" + shown(text) + "\": the name is longer than 255 characters");
    }
    return new ImageReference(registry, repository, tag, digest);
  }

  private static Digest parseDigest(String text, String digest) {
    try {
      return Digest.parse(digest);
    } catch (CriException.InvalidArgument e) {
      throw new CriException.InvalidArgument(
          "image reference \"" + shown(text) + "\": " + e.getMessage(), e);
    }
  }

  private static String checkTag(String text, String tag) {
    check(
        text, "tag", tag, TAG, "letters, digits, '_', '.', '-', at most 128, not first '.' or '-'");
    return tag;
  }

  private static void checkRepository(String text, String repository, boolean bare) {
    for (String component : repository.split("/", -1)) {
      check(
          text,
          "name part",
          component,
          COMPONENT,
          "lower-case letters and digits separated by '.', '_', '__' or '-'");
    }
    if (bare && HEX_ID.matcher(repository).matches()) {
      throw new CriException.InvalidArgument(
          "image reference \"" + shown(text) + "\" is an image id, not a name");
    }
  }

  private static void check(String text, String what, String part, Pattern grammar, String need) {
    // The length test keeps a hostile name from spending time in the pattern.
    if (part.length() > MAX_NAME || !grammar.matcher(part).matches()) {
      throw new CriException.InvalidArgument(
          "image reference \""
              + shown(text)
              + "\": "
              + what
              + " \""
              + shown(part)
              + "\" is malformed: need "
              + need);
    }
  }

  private static String shown(String text) {
    return text.length() <= 300 ? text : text.substring(0, 300) + "...";
  }

  /** {@code docker.io/library/busybox}: registry and repository without tag or digest. */
  public String name() {
    return registry + "/" + repository;
  }

  /** This name with that digest and without a tag: the form of a RepoDigest. */
  public ImageReference withDigest(Digest newDigest) {
    return new ImageReference(registry, repository, Optional.empty(), Optional.of(newDigest));
  }

  /** This name with its tag only: the form of a RepoTag; empty when a digest pins the content. */
  public Optional<ImageReference> asTag() {
    return digest.isPresent() ? Optional.empty() : Optional.of(this);
  }

  /** As a person writes it: {@code busybox:latest}. */
  public String familiar() {
    String prefix = DEFAULT_REGISTRY + "/";
    String full = toString();
    if (!full.startsWith(prefix)) {
      return full;
    }
    String rest = full.substring(prefix.length());
    return repository.startsWith("library/") ? rest.substring("library/".length()) : rest;
  }

  /** The canonical form: {@code docker.io/library/busybox:latest}. */
  @Override
  public String toString() {
    return name() + tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
  }
}
