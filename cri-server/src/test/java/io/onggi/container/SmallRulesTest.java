package io.onggi.container;

import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NODEV;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOEXEC;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOSUID;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_RDONLY;
import static io.onggi.linux.KernelConstants.MS_PRIVATE;
import static io.onggi.linux.KernelConstants.MS_SHARED;
import static io.onggi.linux.KernelConstants.MS_SLAVE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.ContainerSpec.DeviceSpec;
import io.onggi.container.ContainerSpec.EnvironmentVariable;
import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.error.CriException;
import io.onggi.sandbox.SandboxId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals, capability numbers, mount options and what a container's spec refuses. */
class SmallRulesTest {
  private static final SandboxId POD = new SandboxId("a".repeat(64));

  private static String refused(Executable what) {
    return String.valueOf(assertThrows(CriException.InvalidArgument.class, what).getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "SIGTERM,15",
    "TERM,15",
    "term,15",
    "sigkill,9",
    "15,15",
    "64,64",
    "1,1",
    "SIG9,9",
    "SIGRTMIN,34",
    "SIGRTMIN+3,37",
    "RTMINPLUS15,49",
    "SIGRTMAX,64",
    "RTMAX-14,50",
    "RTMAXMINUS1,63",
    "SIGPOLL,29",
    "SIGCLD,17",
    "RTMIN+30,64",
    "RTMAX-30,34"
  })
  void signalsAreReadAsImagesAndCriWriteThem(String text, int number) {
    assertEquals(number, Signals.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "65",
        "-1",
        "SIGNOTHING",
        "RTMIN+31",
        "RTMAX-31",
        "RTMAX-50",
        "1 5",
        "999"
      })
  void whatIsNoSignalIsRefusedAndNamed(String text) {
    assertEquals(
        "stop signal \"" + text + "\" is no signal; use a name such as SIGTERM or 1..64",
        refused(() -> Signals.parse(text)));
  }

  @ParameterizedTest
  @CsvSource({
    "CHOWN,0",
    "KILL,5",
    "SETPCAP,8",
    "NET_BIND_SERVICE,10",
    "NET_ADMIN,12",
    "NET_RAW,13",
    "SYS_CHROOT,18",
    "SYS_PTRACE,19",
    "SYS_ADMIN,21",
    "SYS_RESOURCE,24",
    "MKNOD,27",
    "AUDIT_WRITE,29",
    "SETFCAP,31",
    "SYSLOG,34",
    "PERFMON,38",
    "BPF,39",
    "CHECKPOINT_RESTORE,40"
  })
  void capabilitiesHaveTheKernelsNumbers(String name, int number) {
    assertEquals(1L << number, Capability.mask(List.of("CAP_" + name)));
    assertEquals(1L << number, Capability.mask(List.of(name.toLowerCase(java.util.Locale.ROOT))));
  }

