package io.onggi.image.content;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an image says about how to run it (OCI image specification, config.md; Docker's image JSON
 * has the same fields).
 *
 * @param user as written: "", "1000", "app", "1000:1000", "app:staff"
 * @param workingDir "" when the image names none
 * @param stopSignal "" when the image names none; else a name or a number
 * @param exposedPorts as written, such as {@code 80/tcp}
 * @param created when the image was built; the epoch when it does not say
 */
public record ImageConfig(
    List<String> entrypoint,
    List<String> cmd,
    List<String> env,
    String user,
    String workingDir,
    String stopSignal,
    Map<String, String> labels,
    List<String> volumes,
    List<String> exposedPorts,
    Platform platform,
    Instant created,
    List<Digest> diffIds) {

  public ImageConfig {
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    env = List.copyOf(env);
    labels = Map.copyOf(labels);
    volumes = List.copyOf(volumes);
    exposedPorts = List.copyOf(exposedPorts);
    diffIds = List.copyOf(diffIds);
  }

  /**
   * Reads an image configuration.
   *
   * @param document what errors call it, such as {@code image configuration sha256:...}
   * @throws BadContent naming the document and the field
   */
  public static ImageConfig parse(String document, byte[] bytes) {
    Json json = Json.parse(document, bytes);
    Json config =
        json.child("config").orElseGet(() -> new Json(document, new com.google.gson.JsonObject()));
    List<Digest> diffIds =
        json.child("rootfs")
            .orElseThrow(() -> json.wrong("rootfs", "an object: this is no image configuration"))
            .digests("diff_ids");
    return new ImageConfig(
        config.strings("Entrypoint"),
        config.strings("Cmd"),
        config.strings("Env"),
        config.string("User", ""),
        config.string("WorkingDir", ""),
        config.string("StopSignal", ""),
        config.stringMap("Labels"),
        config.keys("Volumes"),
        config.keys("ExposedPorts"),
        Platform.of(json),
        json.string("created").map(ImageConfig::instant).orElse(Instant.EPOCH),
        diffIds);
  }

  /** Some builders write times that are no RFC 3339: they are not worth refusing an image for. */
  private static Instant instant(String text) {
    try {
      return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from);
    } catch (DateTimeParseException _) {
      return Instant.EPOCH;
    }
  }

  /** The numeric user id, when {@link #user} gives one; never present together with a name. */
  public Optional<Long> uid() {
    String name = userPart();
    return isNumber(name) ? Optional.of(Long.parseLong(name)) : Optional.empty();
  }

  /** The user's name, when {@link #user} gives a name; never present together with an id. */
  public Optional<String> username() {
    String name = userPart();
    return name.isEmpty() || isNumber(name) ? Optional.empty() : Optional.of(name);
  }

  private String userPart() {
    int colon = user.indexOf(':');
    return colon < 0 ? user : user.substring(0, colon);
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() <= 10
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
