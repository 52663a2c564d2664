package io.onggi.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.onggi.proto.CreateContainerRequest;
import io.onggi.proto.ExecSyncRequest;
import io.onggi.proto.ExecSyncResponse;
import io.onggi.proto.Int64Value;
import io.onggi.proto.LinuxContainerSecurityContext;
import io.onggi.proto.NamespaceMode;
import io.onggi.proto.PodSandboxConfig;
import io.onggi.proto.SecurityProfile;
import io.onggi.proto.StartContainerRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seccomp profiles as the kernel shows and keeps them. */
class SeccompTest {
  private static Node node;
  private static PodSandboxConfig pod;
  private static String podId;

  @BeforeAll
  static void start() {
    node = Node.start(true);
    pod = node.podConfig("seccomp");
    podId = node.runPod(pod);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static SecurityProfile profile(SecurityProfile.ProfileType type, String path) {
    return SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(path).build();
  }

  private static String created(String name, LinuxContainerSecurityContext context) {
    CreateContainerRequest request = node.container(podId, pod, name, "sleep", "600");
    CreateContainerRequest.Builder changed = request.toBuilder();
    LinuxContainerSecurityContext.Builder own = context.toBuilder();
    own.getNamespaceOptionsBuilder().setPid(NamespaceMode.CONTAINER);
    changed.getConfigBuilder().getLinuxBuilder().setSecurityContext(own);
    return node.cri().runtime().createContainer(changed.build()).getContainerId();
  }

  private static String running(String name, LinuxContainerSecurityContext context) {
    String id = created(name, context);
    node.cri()
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  private static ExecSyncResponse exec(String id, String... command) {
    return node.cri()
        .runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(id)
                .addAllCmd(List.of(command))
                .setTimeout(20)
                .build());
  }

  private static String lines(String id, String pattern, String file) {
    return exec(id, "grep", "-E", pattern, file).getStdout().toStringUtf8();
  }

  @Test
  void the_default_profile_holds_for_the_first_process_and_execs_of_every_user() {
    for (boolean strict : new boolean[] {false, true}) {
      for (long uid : new long[] {0, 1000}) {
        String id =
            running(
                "default-" + uid + "-" + strict,
                LinuxContainerSecurityContext.newBuilder()
                    .setSeccomp(profile(SecurityProfile.ProfileType.RuntimeDefault, ""))
                    .setRunAsUser(Int64Value.newBuilder().setValue(uid))
                    .setNoNewPrivs(strict)
                    .build());
        String effective = uid == 0 ? "00000000a80425fb" : "0000000000000000";
        for (String process : List.of("/proc/1/status", "/proc/self/status")) {
          String status = lines(id, "^(CapEff|CapPrm|Seccomp):", process);
          assertEquals(
              "CapPrm:\t" + effective + "\nCapEff:\t" + effective + "\nSeccomp:\t2\n", status);
        }
        ExecSyncResponse unshare = exec(id, "unshare", "-U", "true");
        assertNotEquals(0, unshare.getExitCode());
        assertTrue(unshare.getStderr().toStringUtf8().contains("not permitted"));
        assertEquals(0, exec(id, "sh", "-c", "ls / | wc -l && sleep 0.01").getExitCode());
      }
    }
  }

  @Test
  void a_profile_that_forbids_our_own_calls_does_not_hinder_the_start(@TempDir Path folder)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("p.json"),
            """
            {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_ERRNO", "errnoRet": 13, "names":
             ["setresuid", "setresgid", "setgroups", "capset", "capget", "prctl", "close_range", "chmod", "fchmodat"]}]}""");
    for (long uid : new long[] {0, 1000}) {
      String id =
          running(
              "local-" + uid,
              LinuxContainerSecurityContext.newBuilder()
                  .setSeccomp(profile(SecurityProfile.ProfileType.Localhost, file.toString()))
                  .setRunAsUser(Int64Value.newBuilder().setValue(uid))
                  .build());
      assertEquals("Seccomp:\t2\n", lines(id, "^Seccomp:", "/proc/1/status"));
      ExecSyncResponse chmod = exec(id, "chmod", "700", "/tmp");
      assertTrue(chmod.getStderr().toStringUtf8().contains("Permission denied"));
    }
  }

  @Test
  void nothing_asked_is_no_filter() {
    String id = running("open", LinuxContainerSecurityContext.getDefaultInstance());
    assertEquals("Seccomp:\t0\n", lines(id, "^Seccomp:", "/proc/1/status"));
  }

  @Test
  @SuppressWarnings("deprecation") // the older field, which crictl users still write
  void the_older_field_is_understood_and_bad_profiles_are_bad_arguments(@TempDir Path folder)
      throws IOException {
    String id =
        running(
            "older",
            LinuxContainerSecurityContext.newBuilder()
                .setSeccompProfilePath("runtime/default")
                .build());
    assertEquals("Seccomp:\t2\n", lines(id, "^Seccomp:", "/proc/1/status"));
    Path broken = Files.writeString(folder.resolve("b.json"), "{\"defaultAction\": \"DENY\"}");
    refused("localhost/" + folder.resolve("none.json"), "none.json does not exist on this node");
    refused("localhost/" + broken, "b.json: defaultAction \"DENY\" is unknown");
    refused("localhost/relative.json", "must be the absolute path");
    refused("something", "seccomp_profile_path \"something\" is unknown");
  }

  @SuppressWarnings("deprecation") // as above
  private static void refused(String path, String message) {
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                created(
                    "bad",
                    LinuxContainerSecurityContext.newBuilder()
                        .setSeccompProfilePath(path)
                        .build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
  }
}
