package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents say of RPCs and tests, against the API and the sources. */
class RpcTableTest {
  private static final Path TOP = Path.of("..");
  private static final Path SPECIFICATION = TOP.resolve("docs/SPECIFICATION.md");
  private static final Path CONTRACT = TOP.resolve("docs/contract.md");
  private static final Pattern ROW =
      Pattern.compile("\\| (\\w+) \\| (works|refused|later) \\| (.*) \\|");

  /** {@code SomeTest} or {@code SomeTest.c12}, the beginning of a method's name. */
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

  @TempDir private Path folder;

  private static Map<String, String> table() throws IOException {
    Map<String, String> states = new TreeMap<>();
    for (String line : Files.readAllLines(SPECIFICATION)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertTrue(NAMED.matcher(row.group(3)).find(), () -> "no test is named: " + line);
        assertEquals(null, states.put(row.group(1), row.group(2)), () -> "twice: " + line);
      }
    }
    return states;
  }

  @Test
  void every_rpc_is_in_the_table_once_with_a_test() throws IOException {
    Set<String> rpcs =
        Attack.rpcs().stream()
            .map(rpc -> String.valueOf(rpc.getBareMethodName()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(43, rpcs.size());
    assertEquals(rpcs, table().keySet());
  }

  @Test
  void the_state_of_an_rpc_is_what_it_answers() throws IOException {
    Map<String, String> states = table();
    List<String> wrong = new ArrayList<>();
    try (Attack attack = new Attack(folder)) {
      Attack.rpcs()
          .forEach(
              rpc -> {
                Status status = attack.status(rpc, attack.valid(rpc));
                boolean works = status.getCode() != Status.Code.UNIMPLEMENTED;
                String state = states.getOrDefault(rpc.getBareMethodName(), "");
                boolean ahead = works && state.equals("later"); // a row to be written anew, no lie
                if (works != state.equals("works") && !ahead) {
                  wrong.add(rpc.getBareMethodName() + " is \"" + state + "\", it says " + status);
                }
              });
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void every_test_that_the_documents_name_exists() throws IOException {
    Map<String, String> sources = testSources();
    Set<String> missing = new TreeSet<>();
    for (Path document : List.of(SPECIFICATION, CONTRACT)) {
      Matcher named = NAMED.matcher(Files.readString(document));
      while (named.find()) {
        String source = sources.get(named.group(1));
        if (source == null || (named.group(2) != null && !hasMethod(source, named.group(2)))) {
          missing.add(document.getFileName() + ": " + named.group());
        }
      }
    }
    assertEquals(Set.of(), missing);
  }

  private static boolean hasMethod(String source, String beginning) {
    return Pattern.compile("\\bvoid " + beginning + "(?:_|\\()").matcher(source).find();
  }

  private static Map<String, String> testSources() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    for (String module : List.of("shim", "cni-bridge", "cri-server", "e2e")) {
      try (Stream<Path> files = Files.walk(TOP.resolve(module).resolve("src/test/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
          String name = String.valueOf(file.getFileName());
          sources.put(name.substring(0, name.length() - 5), Files.readString(file));
        }
      }
    }
    return sources;
  }
}
