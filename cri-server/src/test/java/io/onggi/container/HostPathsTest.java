package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.ContainerSpec.MountSpec;
import io.onggi.container.ContainerSpec.Propagation;
import io.onggi.error.CriException;
import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchFailure;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.linux.Errno;
import io.onggi.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the kernel's caches, what of a probe, and what is made of the answers. */
class HostPathsTest {
  private static final SandboxId POD = new SandboxId("a".repeat(64));

  @TempDir Path dir;
  private final List<LaunchRequest> asked = new ArrayList<>();
  private Optional<LaunchFailure> failure = Optional.empty();

  private void check(Path host, Propagation propagation) {
    SpecDraft draft = SpecDraft.of(POD, "web");
    draft.mounts.add(new MountSpec("/data", host.toString(), false, false, propagation, false));
    new HostPaths(
            request -> {
              asked.add(request);
              failure.ifPresent(
                  f -> {
                    throw new LaunchException(request.subject(), 3, f);
                  });
            })
        .check(draft.spec(), dir.resolve("probe"));
  }

  private void failsWith(int index, int errno, String step) {
    failure = Optional.of(new LaunchFailure(index, errno, step, "/x", "open_tree"));
  }

  @Test
  void aFolderThatTheKernelKnowsCostsNoProcess() throws IOException {
    assertTrue(Files.exists(dir)); // now it does
    check(dir.toRealPath(), Propagation.PRIVATE);
    assertEquals(List.of(), asked);
  }

  @Test
  void whatTheCachesCannotTellIsProbed() throws IOException {
    Path link = Files.createSymbolicLink(dir.resolve("link"), dir);
    List<Path> unsure = List.of(link, dir.resolve("missing"), dir.resolve("x/.."));
    unsure.forEach(path -> check(path, Propagation.PRIVATE));
    assertEquals(
        unsure.stream().map(Path::toString).toList(),
        asked.stream()
            .flatMap(r -> r.plan().steps().stream())
            .filter(LaunchStep.OpenTree.class::isInstance)
            .map(s -> ((LaunchStep.OpenTree) s).path())
            .toList());
    check(link, Propagation.BIDIRECTIONAL);
    assertTrue(
        asked
            .getLast()
            .plan()
            .steps()
            .contains(new LaunchStep.NeedPropagation(true, link.toString())));
  }

  @Test
  void aMissingPathIsNamedWithItsMount() {
    failsWith(1, Errno.ENOENT, "OPEN_TREE");
    CriException e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () -> check(dir.resolve("missing"), Propagation.PRIVATE));
    assertEquals(
        "container web (attempt 0): mount for /data: host_path "
            + dir.resolve("missing")
            + " does not exist on this node; make it first",
        e.getMessage());
  }

  @Test
  void aServerThatDoesNotAnswerIsNoMissingPath() {
    failsWith(LaunchFailure.OUTSIDE, Errno.ETIMEDOUT, "probe");
    CriException e =
        assertThrows(
            CriException.Unavailable.class,
            () -> check(dir.resolve("missing"), Propagation.PRIVATE));
    assertTrue(
        String.valueOf(e.getMessage()).contains("has not answered within 10 s"), e.getMessage());
  }

  @Test
  void aMountThatDoesNotPropagateIsToldAndWhatToDo() {
    failsWith(1, Errno.EINVAL, "NEED_PROPAGATION");
    CriException e =
        assertThrows(
            CriException.FailedPrecondition.class,
            () -> check(dir.resolve("missing"), Propagation.HOST_TO_CONTAINER));
    String said = String.valueOf(e.getMessage());
    assertTrue(said.contains("is neither shared nor a slave"), said);
    assertTrue(said.contains("mount --make-rshared " + dir.resolve("missing")), said);
  }

  @Test
  void theHostsMountsAreReadWithTheirPropagationAndTheTopmostCounts() {
    HostMountTable table =
        HostMountTable.parse(
            """
            22 27 0:21 / /proc rw,relatime - proc proc rw
            30 22 0:40 / /a\\040b rw,relatime shared:7 - tmpfs none rw
            31 22 0:41 / /slave rw,relatime master:7 propagate_from:2 - ext4 /dev/vda rw
            32 31 0:42 / /slave rw,relatime shared:9 master:7 - nfs4 server:/x rw
            """);
    assertEquals(
        Optional.of(new HostMountTable.Mount(30, "/a b", "tmpfs", true, false)), table.at("/a b"));
    assertEquals("nfs4", table.at("/slave").orElseThrow().type());
    assertEquals(
        Optional.of(new HostMountTable.Mount(31, "/slave", "ext4", false, true)), table.withId(31));
    assertEquals(Optional.empty(), table.at("/nowhere"));
  }
}
