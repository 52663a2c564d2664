package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.ContainerSpec.EnvironmentVariable;
import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.container.seccomp.SeccompChoice;
import io.onggi.container.seccomp.SeccompFilters;
import io.onggi.container.seccomp.SeccompProfiles;
import io.onggi.error.CriException;
import io.onggi.image.content.ImageConfig;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.PlanCodec;
import io.onggi.launch.RawText;
import io.onggi.launch.Setting;
import io.onggi.sandbox.IdMapping;
import io.onggi.sandbox.NamespaceMode;
import io.onggi.sandbox.NamespaceModes;
import io.onggi.sandbox.SandboxId;
import io.onggi.sandbox.UserMapping;
import io.onggi.store.RecordJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole OCI specs and whole plans of typical containers, compared with files in {@code
 * src/test/resources/golden}. {@code -Donggi.golden=write} writes them anew: read the difference
 * before it is committed.
 */
class CompiledPlansTest {
  private static final SandboxId POD = new SandboxId("a".repeat(64));
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final ImageConfig IMAGE =
      ImageConfig.parse(
          "test image",
          """
          {"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},
           "config":{"Entrypoint":["/bin/app"],"Cmd":["serve"],"Env":["IMAGE=1","A=image"],
             "Volumes":{"/var/lib/app":{},"/data/inner":{},"cache/../cache/":{},"/":{},"/dev/x":{}}}}
          """
              .getBytes(StandardCharsets.UTF_8));

  private static final String MODELS = "sha256:" + "1".repeat(64);
  private static final String SINGLE = "sha256:" + "2".repeat(64);
  private static final Map<String, List<Path>> VOLUME_LAYERS =
      Map.of(
          MODELS, List.of(Path.of("/layers/m2"), Path.of("/layers/m1")),
          SINGLE, List.of(Path.of("/layers/s")));

  private static final CgroupSite V1 =
      new CgroupSite(
          1,
          List.of(
              Path.of("/cg/freezer/onggi/c/tasks"),
              Path.of("/cg/cpu,cpuacct/onggi/c/tasks"),
              Path.of("/cg/memory/onggi/c/tasks")),
          List.of(
              new CgroupSite.Hierarchy("freezer", Path.of("/cg/freezer/onggi/c")),
              new CgroupSite.Hierarchy("cpu,cpuacct", Path.of("/cg/cpu,cpuacct/onggi/c")),
              new CgroupSite.Hierarchy("memory", Path.of("/cg/memory/onggi/c"))));
  private static final CgroupSite V2 =
      new CgroupSite(
          2,
          List.of(Path.of("/cg/onggi/c/cgroup.procs")),
          List.of(new CgroupSite.Hierarchy("cg", Path.of("/cg/onggi/c"))));

  private record Case(CgroupSite cgroup, SandboxFiles pod, SpecDraft draft) {}

  private static SandboxFiles pod(Optional<Path> pid, boolean hostPid) {
    return new SandboxFiles(
        Optional.of(Path.of("/pod/net")),
        Optional.of(Path.of("/pod/ipc")),
        Optional.of(Path.of("/pod/uts")),
        pid,
        hostPid,
        Path.of("/pod/shm"),
        Path.of("/pod/hosts"),
        Path.of("/pod/hostname"),
        Path.of("/pod/resolv.conf"),
        "red",
        NamespaceMode.POD);
  }

  private static final SandboxFiles OWN = pod(Optional.empty(), false);
  private static final SandboxFiles HOST =
      new SandboxFiles(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          true,
          Path.of("/dev/shm"),
          Path.of("/pod/hosts"),
          Path.of("/pod/hostname"),
          Path.of("/pod/resolv.conf"),
          "node1",
          NamespaceMode.NODE);

  private static final SandboxFiles MAPPED =
      new SandboxFiles(
          Optional.of(Path.of("/pod/net")),
          Optional.of(Path.of("/pod/ipc")),
          Optional.of(Path.of("/pod/uts")),
          Optional.empty(),
          false,
          Path.of("/pod/shm"),
          Path.of("/pod/hosts"),
          Path.of("/pod/hostname"),
          Path.of("/pod/resolv.conf"),
          "red",
          NamespaceMode.POD,
          Optional.of(Path.of("/pod/user")));

