package io.onggi.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Where the programs under test are, and running one to its end. */
public final class Programs {
  /** What a program left: its exit status and both its outputs. */
  public record Result(int status, String output) {}

  private static final Path REPOSITORY =
      Path.of(System.getProperty("onggi.repository", "..")).toAbsolutePath().normalize();

  private Programs() {}

  static Path repository() {
    return REPOSITORY;
  }

  static Path onggid() {
    return dist().resolve("bin/onggid");
  }

  public static Path onggi() {
    return dist().resolve("bin/onggi");
  }

  /** The tree that `make build` leaves. */
  static Path dist() {
    String set = System.getProperty("onggi.dist");
    return set == null ? REPOSITORY.resolve("build/dist") : Path.of(set);
  }

  /** A client that e2e/go/tools builds, as {@code crictl}. */
  public static Path tool(String name) {
    String set = System.getProperty("onggi.tools");
    return (set == null ? REPOSITORY.resolve("build/tools") : Path.of(set)).resolve(name);
  }

  /** The demo's image as an archive, made by make. */
  public static Path demoImage() {
    return REPOSITORY.resolve("build/demo-image.tar");
  }

  public static Result run(List<String> command) {
    return run(command, Map.of());
  }

  /** Runs the command; fails after 60 s. */
  static Result run(List<String> command, Map<String, String> environment) {
    try {
      Path output = Files.createTempFile("onggi-e2e", ".out");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError(command + " did not end in 60 s");
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(String.join(" ", command), e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
