package io.onggi.rpc;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.onggi.error.CriException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What holds for every text of every request: no NUL and no more bytes than one argument of a
 * process can have. Labels and annotations are free: they go to no system call and come back as
 * they were.
 */
final class RequestBounds {
  /** Linux MAX_ARG_STRLEN without the NUL at its end. */
  static final int LONGEST_TEXT = 131_071;

  private static final Set<String> FREE = Set.of("labels", "annotations", "label_selector");

  private RequestBounds() {}

  /**
   * @throws CriException.InvalidArgument naming the RPC and the field's path
   */
  static void check(String rpc, Message request) {
    checkMessage(rpc, "", request);
  }

  private static void checkMessage(String rpc, String path, Message message) {
    for (Map.Entry<FieldDescriptor, Object> set : message.getAllFields().entrySet()) {
      FieldDescriptor field = set.getKey();
      if (mayHoldText(field)) {
        checkField(rpc, path + field.getName(), field, set.getValue());
      }
    }
  }

  private static boolean mayHoldText(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING, MESSAGE -> !FREE.contains(field.getName());
      case INT, LONG, FLOAT, DOUBLE, BOOLEAN, BYTE_STRING, ENUM -> false;
    };
  }

  private static void checkField(String rpc, String path, FieldDescriptor field, Object value) {
    if (!field.isRepeated()) {
      checkValue(rpc, path, value);
      return;
    }
    int index = 0;
    for (Object member : (List<?>) value) {
      checkValue(rpc, path + "[" + index++ + "]", member);
    }
  }

  private static void checkValue(String rpc, String path, Object value) {
    switch (value) {
      case Message message when isMapEntry(message.getDescriptorForType()) ->
          message.getAllFields().values().forEach(part -> checkValue(rpc, path, part));
      case Message message -> checkMessage(rpc, path + ".", message);
      case String text -> checkText(rpc, path, text);
      default -> {}
    }
  }

  private static boolean isMapEntry(Descriptor type) {
    return type.getOptions().getMapEntry();
  }

  private static void checkText(String rpc, String path, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new CriException.InvalidArgument(
          rpc + ": " + path + " holds a NUL byte, which no system call takes; remove it");
    }
    boolean mayBeLong = text.length() > LONGEST_TEXT / 3;
    int bytes = mayBeLong ? text.getBytes(StandardCharsets.UTF_8).length : 0;
    if (bytes > LONGEST_TEXT) {
      throw new CriException.InvalidArgument(
          rpc + ": " + path + " has " + bytes + " bytes, at most " + LONGEST_TEXT + " are allowed");
    }
  }
}