  private static void mapped(SpecDraft d) {
    IdMapping ids = new IdMapping(0, 1_000_000, 65_536);
    d.modes =
        new NamespaceModes(
            NamespaceMode.POD,
            NamespaceMode.CONTAINER,
            NamespaceMode.POD,
            "",
            Optional.of(new UserMapping(ids, ids)));
    d.mounts.add(
        new MountSpec(
            "/mapped",
            "/h/mapped",
            false,
            false,
            Propagation.PRIVATE,
            false,
            List.of(),
            Optional.empty(),
            true));
    d.mount("/plain", "/h/plain", false);
  }

  private static SpecDraft draft(Consumer<SpecDraft> change) {
    SpecDraft draft = SpecDraft.of(POD, "c");
    change.accept(draft);
    return draft;
  }

  private static Map<String, Case> cases() {
    Map<String, Case> all = new TreeMap<>();
    all.put("plain-v1", new Case(V1, OWN, draft(_ -> {})));
    all.put("plain-v2", new Case(V2, OWN, draft(_ -> {})));
    all.put("privileged-v1", new Case(V1, OWN, draft(d -> d.privileged = true)));
    all.put("privileged-v2", new Case(V2, OWN, draft(d -> d.privileged = true)));
    all.put("host-namespaces", new Case(V1, HOST, draft(_ -> {})));
    SandboxFiles shared = pod(Optional.of(Path.of("/pod/pid")), false);
    all.put("shared-pid", new Case(V1, shared, draft(_ -> {})));
    SandboxFiles target = pod(Optional.of(Path.of("/proc/77/ns/pid")), false);
    all.put("target-pid", new Case(V1, target, draft(_ -> {})));
    all.put("terminal", new Case(V1, OWN, draft(CompiledPlansTest::terminal)));
    all.put("strict", new Case(V1, OWN, draft(CompiledPlansTest::strict)));
    all.put("mounts", new Case(V1, OWN, draft(CompiledPlansTest::mounts)));
    all.put("volumes", new Case(V1, OWN, draft(CompiledPlansTest::volumes)));
    all.put("user-namespace", new Case(V1, MAPPED, draft(CompiledPlansTest::mapped)));
    all.put("host-dev", new Case(V1, OWN, draft(d -> d.mount("/dev", "/dev", false))));
    return all;
  }

  private static void volumes(SpecDraft draft) {
    draft.readOnlyRootfs = true;
    draft.mounts.add(volume("/models", MODELS, "", List.of("noexec")));
    draft.mounts.add(volume("/small", MODELS, "models/small", List.of()));
    draft.mounts.add(volume("/one", SINGLE, "file", List.of()));
    draft.mounts.add(
        new MountSpec(
            "/data",
            "/h/data",
            false,
            false,
            Propagation.PRIVATE,
            false,
            List.of("nosuid", "rnodev", "noatime", "exec"),
            Optional.empty()));
  }

  private static MountSpec volume(String path, String image, String part, List<String> options) {
    return new MountSpec(
        path,
        "",
        true,
        false,
        Propagation.PRIVATE,
        false,
        options,
        Optional.of(new ImageVolume(image, "models:1", Map.of(), "", image, part)));
  }

  private static void terminal(SpecDraft draft) {
    draft.terminal = true;
    draft.stdin = true;
  }

  private static void strict(SpecDraft draft) {
    draft.readOnlyRootfs = true;
    draft.noNewPrivileges = true;
    draft.drop = List.of("ALL");
    draft.add = List.of("NET_BIND_SERVICE");
    draft.ambient = List.of("CAP_KILL");
    draft.workingDirectory = "/srv/app";
    draft.oomScoreAdj = OptionalInt.of(900);
    draft.args = List.of("--fast");
  }

  private static void mounts(SpecDraft draft) {
    draft.mounts.add(new MountSpec("/a/b", "/h/ab", true, true, Propagation.PRIVATE, false));
    draft.mounts.add(
        new MountSpec("/a", "/h/a", true, false, Propagation.HOST_TO_CONTAINER, false));
    draft.mounts.add(
        new MountSpec("/s/../shared/", "/h/s", false, false, Propagation.BIDIRECTIONAL, false));
    draft.mount("/h/etc", "/etc", false);
    draft.mount("/h/hosts", "/etc/hosts", false);
    draft.mount("/h/twice", "/twice", false).mount("/h/twice", "/twice", false);
  }

  static Stream<String> names() {
    return cases().keySet().stream();
  }

  private static OciSpec spec(Case one) {
    Identity identity = new Identity(1000, 1001, List.of(1001L, 50L), "/srv/app");
    SpecMounts mounts = new SpecMounts(one.draft.spec(), IMAGE, one.pod, VOLUME_LAYERS);
    return new SpecBuilder(one.draft.spec(), IMAGE, identity, one.pod)
        .build(Path.of("/state/c/rootfs"), mounts.list(), devices(one.draft), "/onggi/c");
  }

