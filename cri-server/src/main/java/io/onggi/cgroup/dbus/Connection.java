package io.onggi.cgroup.dbus;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A connection to a bus. Thread-safe: calls from many threads share it, one parked virtual thread
 * reads. Once broken it stays so; every call then fails, and another is to be made.
 */
public final class Connection implements AutoCloseable {
  private static final int LONGEST_LINE = 512;

  /** A signal: who sends is not told apart, the match rule does that. */
  @FunctionalInterface
  public interface Listener {
    void signal(String member, Reader body) throws IOException;
  }

  /** A call whose answer is to come. */
  private record Pending(int number, CompletableFuture<Message> answer) {}

  private final SocketChannel channel;
  private final Duration patience;
  private final Listener listener;
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<Integer, CompletableFuture<Message>> waiting = new ConcurrentHashMap<>();
  private int serial; // guarded by writing
  private volatile boolean broken;

  private Connection(SocketChannel channel, Duration patience, Listener listener) {
    this.channel = channel;
    this.patience = patience;
    this.listener = listener;
  }

  /**
   * Connects, says who we are (by the socket's credentials) and joins the bus.
   *
   * @param uid of this process
   * @param patience for each answer
   */
  public static Connection open(Path socket, int uid, Duration patience, Listener listener)
      throws DBusException {
    try {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      Connection connection = new Connection(channel, patience, listener);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        connection.authenticate(uid);
        Thread.ofVirtual().name("dbus").start(connection::read);
        connection.call(
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus",
            "Hello",
            "",
            _ -> {});
        return connection;
      } catch (IOException | DBusException e) {
        connection.close();
        throw e;
      }
    } catch (IOException e) {
      throw new DBusException("", "connect to the bus at " + socket + ": " + e.getMessage(), e);
    }
  }

  private void authenticate(int uid) throws IOException {
    String id = HexFormat.of().formatHex(Integer.toString(uid).getBytes(StandardCharsets.UTF_8));
    send("\0AUTH EXTERNAL " + id + "\r\n");
    String answer = line();
    if (!answer.startsWith("OK ")) {
      throw new IOException("the bus does not take us for user " + uid + ": " + answer.strip());
    }
    send("BEGIN\r\n");
  }

  private void send(String text) throws IOException {
    write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void write(byte[] bytes) throws IOException {
    for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
      channel.write(buffer);
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (!line.toString().endsWith("\r\n") && line.length() < LONGEST_LINE) {
      line.append((char) Byte.toUnsignedInt(exactly(1)[0]));
    }
    return line.toString();
  }

  private byte[] exactly(int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the bus has closed the connection");
      }
    }
    return buffer.array();
  }

  /** Whether calls can still be made. */
  public boolean usable() {
    return !broken;
  }

  /**
   * Calls a method and waits for its answer.
   *
   * @param signature of the body
   * @return the answer's body
   * @throws DBusException with the error's name, or an empty one when the connection failed
   */
  public Reader call(
      String destination,
      String path,
      String iface,
      String member,
      String signature,
      Consumer<Writer> body)
      throws DBusException {
    Message answer = await(member, send(destination, path, iface, member, signature, body));
    if (answer.type() == Message.ERROR) {
      String name = answer.text(Message.ERROR_NAME);
      throw new DBusException(name, member + ": " + errorText(answer, name));
    }
    return answer.reader();
  }

  private Pending send(
      String destination,
      String path,
      String iface,
      String member,
      String signature,
      Consumer<Writer> body)
      throws DBusException {
    Map<Integer, String> fields =
        Map.of(
            Message.PATH,
            path,
            Message.INTERFACE,
            iface,
            Message.MEMBER,
            member,
            Message.DESTINATION,
            destination);
    CompletableFuture<Message> answer = new CompletableFuture<>();
    int number = 0;
    writing.lock();
    try {
      serial++;
      number = serial;
      waiting.put(number, answer);
      write(Message.encode(Message.CALL, serial, fields, 0, signature, body));
    } catch (IOException e) {
      fail(e);
    } finally {
      writing.unlock();
    }
    if (broken) {
      fail(new IOException("the connection to the bus is closed")); // it broke before we waited
    }
    return new Pending(number, answer);
  }

  private Message await(String member, Pending pending) throws DBusException {
    try {
      return pending.answer().get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new DBusException("", member + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new DBusException("", member + ": no answer within " + patience.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DBusException("", member + ": the daemon leaves", e);
    } finally {
      waiting.remove(pending.number());
    }
  }

  private static String errorText(Message answer, String name) {
    try {
      return answer.text(Message.SIGNATURE).startsWith("s") ? answer.reader().text() : name;
    } catch (IOException _) {
      return name;
    }
  }

  private void read() {
    try {
      while (true) {
        byte[] fixed = exactly(Message.FIXED);
        int length = Message.length(fixed);
        byte[] whole = Arrays.copyOf(fixed, length);
        byte[] rest = exactly(length - Message.FIXED);
        System.arraycopy(rest, 0, whole, Message.FIXED, rest.length);
        dispatch(Message.decode(whole));
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void dispatch(Message message) throws IOException {
    switch (message.type()) {
      case Message.RETURN, Message.ERROR -> {
        CompletableFuture<Message> answer = waiting.remove(message.replySerial());
        if (answer != null) {
          answer.complete(message);
        }
      }
      case Message.SIGNAL -> listener.signal(message.text(Message.MEMBER), message.reader());
      default -> {
        // a call to us: we serve nothing, and who asks has a deadline of its own
      }
    }
  }

  private void fail(IOException cause) {
    broken = true;
    waiting.values().forEach(answer -> answer.completeExceptionally(cause));
    close();
  }

  /** Idempotent; calls that wait fail. */
  @Override
  public void close() {
    broken = true;
    try {
      channel.close();
    } catch (IOException _) {
      // nothing is written any more: there is nothing to lose
    }
  }
}
