package io.onggi.network.cni;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Plugins as programs, executed as CNI spec section 2 says: command in the environment,
 * configuration on standard input, answer on standard output.
 */
public final class PluginPrograms implements Plugins {
  /** An answer is a page of JSON; what is longer is no answer. */
  private static final int MAX_ANSWER = 1 << 20;

  /** How much of what a plugin complains of goes into a message. */
  private static final int MAX_COMPLAINT = 2000;

  /** After a plugin's end its output is whole; a child that it left behind may hold it open. */
  private static final Duration DRAIN = Duration.ofSeconds(1);

  private final List<Path> folders;

  /**
   * @param folders where programs are looked for, the first hit counts
   */
  public PluginPrograms(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  @Override
  public Optional<JsonObject> run(
      String type, Invocation invocation, JsonObject configuration, Duration limit) {
    Path program = find(type);
    String subject = "CNI plugin " + program + ", " + invocation.described();
    Process process = start(program, invocation, subject);
    FutureTask<byte[]> answer = reading(process.getInputStream());
    FutureTask<byte[]> complaint = reading(process.getErrorStream());
    try {
      feed(process, configuration);
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new PluginException(
            subject
                + ": no answer after "
                + limit.toSeconds()
                + " s, it was ended; see what it waits for",
            PluginException.NO_ANSWER);
      }
      String out = text(answer);
      return process.exitValue() == 0
          ? accepted(subject, invocation.command(), out)
          : refused(subject, process.exitValue(), out, text(complaint));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(subject + ": interrupted", PluginException.NO_ANSWER);
    } finally {
      end(process);
    }
  }

  private Path find(String type) {
    return folders.stream()
        .map(folder -> folder.resolve(type))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new PluginException(
                    "CNI plugin \""
                        + type
                        + "\" is in none of "
                        + folders.stream().map(Path::toString).collect(Collectors.joining(", "))
                        + "; install it, or remove the configuration that names it",
                    PluginException.NO_ANSWER));
  }

  private Process start(Path program, Invocation invocation, String subject) {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.environment().putAll(invocation.environment());
    builder
        .environment()
        .put("CNI_PATH", folders.stream().map(Path::toString).collect(Collectors.joining(":")));
    try {
      return builder.start();
    } catch (IOException e) {
      throw new PluginException(
          subject + ": cannot be executed: " + e.getMessage(), PluginException.NO_ANSWER);
    }
  }

  private static void feed(Process process, JsonObject configuration) {
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(configuration.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException _) {
      // It ended without reading: its exit status and its words say why.
    }
  }

  private static FutureTask<byte[]> reading(InputStream stream) {
    FutureTask<byte[]> task = new FutureTask<>(() -> readBounded(stream));
    Thread _ = Thread.ofVirtual().start(task);
    return task;
  }

  /** Reads to the end and keeps the beginning, so that a plugin is never stopped by a full pipe. */
  private static byte[] readBounded(InputStream stream) throws IOException {
    byte[] kept = stream.readNBytes(MAX_ANSWER);
    byte[] rest = new byte[8192];
    while (stream.read(rest) >= 0) {
      // dropped
    }
    return kept;
  }

  private static String text(FutureTask<byte[]> reading) throws InterruptedException {
    try {
      return new String(
              reading.get(DRAIN.toMillis(), TimeUnit.MILLISECONDS), StandardCharsets.UTF_8)
          .strip();
    } catch (ExecutionException | TimeoutException _) {
      return "";
    }
  }

  private static Optional<JsonObject> accepted(
      String subject, Invocation.Command command, String out) {
    boolean expected =
        switch (command) {
          case ADD, VERSION -> true;
          case DEL, CHECK, STATUS, GC -> false;
        };
    Optional<JsonObject> answer = parse(out);
    if (answer.isEmpty() && expected) {
      throw new PluginException(
          subject + ": succeeded, but its answer is no JSON object: \"" + shortened(out) + "\"",
          PluginException.NO_ANSWER);
    }
    return answer;
  }

  private static Optional<JsonObject> refused(
      String subject, int status, String out, String complaint) {
    Optional<JsonObject> error = parse(out);
    int code = error.flatMap(e -> number(e, "code")).orElse(PluginException.NO_ANSWER);
    String words =
        error
            .map(e -> (string(e, "msg") + " " + string(e, "details")).strip())
            .filter(w -> !w.isEmpty())
            .orElse(shortened(out));
    String beside = complaint.isEmpty() ? "" : " (" + shortened(complaint) + ")";
    throw new PluginException(
        subject
            + ": "
            + (words.isEmpty() ? "failed without a word, exit status " + status : words)
            + (code == PluginException.NO_ANSWER ? "" : " [code " + code + "]")
            + beside,
        code);
  }

  private static Optional<JsonObject> parse(String text) {
    try {
      return JsonParser.parseString(text) instanceof JsonObject object
          ? Optional.of(object)
          : Optional.empty();
    } catch (JsonParseException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static Optional<Integer> number(JsonObject object, String key) {
    JsonElement value = object.get(key);
    try {
      return value instanceof JsonPrimitive primitive && primitive.isNumber()
          ? Optional.of(primitive.getAsInt())
          : Optional.empty();
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private static String string(JsonObject object, String key) {
    return object.get(key) instanceof JsonPrimitive primitive ? primitive.getAsString() : "";
  }

  private static String shortened(String text) {
    return text.length() <= MAX_COMPLAINT ? text : text.substring(0, MAX_COMPLAINT) + "...";
  }

  /** Ends what is left of it, children too; one that has ended is as it was. */
  private static void end(Process process) {
    if (process.isAlive()) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
    }
    try {
      process.getInputStream().close();
      process.getErrorStream().close();
    } catch (IOException _) {
      // nobody reads any more
    }
  }
}
