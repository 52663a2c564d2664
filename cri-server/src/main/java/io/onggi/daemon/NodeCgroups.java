package io.onggi.daemon;

import io.onggi.cgroup.CgroupPath;
import io.onggi.cgroup.Cgroups;
import io.onggi.cgroup.ScopeHolder;
import io.onggi.cgroup.SystemdCgroups;
import io.onggi.cgroup.SystemdManager;
import io.onggi.daemon.config.DaemonConfig.CgroupConfig;
import io.onggi.launch.IdleProcess;
import io.onggi.store.Ledger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The node's cgroups, by the driver that is configured or found. */
final class NodeCgroups {
  static final Path MOUNT = Path.of("/sys/fs/cgroup");

  /** Exists where systemd is the init (man 3 sd_booted). */
  private static final Path BOOTED = Path.of("/run/systemd/system");

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private NodeCgroups() {}

  /**
   * @param idle starts a process that does nothing
   * @param owner closes what is given to it when the daemon ends
   */
  static Cgroups open(
      CgroupConfig config,
      Ledger ledger,
      Supplier<IdleProcess> idle,
      Consumer<AutoCloseable> owner) {
    CgroupParents parents = new CgroupParents(ledger, MOUNT, config.root());
    Cgroups files = Cgroups.detect(MOUNT, parents);
    files.adoptParents(parents.recorded());
    boolean systemd =
        switch (config.driver()) {
          case SYSTEMD -> true;
          case CGROUPFS -> false;
          case AUTO -> files.version() == 2 && Files.isDirectory(BOOTED);
        };
    if (systemd) {
      SystemdManager manager = new SystemdManager(SystemdManager.BUS, 0, PATIENCE);
      owner.accept(manager);
      return new SystemdCgroups(
          files,
          manager,
          () -> held(idle.get()),
          io.onggi.cgroup.CgroupDriver.SYSTEMD.root(CgroupPath.of(config.root())));
    }
    // An earlier daemon made the root; the last container of this one takes it along.
    files.adoptParents(
        files.joinFiles(CgroupPath.of(config.root())).stream()
            .flatMap(file -> Stream.ofNullable(file.getParent()))
            .toList());
    return files;
  }

  private static ScopeHolder.Held held(IdleProcess process) {
    return new ScopeHolder.Held() {
      @Override
      public int pid() {
        return process.pid();
      }

      @Override
      public void close() {
        process.close();
      }
    };
  }
}
