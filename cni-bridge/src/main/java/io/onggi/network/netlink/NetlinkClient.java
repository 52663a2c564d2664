package io.onggi.network.netlink;

import io.onggi.linux.Errno;
import io.onggi.linux.LinuxException;
import io.onggi.linux.NetlinkSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Requests and answers over one socket. For one thread at a time; {@link ClientPool} lends.
 *
 * <p>Answers are matched by sequence number; what belongs to an earlier exchange is dropped, so a
 * client survives a request that ran into its timeout.
 */
public final class NetlinkClient implements AutoCloseable {
  private static final int MESSAGE_HEADER = 16;
  private static final int NLMSGERR_ATTR_MSG = 1;
  private static final int NFNL_MSG_BATCH_BEGIN = 0x10;
  private static final int NFNL_MSG_BATCH_END = 0x11;
  private static final int NFNL_SUBSYS_NFTABLES = 10;

  private final NetlinkSocket socket;
  private int sequence = 1;

  public NetlinkClient(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Sends all requests in one datagram. The kernel carries them out in order and does not stop at a
   * failure.
   *
   * @throws LinuxException of the first request that failed, named by its {@code what}
   */
  public void execute(List<NetlinkRequest> requests) {
    int first = sequence;
    send(requests, NetlinkRequest.NLM_F_ACK);
    List<LinuxException> failures = new ArrayList<>();
    Map<Integer, NetlinkRequest> open = new HashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      open.put(first + i, requests.get(i));
    }
    while (!open.isEmpty()) {
      for (NetlinkMessage message : NetlinkReader.messages(socket.receive())) {
        if (message.type() == NetlinkMessage.NLMSG_ERROR) {
          NetlinkRequest request = open.remove(message.sequence());
          if (request != null) {
            failure(request, message).ifPresent(failures::add);
          }
        }
      }
    }
    throwFirst(failures);
  }

  public void execute(NetlinkRequest request) {
    execute(List.of(request));
  }

  /**
   * Carries out nf_tables requests as one transaction: all or none.
   *
   * @throws LinuxException of the first request that the kernel refused
   */
  public void transact(List<NetlinkRequest> requests) {
    List<NetlinkRequest> batch = new ArrayList<>();
    batch.add(batchEdge(NFNL_MSG_BATCH_BEGIN));
    batch.addAll(requests);
    batch.add(batchEdge(NFNL_MSG_BATCH_END));
    int begin = sequence;
    int last = begin + requests.size();
    // Failures are always reported, success only where asked for: the last request asks.
    send(batch, 0);
    List<LinuxException> failures = new ArrayList<>();
    boolean done = false;
    while (!done) {
      for (NetlinkMessage message : NetlinkReader.messages(socket.receive())) {
        int index = message.sequence() - begin;
        if (message.type() == NetlinkMessage.NLMSG_ERROR && index >= 0 && index < batch.size()) {
          failure(batch.get(index), message).ifPresent(failures::add);
          done |= message.sequence() == last || index == 0;
        }
      }
    }
    throwFirst(failures);
  }

  /**
   * Sends a query; collects its answers through {@code decoder} while the bytes are valid.
   *
   * @throws LinuxException if the kernel answers with an error, ENODEV for a link that is not there
   */
  <T> List<T> query(NetlinkRequest request, Decoder<T> decoder) {
    boolean dump = (request.flags() & NetlinkRequest.NLM_F_DUMP) == NetlinkRequest.NLM_F_DUMP;
    int wanted = sequence;
    // A dump ends with DONE; any other query is followed by its acknowledgement.
    send(List.of(request), dump ? 0 : NetlinkRequest.NLM_F_ACK);
    List<T> answers = new ArrayList<>();
    while (true) {
      for (NetlinkMessage message : NetlinkReader.messages(socket.receive())) {
        if (message.sequence() != wanted) {
          continue;
        }
        if (message.type() == NetlinkMessage.NLMSG_ERROR
            || message.type() == NetlinkMessage.NLMSG_DONE) {
          throwFirst(failure(request, message).stream().toList());
          return answers;
        }
        answers.add(decoder.decode(message.body()));
      }
    }
  }

  /** From a message's body to a value. */
  interface Decoder<T> {
    T decode(ByteBuffer body);
  }

  @Override
  public void close() {
    socket.close();
  }

  private static NetlinkRequest batchEdge(int type) {
    byte[] nfgenmsg = {0, 0, 0, NFNL_SUBSYS_NFTABLES};
    return new NetlinkRequest("commit nf_tables transaction", type, 0, nfgenmsg);
  }

  private void send(List<NetlinkRequest> requests, int flags) {
    int total = requests.stream().mapToInt(r -> MESSAGE_HEADER + r.body().length).sum();
    ByteBuffer out = ByteBuffer.allocate(total).order(ByteOrder.nativeOrder());
    for (int i = 0; i < requests.size(); i++) {
      NetlinkRequest request = requests.get(i);
      boolean beforeBatchEnd = flags == 0 && i == requests.size() - 2;
      int acknowledge = beforeBatchEnd ? NetlinkRequest.NLM_F_ACK : flags;
      out.putInt(MESSAGE_HEADER + request.body().length)
          .putShort((short) request.type())
          .putShort((short) (request.flags() | NetlinkRequest.NLM_F_REQUEST | acknowledge))
          .putInt(sequence++)
          .putInt(0)
          .put(request.body());
    }
    socket.send(out.array(), total);
  }

  private static Optional<LinuxException> failure(NetlinkRequest request, NetlinkMessage message) {
    OptionalInt error = errorOf(message);
    if (error.isEmpty()) {
      return Optional.empty();
    }
    String hint = hintOf(message);
    String object = hint.isEmpty() ? request.what() : request.what() + " (" + hint + ")";
    return Optional.of(new LinuxException("netlink:", object, error.getAsInt()));
  }

  /** Positive errno; empty for an acknowledgement. */
  static OptionalInt errorOf(NetlinkMessage message) {
    if (message.body().limit() < 4) {
      throw new NetlinkFormatException("an error message without an error number");
    }
    int error = message.body().getInt(0);
    return error == 0 ? OptionalInt.empty() : OptionalInt.of(-error);
  }

  /** The kernel's own sentence (NLMSGERR_ATTR_MSG), empty without one. */
  static String hintOf(NetlinkMessage message) {
    boolean attributes = (message.flags() & NetlinkMessage.NLM_F_ACK_TLVS) != 0;
    boolean capped = (message.flags() & NetlinkMessage.NLM_F_CAPPED) != 0;
    int header = 4 + MESSAGE_HEADER;
    if (!attributes || !capped || message.body().limit() < header) {
      return "";
    }
    return NetlinkReader.string(
        NetlinkReader.attributes(message.body(), header), NLMSGERR_ATTR_MSG);
  }

  private static void throwFirst(List<LinuxException> failures) {
    if (!failures.isEmpty()) {
      LinuxException first = failures.getFirst();
      failures.stream().skip(1).limit(3).forEach(first::addSuppressed);
      throw first;
    }
  }

  /** True for the errors that mean: the link, element or table is not there. */
  public static boolean isAbsent(LinuxException e) {
    return e.is(Errno.ENODEV) || e.is(Errno.ENOENT) || e.is(Errno.ENXIO);
  }
}
