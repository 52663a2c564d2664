package io.onggi;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The arrows of docs/ARCHITECTURE.md: each package names what it may use, everything else is
 * banned, and the message of a broken rule says why. The table is checked too: a package that
 * vanished or that nobody placed in it fails.
 */
class ArchitectureTest {
  /**
   * One row of the layering: {@code name} under io.onggi may use {@code uses}, and nothing else of
   * ours.
   */
  private record Layer(String name, List<String> uses, String because) {
    String pattern() {
      return "io.onggi." + name + "..";
    }
  }

  /** Rows 0 of the picture: they know the kernel (and errors), not each other. */
  private static final List<String> KERNEL = List.of("linux", "error");

  private static final List<String> ROW_0 =
      List.of("launch", "network", "cgroup", "log", "event", "store", "linux", "error");
  private static final List<String> OPERATIONS = and(ROW_0, "sandbox", "image", "container");

  private static final List<Layer> LAYERS =
      List.of(
          new Layer("error", List.of(), "what a client is told stands on nothing"),
          new Layer("linux", List.of("error"), "the kernel edge knows the JDK and JNA only"),
          new Layer("launch", KERNEL, "a launch plan must be printable and testable by itself"),
          new Layer(
              "network", KERNEL, "the network is also what cni-bridge's programs offer others"),
          new Layer("cgroup", KERNEL, "limits are compiled without knowing who is limited"),
          new Layer("log", KERNEL, "whoever logs must not drag the daemon in"),
          new Layer("event", KERNEL, "events are hints; they decide nothing"),
          new Layer("store", KERNEL, "the journal keeps bytes, it does not understand pods"),
          new Layer("image", ROW_0, "images exist without pods; a pod asks, an image never does"),
          new Layer("sandbox", ROW_0, "a sandbox stops its members through its own interface"),
          new Layer("container", and(ROW_0, "sandbox", "image"), "containers live in sandboxes"),
          new Layer("stream", OPERATIONS, "streams lead into containers and pods, which know none"),
          new Layer("stats", OPERATIONS, "statistics look at operations and decide nothing"),
          new Layer("recovery", OPERATIONS, "recovery rebuilds operations, it serves nobody"),
          new Layer(
              "rpc",
              and(OPERATIONS, "stats", "recovery", "stream", "proto"),
              "requests are translated at the edge; the operator asks recovery's Doctor"),
          new Layer(
              "daemon",
              and(OPERATIONS, "stats", "recovery", "stream", "rpc", "proto"),
              "wiring stands above all"));

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/io/onggi/proto/"))
          .importPackages("io.onggi");

  @TestFactory
  Stream<DynamicTest> a_package_uses_only_what_stands_below_it() {
    return LAYERS.stream()
        .map(layer -> DynamicTest.dynamicTest(layer.name(), () -> checkArrows(layer)));
  }

  private static void checkArrows(Layer layer) {
    String[] allowed =
        Stream.concat(Stream.of(layer.name()), layer.uses().stream())
            .map(name -> "io.onggi." + name + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(layer.pattern())
        .should()
        .dependOnClassesThat(resideInAnyPackage("io.onggi..").and(resideOutsideOfPackages(allowed)))
        .because(layer.because() + " (arrows only downwards)")
        .check(OURS);
  }

  @Test
  void every_package_has_its_place_in_the_picture_and_every_place_a_package() {
    Set<String> placed =
        LAYERS.stream().map(Layer::name).collect(Collectors.toCollection(TreeSet::new));
    Set<String> found = new TreeSet<>();
    OURS.forEach(type -> found.add(topPackage(type.getPackageName())));
    assertEquals(
        placed,
        found,
        "LAYERS and the code disagree: a package vanished, or a new one has no place");
  }

  private static String topPackage(String name) {
    String rest = name.substring("io.onggi.".length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  @Test
  void packages_form_no_cycle() {
    slices()
        .matching("io.onggi.(*)..")
        .should()
        .beFreeOfCycles()
        .because("a cycle is one package that pretends to be two")
        .check(OURS);
  }

  @Test
  void only_rpc_and_daemon_speak_grpc_and_the_generated_api() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.onggi.rpc..", "io.onggi.daemon..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "io.onggi.proto..", "com.google.protobuf..")
        .because("the CRI is one way in of several: what it asks for is translated at the edge")
        .check(OURS);
  }

  @Test
  void only_what_listens_on_a_socket_knows_netty() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.onggi.rpc..", "io.onggi.daemon..", "io.onggi.stream..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..")
        .because("event loops stay at the edge, everything below is plain blocking code")
        .check(OURS);
  }

  @Test
  void only_the_kernel_edge_imports_jna() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.onggi.linux..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "java.lang.foreign..")
        .because("whoever makes a system call lives in io.onggi.linux, where errno is read at once")
        .check(OURS);
  }

  @Test
  void clocks_are_injected() {
    String because = "time is an input: an InstantSource is handed in by the daemon's wiring";
    noClasses()
        .that()
        .resideOutsideOfPackage("io.onggi.daemon..")
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(InstantSource.class, "system")
        .orShould()
        .callMethodWhere(
            com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                    com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner(
                        com.tngtech.archunit.core.domain.JavaClass.Predicates.type(Clock.class)))
                .and(
                    com.tngtech.archunit.core.domain.JavaCall.Predicates.target(
                        nameMatching("system.*"))))
        .because(because)
        .check(OURS);
  }

  @Test
  void nobody_sleeps_or_exits() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.onggi.daemon..")
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .because("waiting is for an event with a deadline, and only the daemon's main ends the JVM")
        .check(OURS);
  }

  @Test
  void every_package_is_null_marked() {
    List<String> unmarked = new ArrayList<>();
    OURS.forEach(
        type -> {
          if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
            unmarked.add(type.getPackageName());
          }
        });
    assertTrue(
        unmarked.isEmpty(),
        () -> "package-info.java with @NullMarked is missing in " + new TreeSet<>(unmarked));
  }

  private static List<String> and(List<String> some, String... more) {
    return Stream.concat(some.stream(), Stream.of(more)).toList();
  }
}
