package io.onggi.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.onggi.sandbox.SandboxFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fuzz target: requests of every RPC. The first byte chooses the RPC, the second the way: even, the
 * rest is the request as on the wire, in which an id of a few letters stands for one that exists;
 * odd, each three bytes spoil one field of a good request.
 */
public final class RequestFuzz {
  private static final int HEAD = 2;
  private static final int EDIT = 3;
  private static final int MOST_EDITS = 4;
  private static final int SHORT_ID = 8;

  private static final List<MethodDescriptor<?, ?>> RPCS = Attack.rpcs();
  private static final Map<String, List<Spoilt.Place>> PLACES = new HashMap<>();
  private static final Attack ATTACK = begin();

  private RequestFuzz() {}

  private static Attack begin() {
    try {
      Path folder = Files.createTempDirectory("onggi-fuzz");
      Attack attack = new Attack(folder);
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    attack.close();
                    SandboxFolders.delete(folder);
                  }));
      return attack;
    } catch (IOException e) {
      throw new UncheckedIOException("making a folder", e);
    }
  }

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length < HEAD) {
      return;
    }
    MethodDescriptor<?, ?> rpc = RPCS.get((data[0] & 0xff) % RPCS.size());
    byte[] rest = Arrays.copyOfRange(data, HEAD, data.length);
    Message request = (data[1] & 1) == 0 ? wire(rpc, rest) : spoilt(rpc, rest);
    ATTACK
        .send(rpc, request, List.of())
        .ifPresent(
            wrong -> {
              throw new AssertionError(wrong);
            });
  }

  /** What is no message at all EdgeTest holds; here its good request goes instead. */
  private static Message wire(MethodDescriptor<?, ?> rpc, byte[] bytes) {
    Message valid = ATTACK.valid(rpc);
    Message.Builder request;
    try {
      request = Attack.prototype(rpc).toBuilder().mergeFrom(bytes);
    } catch (InvalidProtocolBufferException _) {
      return valid;
    }
    for (var field : valid.getDescriptorForType().getFields()) {
      boolean isId = List.of("pod_sandbox_id", "container_id").contains(field.getName());
      if (isId && ((String) request.getField(field)).length() < SHORT_ID) {
        request.setField(field, valid.getField(field));
      }
    }
    return request.build();
  }

  /** Some fields of the RPC's good request spoilt, as the bytes say. */
  static Message spoilt(MethodDescriptor<?, ?> rpc, byte[] bytes) {
    Message request = ATTACK.valid(rpc);
    List<Spoilt.Place> places =
        PLACES.computeIfAbsent(
            rpc.getFullMethodName(), _ -> Spoilt.places(ATTACK.valid(rpc).getDescriptorForType()));
    if (places.isEmpty()) {
      return request;
    }
    for (int i = 0; i + EDIT <= bytes.length && i < EDIT * MOST_EDITS; i += EDIT) {
      int which = ((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff);
      List<Spoilt.Way> ways = Spoilt.ways(places.get(which % places.size()));
      request = ways.get((bytes[i + 2] & 0xff) % ways.size()).change().apply(request);
    }
    return request;
  }
}
