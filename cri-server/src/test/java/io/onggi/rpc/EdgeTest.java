package io.onggi.rpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.io.ByteStreams;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.onggi.proto.ListImagesRequest;
import io.onggi.proto.RuntimeServiceGrpc;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Requests whose bytes are no request. */
class EdgeTest {
  /** Field 1, length 100, of which two bytes come. */
  private static final byte[] CUT = {0x0a, 100, 1, 2};

  @TempDir private static Path folder;
  private static RpcWorld world;

  @BeforeAll
  static void begin() {
    world = new RpcWorld(folder);
  }

  @AfterAll
  static void end() {
    world.close();
  }

  private static StatusRuntimeException refused(MethodDescriptor<?, ?> rpc, byte[] bytes) {
    MethodDescriptor<byte[], byte[]> raw =
        rpc.toBuilder(Raw.BYTES, Raw.BYTES).setType(MethodType.SERVER_STREAMING).build();
    return assertThrows(
        StatusRuntimeException.class,
        () ->
            ClientCalls.blockingServerStreamingCall(
                    world.channel(), raw, CallOptions.DEFAULT, bytes)
                .forEachRemaining(_ -> {}));
  }

  @TestFactory
  Stream<DynamicTest> bytes_that_are_no_message_are_an_invalid_argument_that_names_the_rpc() {
    return Attack.rpcs().stream()
        .map(
            rpc ->
                DynamicTest.dynamicTest(
                    String.valueOf(rpc.getBareMethodName()),
                    () -> {
                      StatusRuntimeException e = refused(rpc, CUT);
                      assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
                      String said = String.valueOf(e.getStatus().getDescription());
                      String name = rpc.getBareMethodName();
                      assertTrue(
                          said.startsWith(name + ": the request is no message of type " + name),
                          said);
                    }));
  }

  @Test
  void a_text_that_is_not_utf_8_is_an_invalid_argument() {
    byte[] id = {0x0a, 2, (byte) 0xff, (byte) 0xc0};
    StatusRuntimeException e = refused(RuntimeServiceGrpc.getStopContainerMethod(), id);
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(String.valueOf(e.getMessage()).contains("UTF-8"), e.getMessage());
  }

  @Test
  void the_next_call_on_the_connection_is_served() {
    refused(
        RuntimeServiceGrpc.getStopContainerMethod(), "garbage".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        1, world.images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
  }

  /** Bytes as they are. */
  private enum Raw implements MethodDescriptor.Marshaller<byte[]> {
    BYTES;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return ByteStreams.toByteArray(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
