package io.onggi.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.seccomp.ProfileFuzz;
import io.onggi.rpc.RequestFuzz;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every fuzz target: first over the inputs that are kept in {@code src/test/resources/fuzz/TARGET}
 * (seeds, and each input that once broke something), then, guided by coverage, over new ones for
 * {@code -Donggi.fuzz.seconds} each, by Jazzer in a process of its own. An input that breaks a
 * target is left in {@code target/fuzz/TARGET} and named by the failure; it belongs into the
 * resources with the fix.
 */
class FuzzTest {
  /** A target and the hooks of Jazzer that would call its own doings an attack. */
  private record Target(String name, Class<?> type, List<String> without) {
    /** The services take seconds to begin, and are most of what there is to try. */
    int times() {
      return name.equals("request") ? 3 : 1;
    }

    List<Path> kept() {
      Path own = Path.of("src/test/resources/fuzz", name);
      return name.equals("wire") ? List.of(own, SHIM_GOLDEN) : List.of(own);
    }
  }

  /** What Java and C agree on is a good beginning for both. */
  private static final Path SHIM_GOLDEN = Path.of("../shim/src/test/golden");

  private static final String SANITIZERS = "com.code_intelligence.jazzer.sanitizers.";

  private static final List<Target> TARGETS =
      List.of(
          new Target(
              "request",
              RequestFuzz.class,
              List.of(SANITIZERS + "ServerSideRequestForgery", SANITIZERS + "FilePathTraversal")),
          new Target("profile", ProfileFuzz.class, List.of()),
          new Target("image", ImageFuzz.class, List.of()),
          new Target("tar", TarFuzz.class, List.of()),
          new Target("wire", WireFuzz.class, List.of()),
          new Target("journal", JournalFuzz.class, List.of(SANITIZERS + "FilePathTraversal")));

  /** Seconds a target; `make fuzz` asks for more. */
  private static final int SECONDS = Integer.getInteger("onggi.fuzz.seconds", 4);

  private static final int AT_ONCE = 2;
  private static final int START_SECONDS = 180;

  @TestFactory
  Stream<DynamicTest> an_input_that_is_kept_breaks_nothing() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Target target : TARGETS) {
      for (Path folder : target.kept()) {
        try (Stream<Path> files = Files.list(folder)) {
          files
              .sorted()
              .map(f -> DynamicTest.dynamicTest(target.name() + " " + f, () -> replay(target, f)))
              .forEach(tests::add);
        }
      }
    }
    return tests.stream();
  }

  private static void replay(Target target, Path file) throws Throwable {
    MethodHandle entry =
        MethodHandles.publicLookup()
            .findStatic(
                target.type(),
                "fuzzerTestOneInput",
                MethodType.methodType(void.class, byte[].class));
    entry.invoke(Files.readAllBytes(file));
  }

  @Test
  void new_inputs_guided_by_coverage_break_nothing() throws Exception {
    List<Callable<String>> runs = new ArrayList<>();
    TARGETS.forEach(target -> runs.add(() -> fuzz(target)));
    List<String> broken = new ArrayList<>();
    try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
      for (Future<String> run : workers.invokeAll(runs)) {
        broken.add(run.get());
      }
    }
    broken.removeIf(String::isEmpty);
    assertEquals("", String.join("\n", broken));
  }

  /** Empty when nothing broke. */
  private static String fuzz(Target target) throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of("target/fuzz", target.name()));
    Path found = Files.createDirectories(folder.resolve("corpus"));
    Path output = folder.resolve("output.txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.type().getName(),
                "--instrumentation_includes=io.onggi.**",
                "--instrumentation_excludes=io.onggi.proto.**",
                "--custom_hook_includes=io.onggi.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-max_total_time=" + SECONDS * target.times(),
                "-timeout=30",
                "-rss_limit_mb=3072",
                "-print_final_stats=1"));
    if (!target.without().isEmpty()) {
      command.add("--disabled_hooks=" + String.join(":", target.without()));
    }
    command.add(found.toString());
    target.kept().forEach(kept -> command.add(kept.toString()));
    Process jazzer =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!jazzer.waitFor(SECONDS * target.times() + START_SECONDS, TimeUnit.SECONDS)) {
      jazzer.destroyForcibly();
      return target.name() + " did not end; see " + output.toAbsolutePath();
    }
    String said = Files.readString(output);
    assertTrue(said.contains("libFuzzer") || jazzer.exitValue() != 0, said);
    return jazzer.exitValue() == 0 ? "" : target.name() + " broke: " + tail(said);
  }

  private static String tail(String said) {
    int at = Math.max(said.indexOf("== Java Exception"), said.indexOf("ERROR: libFuzzer"));
    String part = at < 0 ? said : said.substring(at);
    return part.length() <= 4000 ? part : part.substring(0, 4000);
  }
}
