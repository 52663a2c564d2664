package io.onggi.container;

import static io.onggi.linux.KernelConstants.CLONE_NEWNS;
import static io.onggi.linux.KernelConstants.CLONE_NEWUSER;
import static io.onggi.linux.KernelConstants.MS_PRIVATE;
import static io.onggi.linux.KernelConstants.MS_REC;

import io.onggi.launch.LaunchException;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchRequest;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.Setting;
import io.onggi.launch.Shim;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimException;
import io.onggi.launch.ShimLauncher;
import io.onggi.launch.Started;
import io.onggi.sandbox.IdMapping;
import io.onggi.sandbox.SandboxFolders;
import io.onggi.sandbox.UserMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether this node can give a pod a user namespace, found out by doing it once: a namespace, an
 * overlay of id-mapped folders of the data folder's file system, the entry. Costs two short
 * processes, about 10 ms, at the first question; the answer stays, for a kernel does not change.
 */
public final class UserNamespaceProbe {
  private static final Duration STEPS = Duration.ofSeconds(10);
  private static final Duration REPORT = Duration.ofSeconds(15);
  private static final int SIGKILL = 9;
  private static final UserMapping MAPPING =
      new UserMapping(new IdMapping(0, 65536, 65536), new IdMapping(0, 65536, 65536));

  private final ShimLauncher launcher;
  private final ShimConnector connector;
  private final Path data;
  private final Path state;
  private boolean asked;
  private Optional<String> answer = Optional.empty();

  /**
   * @param root the daemon's data folder, where layers are
   * @param state the daemon's state folder
   */
  public UserNamespaceProbe(ShimLauncher launcher, ShimConnector connector, Path root, Path state) {
    this.launcher = launcher;
    this.connector = connector;
    this.data = root.resolve("userns-probe");
    this.state = state.resolve("userns-probe");
  }

  /** Why not; empty: it can. */
  public synchronized Optional<String> obstacle() {
    if (!asked) {
      answer = find();
      asked = true;
    }
    return answer;
  }

  private Optional<String> find() {
    try {
      for (String folder : List.of("lower", "w/upper", "w/work")) {
        Files.createDirectories(data.resolve(folder));
      }
      Files.createDirectories(state.resolve("root"));
      Started owner = run("owner", settings("owner", CLONE_NEWUSER, true), List.of());
      try {
        Started user = run("user", settings("user", CLONE_NEWNS, false), steps(owner.pid()));
        return user.pid() > 0 ? Optional.empty() : Optional.of("the probe had no process");
      } finally {
        end("user");
        end("owner");
      }
    } catch (LaunchException | IOException e) {
      return Optional.of(
          "user namespaces with id-mapped layers do not work here: " + e.getMessage());
    } finally {
      SandboxFolders.delete(data);
      SandboxFolders.delete(state);
    }
  }

  private Started run(String name, List<Setting> settings, List<LaunchStep> steps) {
    List<LaunchStep> all = new ArrayList<>(steps);
    all.add(new LaunchStep.Init());
    return launcher.start(
        new LaunchRequest(
            "user namespace probe",
            state.resolve(name + "-plan"),
            new LaunchPlan(settings, all),
            REPORT));
  }

  private List<Setting> settings(String name, long clone, boolean maps) {
    List<Setting> list = new ArrayList<>();
    list.add(new Setting.Socket(state.resolve(name).toString()));
    list.add(new Setting.Clone(clone, ""));
    list.add(new Setting.StartTimeout(STEPS));
    if (maps) {
      list.add(new Setting.IdMaps(MAPPING.uids().line(), MAPPING.gids().line()));
    }
    return list;
  }

  private List<LaunchStep> steps(int owner) {
    UserSteps user = new UserSteps("/proc/" + owner + "/ns/user", MAPPING);
    Path writable = data.resolve("w");
    Path lower = data.resolve("lower");
    List<LaunchStep> steps = new ArrayList<>();
    steps.add(user.open());
    steps.add(new LaunchStep.Propagation(MS_REC | MS_PRIVATE));
    steps.addAll(user.mapFolders(1, List.of(lower), writable));
    steps.add(
        new LaunchStep.Overlay(
            0,
            0,
            Optional.of(
                new LaunchStep.Upper(
                    writable.resolve("upper").toString(), writable.resolve("work").toString())),
            List.of(lower.toString()),
            List.of(),
            state.resolve("root").toString()));
    steps.add(new LaunchStep.AttachRoot(0, state.resolve("root").toString()));
    steps.add(new LaunchStep.Mkdir(0755, LaunchStep.Owner.ROOT, "/made"));
    steps.add(new LaunchStep.Pivot());
    steps.addAll(user.enter(new OciSpec.User(0, 0, List.of())));
    return steps;
  }

  private void end(String name) {
    Path socket = state.resolve(name);
    if (!Files.exists(socket)) {
      return;
    }
    Shim shim = connector.connect("user namespace probe", socket);
    try {
      shim.kill(SIGKILL, Shim.Scope.FIRST_PROCESS);
      shim.awaitExit();
    } catch (ShimException _) {
      SandboxFolders.delete(socket); // it left on its own
    }
  }
}
