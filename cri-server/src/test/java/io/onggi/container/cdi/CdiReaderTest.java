package io.onggi.container.cdi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.cdi.CdiEdits.CdiFile;
import io.onggi.error.CriException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Spec files: what is in them, and what is refused with the file's name and the key. */
class CdiReaderTest {
  private static final String FULL =
      """
      cdiVersion: "1.1.0"
      kind: "vendor.com/gpu.big"
      annotations: {a: b}
      containerEdits:
        env: ["LIB=/usr/lib/gpu"]
        mounts:
          - {hostPath: /usr/lib/gpu, containerPath: /usr/lib/gpu, options: [ro, nosuid, bind]}
      devices:
        - name: "0"
          containerEdits:
            env: [GPU=0, "EMPTY="]
            deviceNodes:
              - path: /dev/gpu0
                hostPath: /run/driver/dev/gpu0
                type: c
                major: 195
                minor: 0
                fileMode: 432
                permissions: rw
                uid: 1000
                gid: 44
            hooks:
              - {hookName: createContainer, path: /usr/bin/hook, args: [hook, a], env: [B=1], timeout: 5}
            additionalGids: [44, 0, 44]
            intelRdt: {closID: gold, l3CacheSchema: "L3:0=f", enableMonitoring: true}
            netDevices: [{hostInterfaceName: eth9, name: rdma0}]
      """;

  private static CdiFile read(String text) {
    return CdiReader.read("/etc/cdi/gpu.yaml", text);
  }

  private static String refused(String text) {
    return String.valueOf(
        assertThrows(CriException.InvalidArgument.class, () -> read(text)).getMessage());
  }

  @Test
  void everyEditOfTheSpecificationIsRead() {
    CdiFile file = read(FULL);
    assertEquals("vendor.com/gpu.big", file.kind());
    assertEquals(List.of("LIB=/usr/lib/gpu"), file.common().env());
    CdiEdits edits = Objects.requireNonNull(file.devices().get("0"));
    assertEquals(List.of("GPU=0", "EMPTY="), edits.env());
    assertEquals(
        new CdiEdits.DeviceNode(
            "/dev/gpu0",
            "/run/driver/dev/gpu0",
            "c",
            Optional.of(195L),
            Optional.of(0L),
            Optional.of(0660L),
            "rw",
            Optional.of(1000L),
            Optional.of(44L)),
        edits.deviceNodes().getFirst());
    assertEquals(
        new CdiEdits.CdiHook(
            "createContainer",
            "/usr/bin/hook",
            List.of("hook", "a"),
            List.of("B=1"),
            Optional.of(5L)),
        edits.hooks().getFirst());
    assertEquals(List.of(44L), edits.additionalGids());
    assertEquals(Optional.of("gold"), edits.intelRdt().orElseThrow().closID());
    assertTrue(edits.intelRdt().orElseThrow().monitoring());
    assertEquals(new CdiEdits.NetDevice("eth9", "rdma0"), edits.netDevices().getFirst());
  }

  @Test
  void jsonIsReadLikewise() {
    CdiFile file =
        read(
            """
            {"cdiVersion":"0.3.0","kind":"v.com/net","devices":[
              {"name":"a","containerEdits":{"deviceNodes":[{"path":"/dev/null","fileMode":432}]}}]}
            """);
    CdiEdits edits = Objects.requireNonNull(file.devices().get("a"));
    assertEquals(Optional.of(0660L), edits.deviceNodes().getFirst().fileMode());
    assertEquals("/dev/null", edits.deviceNodes().getFirst().hostPath());
  }

