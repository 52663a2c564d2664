package io.onggi.launch;

import static io.onggi.linux.KernelConstants.CLONE_NEWIPC;
import static io.onggi.linux.KernelConstants.CLONE_NEWNET;
import static io.onggi.linux.KernelConstants.CLONE_NEWNS;
import static io.onggi.linux.KernelConstants.CLONE_NEWPID;
import static io.onggi.linux.KernelConstants.CLONE_NEWUTS;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NODEV;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOEXEC;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOSUID;

import io.onggi.launch.LaunchStep.CapabilitySets;
import io.onggi.launch.LaunchStep.Owner;
import io.onggi.launch.LaunchStep.Upper;
import io.onggi.linux.KernelConstants;
import io.onggi.linux.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A root directory with Debian's busybox and boxes (containers to be) over it. */
final class BusyboxWorld implements AutoCloseable {
  private static final long NAMESPACES =
      CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET;
  private static final List<String> ENV = List.of("PATH=/bin");
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  private final Path dir;
  private final Path lower;
  private final String cgroupName = "onggi-java-test-" + ProcessHandle.current().pid();
  private final boolean v1 = Files.exists(Path.of("/sys/fs/cgroup/freezer/tasks"));
  private final List<Box> boxes = new ArrayList<>();

  BusyboxWorld(Path dir) throws IOException, InterruptedException {
    this.dir = dir;
    lower = dir.resolve("lower");
    for (String name : List.of("bin", "proc", "dev", "tmp")) {
      Files.createDirectories(lower.resolve(name));
    }
    copy(BUSYBOX);
    for (String applet : List.of("sh", "sleep", "true", "hostname", "id", "ps")) {
      Files.createSymbolicLink(lower.resolve("bin/" + applet), Path.of("busybox"));
    }
    Process ldd = new ProcessBuilder("ldd", BUSYBOX.toString()).start();
    for (String word : RawText.of(ldd.getInputStream().readAllBytes()).split("\\s+")) {
      if (word.startsWith("/")) {
        copy(Path.of(word));
      }
    }
    ldd.waitFor();
  }

  private void copy(Path file) throws IOException {
    Path to = lower.resolve(file.toString().substring(1));
    Files.createDirectories(to.getParent());
    Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
  }

  Box box(String name) {
    Box box = new Box(name);
    boxes.add(box);
    return box;
  }

  private Path cgroup(String name) {
    return Path.of("/sys/fs/cgroup", v1 ? "freezer" : "", cgroupName, name);
  }

  /** Kills what is left in the boxes' cgroups and takes the cgroups away. */
  @Override
  public void close() throws IOException {
    for (Box box : boxes) {
      Path cgroup = cgroup(box.name);
      long giveUp = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (Files.exists(cgroup) && System.nanoTime() < giveUp) {
        remove(cgroup);
      }
    }
    Files.deleteIfExists(cgroup(""));
  }

  private static void remove(Path cgroup) throws IOException {
    try {
      for (String pid : Files.readAllLines(cgroup.resolve("cgroup.procs"))) {
        int number = Integer.parseInt(pid);
        Processes.startTime(number)
            .ifPresent(begun -> Processes.kill(number, begun, KernelConstants.SIGKILL));
      }
      Files.delete(cgroup);
    } catch (FileSystemException _) {
      Thread.onSpinWait(); // busy until the last process is reaped
    }
  }

  /** One container to be. */
  final class Box {
    private final String name;
    private final Path path;

    private Box(String name) {
      this.name = name;
      this.path = dir.resolve(name);
      try {
        for (String sub : List.of("upper", "work", "root")) {
          Files.createDirectories(path.resolve(sub));
        }
        Files.createDirectories(cgroup(name));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String name() {
      return name;
    }

    Path file(String file) {
      return path.resolve(file);
    }

    private List<Setting> settings() {
      String cgroup = cgroup(name).toString();
      int version = v1 ? 1 : 2;
      return List.of(
          new Setting.Socket(file("s").toString()),
          new Setting.ExitRecordFile(file("exit").toString()),
          new Setting.Log(file("log").toString(), Setting.Log.CRI_MAX_LINE),
          new Setting.Stdio(false, true, false),
          new Setting.Clone(NAMESPACES, v1 ? "" : cgroup),
          new Setting.ExecCgroup(version, cgroup),
          new Setting.KillCgroup(version, cgroup),
          new Setting.StartTimeout(Duration.ofSeconds(10)));
    }

    LaunchPlan plan(String... command) {
      List<LaunchStep> steps = new ArrayList<>();
      if (v1) {
        steps.add(new LaunchStep.JoinCgroup(cgroup(name) + "/tasks"));
      }
      steps.addAll(root());
      steps.addAll(process(command));
      return new LaunchPlan(settings(), steps);
    }

    private List<LaunchStep> root() {
      return List.of(
          new LaunchStep.Propagation(KernelConstants.MS_REC | KernelConstants.MS_PRIVATE),
          new LaunchStep.Overlay(
              0,
              0,
              Optional.of(new Upper(file("upper").toString(), file("work").toString())),
              List.of(lower.toString()),
              List.of(),
              file("root").toString()),
          new LaunchStep.AttachRoot(0, file("root").toString()),
          new LaunchStep.NewFs(
              1,
              MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
              "proc",
              "proc",
              List.of()),
          new LaunchStep.Attach(1, false, 0555, "/proc"),
          new LaunchStep.NewFs(2, MOUNT_ATTR_NOSUID, "tmpfs", "tmpfs", List.of("mode=755")),
          new LaunchStep.Attach(2, false, 0755, "/dev"),
          new LaunchStep.Mknod(KernelConstants.S_IFCHR | 0666, 1, 3, Owner.ROOT, "/dev/null"),
          new LaunchStep.Mask("/proc/kcore"),
          new LaunchStep.Readonly("/proc/sys"),
          new LaunchStep.Hostname("red"),
          new LaunchStep.Pivot());
    }

    private List<LaunchStep> process(String... command) {
      return List.of(
          new LaunchStep.Chdir("/"),
          new LaunchStep.Umask(022),
          new LaunchStep.Credentials(0, 0, List.of(0L), CapabilitySets.NONE),
          new LaunchStep.Exec(true, command[0], List.of(command), ENV));
    }

    LaunchPlan exec(String... command) {
      List<LaunchStep> steps = new ArrayList<>();
      steps.add(new LaunchStep.JoinContainer(NAMESPACES));
      steps.addAll(process(command));
      return LaunchPlan.ofSteps(steps);
    }
  }
}
