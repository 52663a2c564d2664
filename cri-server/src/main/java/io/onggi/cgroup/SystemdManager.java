package io.onggi.cgroup;

import io.onggi.cgroup.dbus.Connection;
import io.onggi.cgroup.dbus.DBusException;
import io.onggi.cgroup.dbus.Reader;
import io.onggi.cgroup.dbus.Writer;
import io.onggi.error.CriException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * systemd over the system bus (man 5 org.freedesktop.systemd1). Thread-safe. Connects when it is
 * first needed and again after the bus has gone.
 *
 * <p>A job is done when JobRemoved says so: StartTransientUnit answers when it is only queued.
 */
public final class SystemdManager implements Systemd, AutoCloseable {
  /** The bus's socket (D-Bus specification, "System message bus"). */
  public static final Path BUS = Path.of("/run/dbus/system_bus_socket");

  private static final String NAME = "org.freedesktop.systemd1";
  private static final String PATH = "/org/freedesktop/systemd1";
  private static final String MANAGER = "org.freedesktop.systemd1.Manager";
  private static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";
  private static final String UNIT_EXISTS = "org.freedesktop.systemd1.UnitExists";

  private final Path socket;
  private final int uid;
  private final Duration patience;
  private final Map<String, CompletableFuture<String>> jobs = new ConcurrentHashMap<>();
  private final ReentrantLock connecting = new ReentrantLock();
  private Optional<Connection> connection = Optional.empty(); // guarded by connecting

  /**
   * @param uid of this process, as the bus knows it
   * @param patience for each answer and each job
   */
  public SystemdManager(Path socket, int uid, Duration patience) {
    this.socket = socket;
    this.uid = uid;
    this.patience = patience;
  }

  @Override
  public void start(String unit, List<UnitProperty> properties) {
    try {
      begin(unit, properties);
    } catch (DBusException e) {
      if (!e.name().equals(UNIT_EXISTS)) {
        throw failed("start", unit, e);
      }
      stop(unit);
      try {
        begin(unit, properties);
      } catch (DBusException again) {
        throw failed("start", unit, again);
      }
    }
  }

  private void begin(String unit, List<UnitProperty> properties) throws DBusException {
    job(
        "start",
        unit,
        "StartTransientUnit",
        "ssa(sv)a(sa(sv))",
        w -> {
          w.text(unit).text("fail");
          put(w, properties);
          w.structs(() -> {}); // no units beside it
        });
  }

  @Override
  public void set(String unit, List<UnitProperty> properties) {
    try {
      call(
          "SetUnitProperties",
          "sba(sv)",
          w -> {
            w.text(unit).bool(true); // until it ends: nothing below /etc
            put(w, properties);
          });
    } catch (DBusException e) {
      throw failed("change", unit, e);
    }
  }

  @Override
  public void stop(String unit) {
    try {
      job("stop", unit, "StopUnit", "ss", w -> w.text(unit).text("fail"));
      call("ResetFailedUnit", "s", w -> w.text(unit));
    } catch (DBusException e) {
      if (!e.name().equals(NO_SUCH_UNIT)) {
        throw failed("stop", unit, e);
      }
    }
  }

  private static void put(Writer writer, List<UnitProperty> properties) {
    writer.structs(
        () -> properties.forEach(p -> writer.struct().text(p.name()).variant(p.value())));
  }

  private void job(String verb, String unit, String member, String signature, Consumer<Writer> body)
      throws DBusException {
    CompletableFuture<String> end = new CompletableFuture<>();
    jobs.put(unit, end); // before the call: the signal may overtake our waking up
    try {
      call(member, signature, body);
      String result = end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!result.equals("done")) {
        throw new CriException.Internal(
            "systemd: " + verb + " " + unit + ": the job ended as \"" + result + "\"", null);
      }
    } catch (TimeoutException e) {
      throw new CriException.Unavailable(
          "systemd: " + verb + " " + unit + ": not done within " + patience.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException.Unavailable(
          "systemd: " + verb + " " + unit + ": the daemon leaves meanwhile", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // nobody completes it so
    } finally {
      jobs.remove(unit, end);
    }
  }

  private void call(String member, String signature, Consumer<Writer> body) throws DBusException {
    connected().call(NAME, PATH, MANAGER, member, signature, body);
  }

  private Connection connected() throws DBusException {
    connecting.lock();
    try {
      if (connection.isPresent() && connection.get().usable()) {
        return connection.get();
      }
      Connection fresh = Connection.open(socket, uid, patience, this::signal);
      String rule =
          "type='signal',sender='" + NAME + "',interface='" + MANAGER + "',member='JobRemoved'";
      fresh.call(
          "org.freedesktop.DBus",
          "/org/freedesktop/DBus",
          "org.freedesktop.DBus",
          "AddMatch",
          "s",
          w -> w.text(rule));
      fresh.call(NAME, PATH, MANAGER, "Subscribe", "", _ -> {});
      connection = Optional.of(fresh);
      return fresh;
    } finally {
      connecting.unlock();
    }
  }

  private void signal(String member, Reader body) throws IOException {
    if (!member.equals("JobRemoved")) {
      return;
    }
    body.u32(); // the job's number
    body.text(); // its path
    CompletableFuture<String> end = jobs.get(body.text());
    if (end != null) {
      end.complete(body.text());
    }
  }

  private CriException failed(String verb, String unit, DBusException e) {
    String message = "systemd: " + verb + " " + unit + ": " + e.getMessage();
    return switch (e.name()) {
      case "" ->
          new CriException.Unavailable(
              message
                  + "; is dbus running ("
                  + socket
                  + ")? Else set [cgroup] driver = \"cgroupfs\"",
              e);
      case "org.freedesktop.DBus.Error.InvalidArgs" -> new CriException.InvalidArgument(message, e);
      default -> new CriException.Internal(message, e);
    };
  }

  @Override
  public void close() {
    connecting.lock();
    try {
      connection.ifPresent(Connection::close);
    } finally {
      connecting.unlock();
    }
  }
}