  @Test
  void mountOptionsAreSortedIntoWhatTheKernelTakes() {
    MountOptions options =
        MountOptions.parse(List.of("rbind", "rslave", "ro", "nosuid", "mode=755", "rw"));
    assertEquals(
        new MountOptions(
            MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID, 0, 0, 0, MS_SLAVE, true, List.of("mode=755")),
        options);
    assertEquals(
        new MountOptions(0, 0, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE, false, List.of()),
        MountOptions.parse(List.of("bind", "rprivate", "rro")));
    assertEquals(MS_SHARED, MountOptions.parse(List.of("rshared")).propagation());
    assertEquals(
        MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
        MountOptions.parse(List.of("nodev", "noexec", "defaults")).attributes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/cron.d/x", "../../etc/cron.d/x", "a/../../x", "..", "a/.."})
  void aLogPathThatLeavesThePodsFolderIsRefused(String path) {
    SpecDraft draft = SpecDraft.of(POD, "c");
    draft.logPath = path;
    assertEquals(
        "container c: log_path \""
            + path
            + "\" must be relative to the pod's log_directory and stay in it",
        refused(draft::spec));
  }

  @Test
  void aLogPathMayHaveDotsInItsNames() {
    SpecDraft draft = SpecDraft.of(POD, "c");
    draft.logPath = "c..d/0..log";
    assertEquals("c..d/0..log", draft.spec().logPath());
  }

  @Test
  void aNulByteIsRefusedWhereverAStringReachesTheKernel() {
    SpecDraft draft = SpecDraft.of(POD, "c");
    draft.logPath = "a\0b";
    assertTrue(refused(draft::spec).startsWith("container c: log_path holds a NUL byte"));
    draft.logPath = "";
    draft.command = List.of("sh", "\0");
    assertTrue(refused(draft::spec).startsWith("container c: command holds a NUL byte"));
    draft.command = List.of();
    draft.args = List.of("\0");
    assertTrue(refused(draft::spec).startsWith("container c: args holds a NUL byte"));
    draft.args = List.of();
    draft.workingDirectory = "/\0";
    assertTrue(refused(draft::spec).startsWith("container c: working_dir holds a NUL byte"));
    assertEquals(
        "environment variable A holds a NUL byte, which no process can receive",
        refused(() -> new EnvironmentVariable("A", "\0")));
    assertTrue(refused(() -> mount("/\0", "/h", Propagation.PRIVATE)).contains("NUL"));
  }

  @Test
  void anEnvironmentVariableNeedsAName() {
    for (String bad : new String[] {"", "A=B", "A\0"}) {
      assertEquals(
          "environment variable name \"" + bad + "\" is empty or holds '=' or NUL",
          refused(() -> new EnvironmentVariable(bad, "x")));
    }
  }

  private static MountSpec mount(String container, String host, Propagation propagation) {
    return new MountSpec(container, host, false, false, propagation, false);
  }

  @Test
  void mountsAreAbsoluteAndNeverTheRoot() {
    assertEquals(
        "mount container_path \"data\" is not absolute",
        refused(() -> mount("data", "/h", Propagation.PRIVATE)));
    assertEquals(
        "mount for /data: host_path \"\" is not absolute",
        refused(() -> mount("/data", "", Propagation.PRIVATE))); // checklist 28
    assertTrue(refused(() -> mount("//", "/h", Propagation.PRIVATE)).contains("container's root"));
    assertTrue(
        refused(() -> mount("/a/..", "/h", Propagation.PRIVATE)).contains("container's root"));
  }

  @Test
  void recursiveReadOnlyNeedsReadOnlyAndPrivate() { // checklist 30
    String sentence = "mount for /a: recursive_read_only requires readonly and private propagation";
    assertEquals(
        sentence,
        refused(() -> new MountSpec("/a", "/h", false, true, Propagation.PRIVATE, false)));
    assertEquals(
        sentence,
        refused(() -> new MountSpec("/a", "/h", true, true, Propagation.BIDIRECTIONAL, false)));
  }

  @Test
  void devicesAreAbsoluteAndReadWriteOrMake() {
    assertEquals(
        "device container_path \"fuse\" is not absolute",
        refused(() -> new DeviceSpec("fuse", "/dev/fuse", "rwm")));
    assertEquals(
        "device /dev/fuse: permissions \"rx\" are not made of r, w and m",
        refused(() -> new DeviceSpec("/dev/fuse", "/dev/fuse", "rx")));
    assertEquals(
        "device host_path \"/etc/passwd\" is not below /dev",
        refused(() -> HostDevices.at("/etc/passwd", "/dev/x")));
    assertEquals(
        "device host_path \"/dev/../etc/passwd\" is not below /dev",
        refused(() -> HostDevices.at("/dev/../etc/passwd", "/dev/x")));
    OciSpec.Device node = HostDevices.at("/dev/null", "/dev/nothing").getFirst();
    assertEquals("/dev/nothing", node.path());
    assertEquals(1, node.major());
    assertEquals(3, node.minor());
  }

  @Test
  void nameAndImageAreNeeded() {
    assertTrue(refused(SpecDraft.of(POD, "")::spec).endsWith("metadata.name is empty"));
    SpecDraft draft = SpecDraft.of(POD, "c");
    draft.image = "";
    assertEquals(
        "container c: image.image is empty; name an image that was pulled", refused(draft::spec));
  }
}