  /** Not the test machine's own nodes. */
  private static DeviceAccess devices(SpecDraft draft) {
    return draft.privileged
        ? new DeviceAccess(DeviceAccess.STANDARD.nodes(), List.of(DeviceRules.ALLOW_ALL))
        : DeviceAccess.of(draft.spec());
  }

  private static LaunchPlan plan(CgroupSite cgroup, OciSpec spec) {
    LaunchSite site =
        new LaunchSite(
            Path.of("/state/c"),
            Path.of("/state/s/c"),
            "/var/log/pods/p/c/0.log",
            List.of(Path.of("/layers/top"), Path.of("/layers/base")),
            Path.of("/data/c/upper"),
            Path.of("/data/c/work"),
            cgroup,
            spec.process().terminal(),
            false,
            Duration.ofSeconds(60));
    return new SpecCompiler(spec, site, spec.linux().seccomp().map(new SeccompFilters()::step))
        .compile();
  }

  private static String text(LaunchPlan plan) {
    return Stream.concat(plan.settings().stream(), plan.steps().stream())
        .map(entry -> entry + "\n")
        .collect(Collectors.joining());
  }

  private static void compare(String file, String text) throws IOException {
    Path golden = GOLDEN.resolve(file);
    if ("write".equals(System.getProperty("onggi.golden"))) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, text);
    }
    assertEquals(Files.readString(golden), text, file);
  }

  @ParameterizedTest
  @MethodSource("names")
  void specAndPlanAreAsInTheGoldenFiles(String name) throws IOException {
    Case one = Objects.requireNonNull(cases().get(name));
    OciSpec spec = spec(one);
    compare(name + ".json", RecordJson.pretty(spec) + "\n");
    // the plan is compiled from what was kept on disk, not from what was built
    byte[] kept = RecordJson.pretty(spec).getBytes(StandardCharsets.UTF_8);
    OciSpec read = RecordJson.fromBytes(kept, OciSpec.class);
    assertEquals(spec, read);
    LaunchPlan plan = plan(one.cgroup, read);
    compare(name + ".plan", text(plan));
    assertEquals(plan, PlanCodec.decode(PlanCodec.encode(plan)), "what the shim would read");
  }

  @Test
  void onV2TheContainersOwnCgroupIsJoinedKilledAndHoldsTheExecs() {
    LaunchPlan plan = plan(V2, spec(new Case(V2, OWN, draft(_ -> {}))));
    assertTrue(plan.settings().contains(new Setting.KillCgroup(2, "/cg/onggi/c")));
    assertTrue(plan.settings().contains(new Setting.ExecCgroup(2, "/cg/onggi/c")));
    assertTrue(
        plan.settings().contains(new Setting.OomCounter("/cg/onggi/c/memory.events", "oom_kill")));
    assertTrue(plan.settings().contains(new Setting.MemoryPeak("/cg/onggi/c/memory.peak")));
    assertEquals(
        List.of(new LaunchStep.JoinCgroup("/cg/onggi/c/cgroup.procs")),
        plan.steps().stream().filter(LaunchStep.JoinCgroup.class::isInstance).toList());
    assertFalse(text(plan).contains("freezer"));
  }

  @Test
  void onV1TheFreezerIsJoinedFirstAndIsTheWholeContainer() {
    LaunchPlan plan = plan(V1, spec(new Case(V1, OWN, draft(_ -> {}))));
    assertEquals(new LaunchStep.JoinCgroup("/cg/freezer/onggi/c/tasks"), plan.steps().getFirst());
    assertTrue(plan.settings().contains(new Setting.KillCgroup(1, "/cg/freezer/onggi/c")));
    assertTrue(
        plan.settings()
            .contains(new Setting.OomCounter("/cg/memory/onggi/c/memory.oom_control", "oom_kill")));
  }

  @Test
  void environmentBytesThatAreNoTextReachTheProcessUnchanged() {
    byte[] value = {'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xe2, (byte) 0x82, (byte) 0xac};
    OciSpec spec =
        spec(
            new Case(
                V1, OWN, draft(d -> d.env.add(new EnvironmentVariable("RAW", RawText.of(value))))));
    byte[] kept = RecordJson.pretty(spec).getBytes(StandardCharsets.UTF_8);
    LaunchPlan plan = plan(V1, RecordJson.fromBytes(kept, OciSpec.class));
    LaunchPlan decoded = PlanCodec.decode(PlanCodec.encode(plan));
    LaunchStep.Exec exec = (LaunchStep.Exec) decoded.steps().getLast();
    String raw = exec.env().stream().filter(e -> e.startsWith("RAW=")).findFirst().orElseThrow();
    assertEquals("RAW=" + RawText.of(value), raw);
  }

  @Test
  void theRequestsVariablesReplaceTheImages() {
    List<String> env =
        spec(new Case(V1, OWN, draft(d -> d.env.add(new EnvironmentVariable("A", "mine")))))
            .process()
            .env();
    assertTrue(env.contains("A=mine"), env.toString());
    assertFalse(env.contains("A=image"), env.toString());
    assertTrue(env.contains("HOME=/srv/app"), env.toString());
    assertTrue(env.contains("HOSTNAME=red"), env.toString());
  }

  @Test
  void aFolderOfTheHostOnDevGetsNoNodes() {
    LaunchPlan plan =
        plan(V1, spec(new Case(V1, OWN, draft(d -> d.mount("/h/dev", "/dev", false)))));
    assertTrue(plan.steps().stream().noneMatch(LaunchStep.Mknod.class::isInstance));
    assertTrue(
        plan.steps().stream()
            .noneMatch(s -> s instanceof LaunchStep.Symlink l && l.path().startsWith("/dev")));
    List<String> order =
        plan.steps().stream()
            .filter(LaunchStep.Attach.class::isInstance)
            .map(s -> ((LaunchStep.Attach) s).path())
            .filter(p -> p.startsWith("/dev"))
            .toList();
    assertEquals("/dev", order.getFirst(), "else it would hide what is mounted in it");
  }

  @Test
  void commandAndArgumentsReplaceTheImagesAsTheKubeletDocuments() {
    assertEquals(List.of("/bin/app", "serve"), args(_ -> {}));
    assertEquals(List.of("/bin/app", "x"), args(d -> d.args = List.of("x")));
    assertEquals(List.of("/bin/sh"), args(d -> d.command = List.of("/bin/sh")));
    assertEquals(
        List.of("sh", "-c"),
        args(
            d -> {
              d.command = List.of("sh");
              d.args = List.of("-c");
            }));
  }

  private static List<String> args(Consumer<SpecDraft> change) {
    return spec(new Case(V1, OWN, draft(change))).process().args();
  }

  private static String refused(Consumer<SpecDraft> change) {
    return String.valueOf(
        assertThrows(
                CriException.InvalidArgument.class,
                () -> plan(V1, spec(new Case(V1, OWN, draft(change)))))
            .getMessage());
  }

  @Test
  void whatCannotBeAContainerIsRefusedWithTheFieldsName() {
    assertEquals(
        "container c (attempt 0): working directory \"srv\" is not absolute",
        refused(d -> d.workingDirectory = "srv"));
    assertEquals(
        "container c: 1001 mounts are more than the 1000 that a container can have",
        refused(CompiledPlansTest::tooMany));
  }

  private static void tooMany(SpecDraft draft) {
    for (int i = 0; i <= 1000; i++) {
      draft.mount("/h", "/m" + i, true);
    }
  }

  @Test
  void aResourceLimitThatIsNoneOfLinuxIsNotForgotten() {
    OciSpec.Process plain = spec(new Case(V1, OWN, draft(_ -> {}))).process();
    OciSpec.Process odd =
        new OciSpec.Process(
            false,
            plain.user(),
            plain.args(),
            plain.env(),
            "/",
            plain.capabilities(),
            List.of(new OciSpec.Rlimit("RLIMIT_LUNCH", 1, 1)),
            false,
            Optional.empty());
    String message =
        String.valueOf(
            assertThrows(
                    CriException.InvalidArgument.class,
                    () -> ProcessSteps.of(odd, Optional.empty()))
                .getMessage());
    assertTrue(
        message.startsWith("process.rlimits: \"RLIMIT_LUNCH\" is not one of [RLIMIT_AS, "),
        message);
  }

  // --- seccomp

  private static OciSpec confined(Consumer<SpecDraft> change) {
    OciSpec open = spec(new Case(V1, OWN, draft(change)));
    return open.withSeccomp(
        new SeccompProfiles()
            .resolve(new SeccompChoice.RuntimeDefault(), open.process().capabilities().bounding()));
  }

  @Test
  void theFilterIsLoadedDirectlyBeforeTheExecSoThatItHindersNoStepOfOurs() {
    for (boolean strict : new boolean[] {false, true}) {
      OciSpec spec = confined(d -> d.noNewPrivileges = strict);
      byte[] kept = RecordJson.toBytes(spec);
      assertEquals(spec, RecordJson.fromBytes(kept, OciSpec.class));
      List<LaunchStep> steps = plan(V1, spec).steps();
      assertTrue(steps.getLast() instanceof LaunchStep.Exec);
      assertTrue(steps.get(steps.size() - 2) instanceof LaunchStep.Seccomp);
    }
  }

  @Test
  void withoutNoNewPrivilegesTheRightToLoadTheFilterLastsUntilTheExecAndNoLonger() {
    long admin = 1L << 21;
    LaunchStep.CapabilitySets open = sets(confined(_ -> {}));
    assertEquals(admin, open.permitted() & admin);
    assertEquals(admin, open.effective() & admin);
    assertEquals(0, (open.bounding() | open.inheritable() | open.ambient()) & admin);
    LaunchStep.CapabilitySets strict = sets(confined(d -> d.noNewPrivileges = true));
    assertEquals(0, (strict.permitted() | strict.effective()) & admin);
  }

  private static LaunchStep.CapabilitySets sets(OciSpec spec) {
    List<LaunchStep> steps = plan(V1, spec).steps();
    return ((LaunchStep.Credentials) steps.get(steps.size() - 3)).capabilities();
  }

  // --- capabilities, checklist 26 and 27

  private static OciSpec.Capabilities capabilities(Consumer<SpecDraft> change) {
    return spec(new Case(V1, OWN, draft(change))).process().capabilities();
  }

  @Test
  void whoAsksForNothingHasTheUsualFourteenAndNoneAmbient() {
    OciSpec.Capabilities sets = capabilities(_ -> {});
    assertEquals(14, sets.bounding().size());
    assertEquals(sets.bounding(), sets.effective());
    assertEquals(sets.bounding(), sets.permitted());
    assertEquals(sets.bounding(), sets.inheritable());
    assertEquals(List.of(), sets.ambient());
  }

  @Test
  void addIsInAllButTheAmbientSetAndAmbientInAllFive() {
    OciSpec.Capabilities added = capabilities(d -> d.add = List.of("sys_admin"));
    assertTrue(added.bounding().contains("CAP_SYS_ADMIN"));
    assertTrue(added.inheritable().contains("CAP_SYS_ADMIN"));
    assertEquals(List.of(), added.ambient());
    OciSpec.Capabilities ambient = capabilities(d -> d.ambient = List.of("CAP_SYS_TIME"));
    assertEquals(List.of("CAP_SYS_TIME"), ambient.ambient());
    for (List<String> set :
        List.of(
            ambient.bounding(), ambient.effective(), ambient.inheritable(), ambient.permitted())) {
      assertTrue(set.contains("CAP_SYS_TIME"));
    }
  }

  @Test
  void dropLeavesNoSetAlsoNotTheAmbientOne() {
    OciSpec.Capabilities sets =
        capabilities(
            d -> {
              d.add = List.of("SYS_TIME");
              d.ambient = List.of("SYS_TIME", "KILL");
              d.drop = List.of("CAP_SYS_TIME", "CHOWN");
            });
    assertFalse(sets.toString().contains("SYS_TIME"), sets.toString());
    assertFalse(sets.toString().contains("CHOWN"), sets.toString());
    assertEquals(List.of("CAP_KILL"), sets.ambient());
  }

  @Test
  void allMeansAllAndOneCanBeTakenOutOrPutBack() {
    assertEquals(41, capabilities(d -> d.add = List.of("ALL")).bounding().size());
    assertEquals(List.of(), capabilities(d -> d.drop = List.of("all")).bounding());
    OciSpec.Capabilities one =
        capabilities(
            d -> {
              d.drop = List.of("ALL");
              d.add = List.of("NET_RAW");
            });
    assertEquals(List.of("CAP_NET_RAW"), one.bounding());
    OciSpec.Capabilities but =
        capabilities(
            d -> {
              d.add = List.of("ALL");
              d.drop = List.of("SYS_ADMIN");
            });
    assertEquals(40, but.bounding().size());
    assertEquals(41, capabilities(d -> d.privileged = true).effective().size());
    assertEquals(
        "capability \"CAP_FLY\" is unknown; names are those of capabilities(7), or ALL",
        refused(d -> d.add = List.of("CAP_FLY")));
    assertTrue(refused(d -> d.drop = List.of("FLY")).contains("\"FLY\""));
  }
}
