package io.onggi.container.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import io.onggi.store.RecordJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileReaderTest {
  private static final Target TARGET = new Target(Machine.X86_64, Set.of("CAP_BPF"), 6, 1);

  private static ProfileDocument read(String json) {
    return ProfileReader.read("/etc/p.json", json.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(String message, String json) {
    CriException.InvalidArgument e =
        assertThrows(CriException.InvalidArgument.class, () -> read(json), json);
    String text = String.valueOf(e.getMessage());
    assertTrue(text.startsWith("seccomp profile /etc/p.json"), text);
    assertTrue(text.contains(message), text);
  }

  private static String rule(String rest) {
    return "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{" + rest + "}]}";
  }

  @Test
  void what_is_not_understood_is_refused_by_file_and_key() {
    refused("is not JSON", "{");
    refused("is not a JSON object", "[]");
    refused("defaultAction is missing", "{}");
    refused("defaultAction \"ALLOW\" is unknown", "{\"defaultAction\": \"ALLOW\"}");
    refused(
        "defaultErrnoRet is only allowed with SCMP_ACT_ERRNO",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrnoRet\": 1}");
    refused(
        "syscalls[0].action SCMP_ACT_NOTIFY is not supported",
        rule("\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_NOTIFY\""));
    refused("syscalls[0].names is missing", rule("\"action\": \"SCMP_ACT_LOG\""));
    refused(
        "syscalls[0].names[1] must be a string",
        rule("\"names\": [\"a\", 1], \"action\": \"SCMP_ACT_LOG\""));
    refused(
        "syscalls[0].errnoRet is 4096",
        rule("\"names\": [\"a\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 4096"));
    refused(
        "architectures \"x\" is unknown",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"x\"]}");
    refused(
        "flags \"SECCOMP_FILTER_FLAG_NEW_LISTENER\" is not supported",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"flags\": [\"SECCOMP_FILTER_FLAG_NEW_LISTENER\"]}");
    String arg = "\"names\": [\"a\"], \"action\": \"SCMP_ACT_LOG\", \"args\": [{%s}]";
    refused("syscalls[0].args[0].index is missing", rule(arg.formatted("")));
    refused("syscalls[0].args[0].index is 6", rule(arg.formatted("\"index\": 6")));
    refused(
        "syscalls[0].args[0].value must be a whole number",
        rule(arg.formatted("\"index\": 0, \"value\": -1")));
    refused(
        "syscalls[0].args[0].value must be a whole number",
        rule(arg.formatted("\"index\": 0, \"value\": 18446744073709551616")));
    refused(
        "syscalls[0].args[0].op \"EQ\" is unknown",
        rule(arg.formatted("\"index\": 0, \"value\": 1, \"op\": \"EQ\"")));
    refused(
        "syscalls[0].includes.minKernel \"four\" is no version",
        rule(
            "\"names\": [\"a\"], \"action\": \"SCMP_ACT_LOG\", \"includes\": {\"minKernel\": \"four\"}"));
  }

  @Test
  void conditions_decide_by_capability_machine_and_kernel() {
    String rules =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
            + conditional("a", "includes", "\"caps\": [\"CAP_BPF\"]")
            + conditional("b", "includes", "\"caps\": [\"CAP_BPF\", \"CAP_PERFMON\"]")
            + conditional("c", "excludes", "\"caps\": [\"CAP_BPF\", \"CAP_PERFMON\"]")
            + conditional("d", "includes", "\"arches\": [\"arm64\"]")
            + conditional("e", "excludes", "\"arches\": [\"arm64\"]")
            + conditional("f", "includes", "\"minKernel\": \"6.1\"")
            + conditional("g", "includes", "\"minKernel\": \"6.2\"")
            + conditional("h", "excludes", "\"minKernel\": \"5.20\"")
            + "{\"names\": [\"z\"], \"action\": \"SCMP_ACT_ALLOW\", \"comment\": \"\", \"args\": null}]}";
    List<String> kept =
        read(rules).resolve(TARGET).syscalls().stream().flatMap(s -> s.names().stream()).toList();
    assertEquals(List.of("a", "e", "f", "z"), kept);
  }

  private static String conditional(String name, String kind, String condition) {
    return "{\"names\": [\"%s\"], \"action\": \"SCMP_ACT_ALLOW\", \"%s\": {%s}},"
        .formatted(name, kind, condition);
  }

  @Test
  void a_profile_goes_into_config_json_and_back_by_the_names_of_oci() {
    SeccompProfile profile =
        read(rule(
                "\"names\": [\"mkdir\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 5, \"args\":"
                    + " [{\"index\": 1, \"value\": 18446744073709551615, \"op\": \"SCMP_CMP_EQ\"}]"))
            .resolve(TARGET);
    byte[] json = RecordJson.toBytes(profile);
    String text = new String(json, StandardCharsets.UTF_8);
    assertTrue(text.contains("\"value\":18446744073709551615"), text);
    assertTrue(text.contains("\"defaultAction\":\"SCMP_ACT_ALLOW\""), text);
    assertEquals(profile, RecordJson.fromBytes(json, SeccompProfile.class));
    assertEquals(profile, read(text).resolve(TARGET));
  }

  @Test
  void a_missing_file_a_folder_and_a_broken_file_are_bad_arguments(@TempDir Path folder)
      throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.json"), "{");
    for (Path path : List.of(folder, broken, folder.resolve("none.json"))) {
      CriException.InvalidArgument e =
          assertThrows(
              CriException.InvalidArgument.class,
              () ->
                  new SeccompProfiles()
                      .resolve(new SeccompChoice.Localhost(path.toString()), List.of()));
      assertTrue(String.valueOf(e.getMessage()).contains(path.toString()), e.getMessage());
    }
    assertThrows(CriException.InvalidArgument.class, () -> new SeccompChoice.Localhost("p.json"));
  }

  /** Bytes of the real profile, broken at random: a profile or a bad argument, nothing else. */
  @Test
  void mutated_profiles_are_read_or_refused_and_never_break_the_compiler() throws IOException {
    byte[] good;
    try (InputStream in = ProfileReader.class.getResourceAsStream("runtime-default.json")) {
      good = in == null ? new byte[0] : in.readAllBytes();
    }
    byte[] marks = "{}[]\",:0-9e.\\x".getBytes(StandardCharsets.US_ASCII);
    Random random = new Random(11);
    int read = 0;
    for (int round = 0; round < 3000; round++) {
      byte[] bytes = good.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = marks[random.nextInt(marks.length)];
      }
      try {
        SeccompProfile profile = ProfileReader.read("/fuzz", bytes).resolve(TARGET);
        new BpfInterpreter(FilterCompiler.compile(profile, Machine.X86_64)).check();
        read++;
      } catch (CriException.InvalidArgument e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("seccomp profile /fuzz"));
      }
    }
    assertTrue(read > 100, "only " + read + " were profiles");
  }
}
