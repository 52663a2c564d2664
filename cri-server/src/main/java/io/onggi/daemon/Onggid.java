package io.onggi.daemon;

import io.onggi.daemon.config.Command;
import io.onggi.daemon.config.CommandLine;
import io.onggi.daemon.config.ConfigException;
import io.onggi.daemon.config.DaemonConfig;
import io.onggi.error.CriException;
import io.onggi.linux.LinuxException;
import io.onggi.log.DaemonLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/** {@code onggid}: the daemon's main. Leaves with status 2 when it is asked for something wrong. */
public final class Onggid {
  private static final int USAGE = 2;
  private static final int FAILED = 1;

  private Onggid() {}

  @SuppressWarnings("SystemOut") // a program's standard output is for what it was asked to print
  public static void main(String[] arguments) throws InterruptedException {
    try {
      switch (CommandLine.parse(Arrays.asList(arguments), Version.TEXT)) {
        case Command.Print print -> System.out.print(print.text());
        case Command.Serve serve -> serve(serve.config());
      }
    } catch (ConfigException e) {
      fail(USAGE, e);
    } catch (CriException | LinuxException e) {
      fail(FAILED, e);
    }
  }

  private static void serve(DaemonConfig config) throws InterruptedException {
    requireRoot();
    try (DaemonLog _ =
        DaemonLog.install(config.log().level(), new FileOutputStream(FileDescriptor.err))) {
      Logger logger = Logger.getLogger(Onggid.class.getName());
      CountDownLatch end = new CountDownLatch(1);
      CountDownLatch ended = new CountDownLatch(1);
      try (Daemon _ = Daemon.start(config)) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(end, ended), "shutdown"));
        logger.log(
            Level.INFO,
            "onggid {0} serves CRI on {1}",
            new Object[] {Version.TEXT, config.server().socket()});
        end.await();
        logger.info("leaving; every container goes on");
      } finally {
        ended.countDown();
      }
    }
  }

  /** SIGTERM and SIGINT: the hook waits until the daemon is closed, then the JVM may halt. */
  private static void stop(CountDownLatch end, CountDownLatch ended) {
    end.countDown();
    try {
      ended.await();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void requireRoot() {
    try {
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
      if (!uid.equals(0)) {
        throw new CriException.FailedPrecondition(
            "onggid makes namespaces, mounts and cgroups and must run as root (this is uid "
                + uid
                + "); use sudo");
      }
    } catch (IOException e) {
      throw new CriException.Internal("reading /proc/self: " + e, e);
    }
  }

  @SuppressWarnings("SystemOut") // there may be no log yet
  private static void fail(int status, RuntimeException e) {
    System.err.println("onggid: " + e.getMessage());
    System.exit(status);
  }
}
