package io.onggi.rpc;

import com.google.protobuf.MessageLite;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A streamed list (CRI rule 53): every item once, messages of at least one item, then the end. A
 * message is made only when the client has room for it, so a slow client costs the list of what to
 * tell and no more, and one that leaves ends the work.
 *
 * @param <I> what there is
 * @param <P> an item as CRI shows it
 * @param <A> a message of items
 */
final class ItemStream<I, P extends MessageLite, A> {
  /** Bytes of items a message, unless one alone is larger: far below the kubelet's 16 MiB. */
  static final int MESSAGE_BYTES = 256 << 10;

  /** Items a message: what a client waits for is at most these. */
  static final int MESSAGE_ITEMS = 100;

  private final ServerCallStreamObserver<A> client;
  private final String rpc;
  private final Iterator<I> items;
  private final Function<I, P> form;
  private final Function<List<P>, A> message;
  private boolean over;

  private ItemStream(
      ServerCallStreamObserver<A> client,
      String rpc,
      Iterator<I> items,
      Function<I, P> form,
      Function<List<P>, A> message) {
    this.client = client;
    this.rpc = rpc;
    this.items = items;
    this.form = form;
    this.message = message;
  }

  /**
   * Answers one call.
   *
   * @param items taken once, when the call comes
   */
  static <I, P extends MessageLite, A> void answer(
      StreamObserver<A> observer,
      String rpc,
      Supplier<List<I>> items,
      Function<I, P> form,
      Function<List<P>, A> message) {
    ServerCallStreamObserver<A> client = (ServerCallStreamObserver<A>) observer;
    try {
      ItemStream<I, P, A> stream =
          new ItemStream<>(client, rpc, items.get().iterator(), form, message);
      client.setOnCancelHandler(() -> {}); // without one, onNext throws to a client that left
      client.setOnReadyHandler(stream::send);
      stream.send();
    } catch (RuntimeException e) {
      Answer.failed(observer, rpc, e);
    }
  }

  /** Called whenever there is room; gRPC calls one at a time. */
  private void send() {
    try {
      while (!over && client.isReady() && !client.isCancelled()) {
        List<P> next = next();
        if (!next.isEmpty()) {
          client.onNext(message.apply(next));
        }
        if (!items.hasNext()) {
          over = true;
          client.onCompleted();
        }
      }
    } catch (RuntimeException e) {
      over = true;
      Answer.failed(client, rpc, e);
    }
  }

  private List<P> next() {
    List<P> batch = new ArrayList<>();
    long bytes = 0;
    while (items.hasNext() && batch.size() < MESSAGE_ITEMS && bytes < MESSAGE_BYTES) {
      P item = form.apply(items.next());
      batch.add(item);
      bytes += item.getSerializedSize();
    }
    return batch;
  }
}
