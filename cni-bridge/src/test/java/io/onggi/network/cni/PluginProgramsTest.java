package io.onggi.network.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.onggi.network.cni.Invocation.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginProgramsTest {
  private static final Invocation ADD =
      new Invocation(Command.ADD, "pod1", Optional.of("/run/netns/x"), "A=b");

  @TempDir Path folder;

  private void plugin(String type, String script) throws IOException {
    Path program = Files.writeString(folder.resolve(type), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Optional<JsonObject> run(String type, Invocation invocation) {
    JsonObject configuration = new JsonObject();
    configuration.addProperty("name", "pods");
    return new PluginPrograms(List.of(folder.resolve("none"), folder))
        .run(type, invocation, configuration, Duration.ofSeconds(10));
  }

  private PluginException refused(String type) {
    return assertThrows(PluginException.class, () -> run(type, ADD));
  }

  @Test
  void a_plugin_is_told_everything_that_the_spec_says() throws IOException {
    plugin(
        "tell",
        "read -r in || true; printf '{\"env\": \"%s\", \"in\": %s}'"
            + " \"$CNI_COMMAND $CNI_CONTAINERID $CNI_NETNS $CNI_IFNAME $CNI_ARGS $CNI_PATH\" \"$in\"");
    JsonObject answer = run("tell", ADD).orElseThrow();
    assertEquals(
        "ADD pod1 /run/netns/x eth0 A=b " + folder.resolve("none") + ":" + folder,
        answer.get("env").getAsString());
    assertEquals("{\"name\":\"pods\"}", answer.get("in").toString());
  }

  @Test
  void its_error_is_repeated_with_code_and_what_it_complained_of() throws IOException {
    plugin(
        "fails",
        "echo trouble >&2; echo '{\"code\": 11, \"msg\": \"busy\", \"details\": \"later\"}'; exit 1");
    PluginException e = refused("fails");
    assertEquals(PluginException.TRY_AGAIN, e.code());
    assertEquals(
        "CNI plugin "
            + folder.resolve("fails")
            + ", ADD for sandbox pod1: busy later [code 11] (trouble)",
        e.getMessage());
  }

  @Test
  void one_that_dies_or_prints_garbage_is_named() throws IOException {
    plugin("dies", "kill -9 $$");
    assertTrue(String.valueOf(refused("dies").getMessage()).endsWith("exit status 137"));
    plugin("garbage", "echo '<html>'");
    assertTrue(
        String.valueOf(refused("garbage").getMessage())
            .endsWith("succeeded, but its answer is no JSON object: \"<html>\""));
    plugin("floods", "head -c 9000000 /dev/zero");
    assertTrue(String.valueOf(refused("floods").getMessage()).contains("no JSON object"));
    assertTrue(
        String.valueOf(refused("missing").getMessage())
            .startsWith("CNI plugin \"missing\" is in none of " + folder.resolve("none")));
  }

  @Test
  void one_that_hangs_is_ended_with_its_children() throws IOException {
    Path child = folder.resolve("child");
    plugin("hangs", "sleep 1000 & echo $! > " + child + "; wait");
    PluginException e =
        assertThrows(
            PluginException.class,
            () ->
                new PluginPrograms(List.of(folder))
                    .run("hangs", ADD, new JsonObject(), Duration.ofSeconds(1)));
    assertTrue(String.valueOf(e.getMessage()).contains("no answer after 1 s, it was ended"));
    long pid = Long.parseLong(Files.readString(child).strip());
    ProcessHandle.of(pid).ifPresent(p -> p.onExit().join());
    assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
  }

  @Test
  void del_needs_no_answer() throws IOException {
    plugin("quiet", "exit 0");
    assertEquals(Optional.empty(), run("quiet", ADD.as(Command.DEL)));
  }
}