  @Test
  void whatIsWrongIsNamedByFileAndKey() {
    Map<String, String> wrong =
        Map.ofEntries(
            Map.entry(
                "kind: \"vendor.com/gpu.big\"|kind: gpu", "kind: \"gpu\" is not vendor.com/class"),
            Map.entry("1.1.0|2.0.0", "cdiVersion: \"2.0.0\" is none of"),
            Map.entry("1.1.0|0.3.0", "kind: needs cdiVersion 0.6.0, the file says 0.3.0"),
            Map.entry("gpu.big|gpu", ""),
            Map.entry("fileMode: 432|fileMode: 0660", "fileMode: \"0660\" is not a decimal number"),
            Map.entry(
                "1.1.0|1.0.0", "devices[0].containerEdits.netDevices: needs cdiVersion 1.1.0"),
            Map.entry(
                "major: 195|major: -1",
                "devices[0].containerEdits.deviceNodes[0].major: \"-1\" is not a decimal number"),
            Map.entry(
                "permissions: rw|permissions: x",
                "deviceNodes[0].permissions: \"x\" is not made of r, w and m"),
            Map.entry("path: /dev/gpu0|path: gpu0", "\"gpu0\" is not an absolute path"),
            Map.entry("type: c|type: q", "deviceNodes[0].type: \"q\" is none of b, c, u and p"),
            Map.entry("createContainer|onTuesday", "hooks[0].hookName: \"onTuesday\" is no hook"),
            Map.entry("timeout: 5|timeout: 0", "hooks[0].timeout: \"0\" is not a decimal number"),
            Map.entry("B=1|B", "hooks[0].env[0]: \"B\" is not NAME=value"),
            Map.entry("closID: gold|closID: a/b", "intelRdt.closID: \"a/b\" is no name"),
            Map.entry("deviceNodes:|deviceNode:", "deviceNode: unknown key; known here are"),
            Map.entry("name: \"0\"|name: \"-\"", "devices[0].name: \"-\" is no name of a device"),
            Map.entry("hostPath: /usr/lib/gpu,|", "containerEdits.mounts[0].hostPath: is missing"));
    wrong.forEach(
        (change, message) -> {
          int bar = change.indexOf('|');
          String text = FULL.replace(change.substring(0, bar), change.substring(bar + 1));
          if (message.isEmpty()) {
            read(text);
            return;
          }
          String told = refused(text);
          assertTrue(told.startsWith("CDI file /etc/cdi/gpu.yaml: "), told);
          assertTrue(told.contains(message), told + " <> " + message);
        });
  }

  @Test
  void whatIsNoSpecAtAllIsToldAsThat() {
    assertTrue(refused("").contains("no object"), refused(""));
    assertTrue(refused("[1]").contains("no object"));
    assertTrue(refused("{").contains("is neither JSON nor YAML"), refused("{"));
    assertTrue(refused("kind: a\nkind: b").contains("duplicate"), refused("kind: a\nkind: b"));
    String bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
    StringBuilder text = new StringBuilder(bomb);
    for (char c = 'b'; c < 'z'; c++) {
      char before = (char) (c - 1);
      text.append(c).append(": &").append(c).append(" [");
      text.append(("*" + before + ",").repeat(8)).append("*").append(before).append("]\n");
    }
    assertTrue(refused(text.toString()).contains("is neither JSON nor YAML"));
    assertTrue(refused("[".repeat(100_000)).contains("is neither JSON nor YAML"));
    assertTrue(
        refused("cdiVersion: 0.6.0\nkind: v.com/c\ndevices: []").contains("devices: holds no"));
    assertTrue(
        refused("cdiVersion: 0.6.0\nkind: v.com/c\ndevices: [{name: a}]")
            .contains("device a edits nothing"));
  }

  @Test
  void mutatedFilesAreReadOrRefusedAndNothingElse() {
    byte[] good = FULL.getBytes(StandardCharsets.UTF_8);
    Random random = new Random(7);
    for (int round = 0; round < 3000; round++) {
      byte[] bytes = good.clone();
      for (int i = random.nextInt(6); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        read(new String(bytes, StandardCharsets.UTF_8));
      } catch (CriException.InvalidArgument e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith("CDI file /etc/cdi/gpu.yaml: "));
      }
    }
  }
}
