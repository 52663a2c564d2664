package io.onggi.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdySessionStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An exec or attach over SPDY: one stream each for error, stdin, stdout, stderr and resize. */
final class SpdyCommand implements CommandClient, SpdyConnection.Owner {
  private static final Set<String> TYPES = Set.of("error", "stdin", "stdout", "stderr", "resize");

  /** What a client sends on the others is read by nobody. */
  private static final Set<String> INPUTS = Set.of("stdin", "resize");

  private final Link link;
  private final int version;
  private final int expected;
  private final Consumer<SpdyCommand> complete;
  private final Map<String, SpdyStream> streams = new HashMap<>();
  private final Inbox none;

  /**
   * @param version of the protocol, 1..4
   * @param complete told once, on the event loop, when every stream is open
   */
  SpdyCommand(Link link, StreamSet streams, int version, Consumer<SpdyCommand> complete) {
    this.link = link;
    this.version = version;
    this.expected = streams.streams(version >= 3);
    this.complete = complete;
    this.none = new Inbox(link.intake(), _ -> {});
    none.end();
  }

  @Override
  public synchronized boolean opened(SpdyStream stream) {
    String type = stream.header("streamType");
    if (!TYPES.contains(type) || streams.putIfAbsent(type, stream) != null) {
      return false;
    }
    if (!INPUTS.contains(type)) {
      stream.inbox().discard();
    }
    if (streams.size() == expected) {
      complete.accept(this);
    }
    return true;
  }

  synchronized boolean isComplete() {
    return streams.size() >= expected;
  }

  private synchronized @Nullable SpdyStream stream(String type) {
    return streams.get(type);
  }

  private Inbox inbox(String type) {
    SpdyStream stream = stream(type);
    return stream == null ? none : stream.inbox();
  }

  private void write(String type, ByteBuffer bytes) throws IOException {
    SpdyStream stream = stream(type);
    if (stream != null) {
      stream.write(bytes);
    }
  }

  @Override
  public Link link() {
    return link;
  }

  @Override
  public Inbox stdin() {
    return inbox("stdin");
  }

  @Override
  public Inbox resizes() {
    return inbox("resize");
  }

  @Override
  public void stdout(ByteBuffer bytes) throws IOException {
    write("stdout", bytes);
  }

  @Override
  public void stderr(ByteBuffer bytes) throws IOException {
    write("stderr", bytes);
  }

  @Override
  public ChannelFuture push(Outlet outlet, ByteBuf bytes) {
    SpdyStream stream = stream(outlet == Outlet.STDOUT ? "stdout" : "stderr");
    if (stream == null) {
      boolean _ = bytes.release();
      return link.done();
    }
    return stream.push(bytes);
  }

  @Override
  public void end(CommandStatus status) {
    String words = version >= 4 ? status.json() : status.text();
    SpdyStream error = stream("error");
    if (!words.isEmpty() && error != null) {
      error.say(words);
    }
    for (String type : TYPES) {
      SpdyStream stream = stream(type);
      if (stream != null) {
        stream.finish();
      }
    }
    link.finish(new DefaultSpdyGoAwayFrame(lastId(), SpdySessionStatus.OK));
  }

  private synchronized int lastId() {
    return streams.values().stream().mapToInt(SpdyStream::id).max().orElse(0);
  }
}
