package io.onggi.container.cdi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.ContainerId;
import io.onggi.container.ContainerWorld;
import io.onggi.container.OciSpec;
import io.onggi.container.SpecDraft;
import io.onggi.error.CriException;
import io.onggi.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices asked for by name, in the spec that is kept. */
class CdiEditTest {
  @TempDir private Path folder;
  private Path etc;
  private Path run;
  private CdiSpecs specs;
  private ContainerWorld world;
  private SandboxId pod;
  private int containers;

  @BeforeEach
  void begin() throws IOException {
    etc = Files.createDirectory(folder.resolve("etc"));
    run = folder.resolve("run");
    specs = new CdiSpecs(List.of(etc, run));
    world = new ContainerWorld(folder.resolve("world"));
    world.edit(new CdiEdit(specs));
    pod = world.sandbox("red");
  }

  @AfterEach
  void end() {
    world.close();
  }

  private static void write(Path folder, String name, String devices) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(name),
        "cdiVersion: 0.7.0\nkind: v.com/gpu\ncontainerEdits: {env: [COMMON="
            + name
            + "]}\n"
            + "devices:\n"
            + devices);
  }

  private static String device(String name, String edits) {
    return "- {name: " + name + ", containerEdits: {" + edits + "}}\n";
  }

  private OciSpec with(String... names) {
    return with(Map.of(), names);
  }

  private OciSpec with(Map<String, String> annotations, String... names) {
    SpecDraft draft = SpecDraft.of(pod, "c" + containers++);
    draft.cdiDevices = List.of(names);
    draft.annotations = annotations;
    ContainerId id = world.create.create(draft.spec());
    return world.specs.read(id);
  }

  private String refused(String... names) {
    CriException e = assertThrows(CriException.class, () -> with(names));
    assertEquals(List.of(), world.containers.list(), "nothing is left behind");
    assertEquals(List.of(), world.folders());
    return String.valueOf(e.getMessage());
  }

  @Test
  void aDevicesEditsAreInTheSpec() throws IOException {
    write(
        etc,
        "a.yaml",
        device(
            "0",
            "env: [A=1, IMAGE=cdi], additionalGids: [77],"
                + " deviceNodes: [{path: /dev/gpu0, hostPath: /dev/null, permissions: r}],"
                + " mounts: [{hostPath: /lib/gpu, containerPath: /lib/gpu/, options: [ro]}]"));
    OciSpec spec = with("v.com/gpu=0", "v.com/gpu=0");
    List<String> env = spec.process().env();
    assertTrue(env.containsAll(List.of("A=1", "IMAGE=cdi", "COMMON=a.yaml")), env.toString());
    assertEquals(1, env.stream().filter(e -> e.startsWith("IMAGE=")).count());
    assertTrue(spec.process().user().additionalGids().contains(77L));
    OciSpec.Device node =
        spec.linux().devices().stream()
            .filter(d -> d.path().equals("/dev/gpu0"))
            .findFirst()
            .orElseThrow();
    assertEquals(new OciSpec.Device("c", "/dev/gpu0", 1, 3, 0666, 1000, 1001), node);
    OciSpec.DeviceCgroup rule = spec.linux().deviceRules().getLast();
    assertEquals("r", rule.access());
    OciSpec.Mount mount =
        spec.mounts().stream().filter(m -> m.source().equals("/lib/gpu")).findFirst().orElseThrow();
    assertEquals(new OciSpec.Mount("/lib/gpu", "bind", "/lib/gpu", List.of("rbind", "ro")), mount);
  }

  @Test
  void annotationsNameDevicesTooAndEachIsGivenOnce() throws IOException {
    write(etc, "a.yaml", device("0", "env: [A=1]") + device("1", "env: [B=1]"));
    OciSpec spec = with(Map.of("cdi.k8s.io/x", "v.com/gpu=1,v.com/gpu=0"), "v.com/gpu=0");
    assertTrue(spec.process().env().containsAll(List.of("A=1", "B=1")));
    String told =
        String.valueOf(
            assertThrows(
                    CriException.InvalidArgument.class, () -> with(Map.of("cdi.k8s.io/x", "gpu")))
                .getMessage());
    assertTrue(told.contains("annotation cdi.k8s.io/x: CDI device \"gpu\" is not named"), told);
  }

  @Test
  void anUnknownDeviceIsNamedWithTheFoldersSearched() throws IOException {
    assertEquals(
        "container c0 (attempt 0): CDI device \"v.com/gpu=0\" is defined in no file of ["
            + etc
            + ", "
            + run
            + "]; does its driver's device plugin run on this node?",
        refused("v.com/gpu=0"));
    write(etc, "broken.yaml", device("0", "enw: [A=1]"));
    String told = refused("v.com/gpu=0");
    assertTrue(
        told.contains("not readable there: CDI file " + etc + "/broken.yaml: devices[0]"), told);
    assertTrue(refused("gpu=0").contains("is not named as vendor.com/class=device"));
  }

  @Test
  void aBrokenFileHindersOnlyItsOwnDevicesAndIsToldToTheOperator() throws IOException {
    write(etc, "a.yaml", device("0", "env: [A=1]"));
    Files.writeString(etc.resolve("b.json"), "{");
    assertTrue(with("v.com/gpu=0").process().env().contains("A=1"));
    assertEquals(1, specs.problems().size());
    assertTrue(specs.problems().getFirst().startsWith("CDI file " + etc + "/b.json: is neither"));
  }

  @Test
  void theLaterFolderWinsAndTwoFilesOfOneFolderConflict() throws IOException {
    write(etc, "a.yaml", device("0", "env: [FROM=etc]"));
    assertTrue(with("v.com/gpu=0").process().env().contains("FROM=etc"));
    write(run, "z.yaml", device("0", "env: [FROM=run]"));
    assertTrue(with("v.com/gpu=0").process().env().contains("FROM=run"));
    write(run, "y.yaml", device("0", "env: [FROM=other]"));
    world.containers.list().forEach(c -> world.remove.remove(c.id().value()));
    assertTrue(refused("v.com/gpu=0").contains("is defined by both " + run + "/y.yaml and " + run));
    assertTrue(specs.problems().getFirst().contains("v.com/gpu=0: defined by"));
  }

  @Test
  void aFileThatChangedIsReadAgain() throws IOException {
    write(etc, "a.yaml", device("0", "env: [A=1]"));
    assertTrue(with("v.com/gpu=0").process().env().contains("A=1"));
    write(etc, "new", device("0", "env: [A=2]"));
    Files.move(
        etc.resolve("new"),
        etc.resolve("a.yaml"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertTrue(with("v.com/gpu=0").process().env().contains("A=2"));
    Files.delete(etc.resolve("a.yaml"));
    assertThrows(CriException.InvalidArgument.class, () -> with("v.com/gpu=0"));
  }

  @Test
  void whatThisHostCannotGiveIsRefusedPlainly() throws IOException {
    write(
        etc,
        "a.yaml",
        device("gone", "deviceNodes: [{path: /dev/no-such-device}]")
            + device("file", "deviceNodes: [{path: /dev/x, hostPath: /etc/passwd}]")
            + device("block", "deviceNodes: [{path: /dev/null, type: b}]")
            + device("rdt", "intelRdt: {closID: gold}")
            + device("root", "mounts: [{hostPath: /x, containerPath: /a/..}]"));
    assertTrue(refused("v.com/gpu=gone").contains("device \"/dev/no-such-device\" is not on this"));
    assertTrue(refused("v.com/gpu=file").contains("\"/etc/passwd\" of the host is no device"));
    assertTrue(refused("v.com/gpu=block").contains("has type c, the CDI file says b"));
    assertTrue(refused("v.com/gpu=rdt").contains("a class of service is asked for (intelRdt)"));
    assertTrue(refused("v.com/gpu=root").contains("is the container's root"));
    assertFalse(Files.exists(run));
  }
}
