package io.onggi.cgroup.dbus;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A bus with systemd on it, as far as units go: takes the messages apart by itself, keeps what it
 * was told of each unit, answers and signals as systemd does.
 */
public final class FakeBus implements Closeable {
  private final ServerSocketChannel server;
  private final Map<String, Map<String, Object>> units = new TreeMap<>();
  private final List<String> calls = new ArrayList<>();
  private final List<SocketChannel> clients = new ArrayList<>();
  private String refuse = "";
  private String jobResult = "done";
  private boolean mute;
  private boolean rejectUser;

  public FakeBus(Path socket) throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  /** Every unit there is, with its properties. */
  public synchronized Map<String, Map<String, Object>> units() {
    return new TreeMap<>(units);
  }

  /** One of them. */
  public synchronized Map<String, Object> unit(String name) {
    return Optional.ofNullable(units.get(name)).orElseThrow();
  }

  /** Members called so far, with the unit for those that name one. */
  public synchronized List<String> calls() {
    return List.copyOf(calls);
  }

  /** This member fails with an error from now on; empty: none. */
  public synchronized void refuse(String member) {
    refuse = member;
  }

  public synchronized void jobsEndAs(String result) {
    jobResult = result;
  }

  /** Calls are taken and not answered. */
  public synchronized void fallSilent() {
    mute = true;
  }

  public synchronized void rejectUser() {
    rejectUser = true;
  }

  /** Every connection breaks; new ones are taken. */
  public synchronized void disconnectAll() throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
    clients.clear();
  }

  /** A unit ends by itself, as a scope without processes. */
  public synchronized void ends(String unit) {
    units.remove(unit);
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        synchronized (this) {
          clients.add(client);
        }
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException _) {
      // closed: the test is over
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      String hello = line(client);
      if (rejectUser || !hello.equals("\0AUTH EXTERNAL 30\r\n")) { // "0" in hexadecimal
        send(client, "REJECTED EXTERNAL\r\n");
        return;
      }
      send(client, "OK 0123456789abcdef\r\n");
      line(client);
      for (int serial = 1; ; serial += 2) {
        byte[] fixed = exactly(client, Message.FIXED);
        byte[] whole = Arrays.copyOf(fixed, Message.length(fixed));
        byte[] rest = exactly(client, whole.length - fixed.length);
        System.arraycopy(rest, 0, whole, fixed.length, rest.length);
        answer(client, serial, Message.decode(whole));
      }
    } catch (IOException _) {
      // the client has gone
    }
  }

  private synchronized void answer(SocketChannel client, int serial, Message call)
      throws IOException {
    String member = call.text(Message.MEMBER);
    Reader body = call.reader();
    String unit = body.atEnd() ? "" : body.text();
    calls.add(unit.isEmpty() || member.equals("AddMatch") ? member : member + " " + unit);
    if (mute) {
      return;
    }
    if (member.equals(refuse)) {
      error(client, serial, call, "org.freedesktop.DBus.Error.AccessDenied", "not today");
      return;
    }
    switch (member) {
      case "Hello", "AddMatch", "Subscribe" -> reply(client, serial, call, "", _ -> {});
      case "ResetFailedUnit" -> {
        if (units.containsKey(unit)) {
          reply(client, serial, call, "", _ -> {});
        } else {
          error(client, serial, call, "org.freedesktop.systemd1.NoSuchUnit", unit + " not loaded.");
        }
      }
      case "StartTransientUnit" -> {
        body.text(); // the mode
        if (units.containsKey(unit)) {
          error(client, serial, call, "org.freedesktop.systemd1.UnitExists", unit + " exists");
          return;
        }
        units.put(unit, properties(body));
        // the signal first: a client must not need the answer to know its job
        jobRemoved(client, serial + 1, unit);
        reply(client, serial, call, "o", w -> w.text("/org/freedesktop/systemd1/job/1"));
      }
      case "SetUnitProperties" -> {
        body.u32(); // for the unit's life only
        unit(unit).putAll(properties(body));
        reply(client, serial, call, "", _ -> {});
      }
      case "StopUnit" -> {
        if (units.remove(unit) == null) {
          error(client, serial, call, "org.freedesktop.systemd1.NoSuchUnit", unit + " not loaded.");
          return;
        }
        reply(client, serial, call, "o", w -> w.text("/org/freedesktop/systemd1/job/2"));
        jobRemoved(client, serial + 1, unit);
      }
      default -> error(client, serial, call, "org.freedesktop.DBus.Error.UnknownMethod", member);
    }
  }

  private static Map<String, Object> properties(Reader body) throws IOException {
    Map<String, Object> properties = new TreeMap<>();
    int end = body.u32() + body.align(8).position();
    while (body.position() < end) {
      String name = body.align(8).text();
      properties.put(name, value(body, body.signature()));
    }
    return properties;
  }

  private static Object value(Reader body, String type) throws IOException {
    return switch (type) {
      case "s" -> body.text();
      case "b" -> body.u32() == 1;
      case "t" -> body.u64();
      case "au", "ay", "a(ss)" -> {
        int length = body.u32();
        int end = body.align(type.equals("a(ss)") ? 8 : 1).position() + length;
        List<Object> items = new ArrayList<>();
        while (body.position() < end) {
          items.add(
              switch (type) {
                case "au" -> body.u32();
                case "ay" -> body.u8();
                default -> body.align(8).text() + " " + body.text();
              });
        }
        yield items;
      }
      default -> throw new IOException("type " + type);
    };
  }

  private void jobRemoved(SocketChannel client, int serial, String unit) throws IOException {
    write(
        client,
        Message.encode(
            Message.SIGNAL,
            serial,
            Map.of(
                Message.PATH,
                "/org/freedesktop/systemd1",
                Message.INTERFACE,
                "org.freedesktop.systemd1.Manager",
                Message.MEMBER,
                "JobRemoved"),
            0,
            "uoss",
            w -> w.u32(1).text("/org/freedesktop/systemd1/job/1").text(unit).text(jobResult)));
  }

  private static void reply(
      SocketChannel client, int serial, Message call, String signature, Consumer<Writer> body)
      throws IOException {
    write(client, Message.encode(Message.RETURN, serial, Map.of(), call.serial(), signature, body));
  }

  private static void error(
      SocketChannel client, int serial, Message call, String name, String text) throws IOException {
    write(
        client,
        Message.encode(
            Message.ERROR,
            serial,
            Map.of(Message.ERROR_NAME, name),
            call.serial(),
            "s",
            w -> w.text(text)));
  }

  private static void send(SocketChannel client, String text) throws IOException {
    write(client, text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private static void write(SocketChannel client, byte[] bytes) throws IOException {
    for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
      client.write(buffer);
    }
  }

  private static String line(SocketChannel client) throws IOException {
    StringBuilder line = new StringBuilder();
    while (!line.toString().endsWith("\r\n")) {
      line.append((char) exactly(client, 1)[0]);
    }
    return line.toString();
  }

  private static byte[] exactly(SocketChannel client, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (client.read(buffer) < 0) {
        throw new EOFException();
      }
    }
    return buffer.array();
  }

  @Override
  public void close() throws IOException {
    server.close();
    disconnectAll();
  }
}
