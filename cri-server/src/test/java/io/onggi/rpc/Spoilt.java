package io.onggi.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Ways to spoil a message: every field of every message within it, each set to what a hostile or
 * broken client might send.
 */
final class Spoilt {
  private static final int MANY = 10_000;
  private static final int HUGE = 2 << 20;
  private static final int LONG = 70_000;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\0",
          "a\0b",
          "\n",
          "a\nb 1.2.3.4",
          "..",
          ".",
          "/",
          "//",
          "../../../etc/shadow",
          "/../..",
          "/a/../../b",
          "a/b",
          "-rf",
          "%s%n%x",
          "\u202etxt\u0007\u001b[31m",
          "\ud83e\udd86 onggi \uc639\uae30",
          "\ufffd\uffff",
          "0",
          "-1",
          "18446744073709551616",
          "1e309",
          "0-",
          "1,".repeat(LONG / 2) + "1",
          "a-".repeat(LONG / 2) + "a",
          "a.b".repeat(LONG / 3),
          "/x".repeat(LONG / 2),
          "a=b",
          "localhost/..",
          "sha256:" + "f".repeat(64),
          "sha256:",
          "x".repeat(300),
          "ALL",
          "*",
          "x".repeat(LONG),
          "x".repeat(HUGE));

  private static final List<Long> NUMBERS =
      List.of(
          0L,
          1L,
          -1L,
          2L,
          65_535L,
          65_536L,
          (long) Integer.MAX_VALUE,
          (long) Integer.MIN_VALUE,
          0xffff_ffffL,
          1L << 32,
          Long.MAX_VALUE - 1,
          Long.MAX_VALUE,
          Long.MIN_VALUE);

  private Spoilt() {}

  /** A field, by the fields that lead to it; of a list it is the first member's. */
  record Place(List<FieldDescriptor> fields) {
    FieldDescriptor last() {
      return fields.getLast();
    }

    @Override
    public String toString() {
      return fields.stream().map(FieldDescriptor::getName).collect(Collectors.joining("."));
    }
  }

  /** One way to spoil one field. */
  record Way(String name, UnaryOperator<Message> change) {}

  /** Every field that a message of that type can have, at any depth. */
  static List<Place> places(Descriptor type) {
    List<Place> places = new ArrayList<>();
    collect(type, List.of(), places);
    return places;
  }

  private static void collect(Descriptor type, List<FieldDescriptor> above, List<Place> into) {
    for (FieldDescriptor field : type.getFields()) {
      List<FieldDescriptor> path = new ArrayList<>(above);
      path.add(field);
      into.add(new Place(List.copyOf(path)));
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
        collect(field.getMessageType(), path, into);
      }
    }
  }

  /** Everything that can be done to that field. */
  static List<Way> ways(Place place) {
    FieldDescriptor field = place.last();
    List<Way> ways = new ArrayList<>();
    ways.add(way(place, "absent", (b, f) -> b.clearField(f)));
    if (field.isMapField()) {
      mapWays(place, ways);
      return ways;
    }
    for (Object value : values(field)) {
      String shown = shown(value);
      if (field.isRepeated()) {
        ways.add(way(place, "only " + shown, (b, f) -> b.clearField(f).addRepeatedField(f, value)));
        ways.add(way(place, "and " + shown, (b, f) -> b.addRepeatedField(f, value)));
      } else {
        ways.add(way(place, shown, (b, f) -> b.setField(f, value)));
      }
    }
    if (field.isRepeated()) {
      ways.add(way(place, "twice the same", (b, f) -> repeat(b, f, 2)));
      ways.add(way(place, "10,000 times the same", (b, f) -> repeat(b, f, MANY)));
    }
    return ways;
  }

  private static void repeat(Message.Builder message, FieldDescriptor field, int times) {
    Object member =
        message.getRepeatedFieldCount(field) > 0
            ? message.getRepeatedField(field, 0)
            : values(field).getFirst();
    message.clearField(field);
    for (int i = 0; i < times; i++) {
      message.addRepeatedField(field, member);
    }
  }

  private static void mapWays(Place place, List<Way> ways) {
    for (String text : TEXTS) {
      ways.add(
          way(
              place,
              "key " + shown(text),
              (b, f) -> b.addRepeatedField(f, entry(b, f, text, "1"))));
      ways.add(
          way(
              place,
              "value " + shown(text),
              (b, f) -> b.setField(f, List.of(entry(b, f, key(b, f), text)))));
    }
    ways.add(
        way(
            place,
            "10,000 entries",
            (b, f) -> {
              for (int i = 0; i < MANY; i++) {
                b.addRepeatedField(f, entry(b, f, key(b, f) + i, "1"));
              }
            }));
  }

  /** Of the valid request, so that only the value is spoilt. */
  private static String key(Message.Builder message, FieldDescriptor field) {
    if (message.getRepeatedFieldCount(field) == 0) {
      return "k";
    }
    Message first = (Message) message.getRepeatedField(field, 0);
    return (String) first.getField(field.getMessageType().findFieldByNumber(1));
  }

  private static Message entry(
      Message.Builder message, FieldDescriptor field, String key, String value) {
    Message.Builder entry = message.newBuilderForField(field);
    return entry
        .setField(field.getMessageType().findFieldByNumber(1), key)
        .setField(field.getMessageType().findFieldByNumber(2), value)
        .build();
  }

  private interface Change {
    void apply(Message.Builder message, FieldDescriptor field);
  }

  private static Way way(Place place, String name, Change change) {
    return new Way(place + " = " + name, root -> changed(root, place, 0, change));
  }

  private static Message changed(Message message, Place place, int depth, Change change) {
    Message.Builder builder = message.toBuilder();
    FieldDescriptor field = place.fields().get(depth);
    if (depth == place.fields().size() - 1) {
      change.apply(builder, field);
      return builder.build();
    }
    if (!field.isRepeated()) {
      Message inner = (Message) builder.getField(field);
      return builder.setField(field, changed(inner, place, depth + 1, change)).build();
    }
    if (builder.getRepeatedFieldCount(field) == 0) {
      builder.addRepeatedField(field, builder.newBuilderForField(field).build());
    }
    Message first = (Message) builder.getRepeatedField(field, 0);
    return builder.setRepeatedField(field, 0, changed(first, place, depth + 1, change)).build();
  }

  private static List<Object> values(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> List.copyOf(TEXTS);
      case LONG -> List.copyOf(NUMBERS);
      case INT -> NUMBERS.stream().<Object>map(Long::intValue).distinct().toList();
      case BOOLEAN -> List.of(false, true);
      case BYTE_STRING ->
          List.of(
              ByteString.EMPTY,
              ByteString.copyFrom(new byte[] {0}),
              ByteString.copyFrom(new byte[] {'\n', (byte) 0xff, (byte) 0xc0}),
              ByteString.copyFrom(new byte[HUGE]),
              ByteString.copyFromUtf8("x".repeat(HUGE)));
      case ENUM -> enums(field);
      case MESSAGE ->
          List.of(com.google.protobuf.DynamicMessage.getDefaultInstance(field.getMessageType()));
      case FLOAT, DOUBLE -> List.of(Double.NaN);
    };
  }

  private static List<Object> enums(FieldDescriptor field) {
    List<Object> values = new ArrayList<>(field.getEnumType().getValues());
    for (int unknown : new int[] {99, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      EnumValueDescriptor value = field.getEnumType().findValueByNumberCreatingIfUnknown(unknown);
      values.add(value);
    }
    return values;
  }

  private static String shown(Object value) {
    String text = value.toString().replace("\0", "NUL").replace("\n", "NEWLINE");
    return text.length() <= 30
        ? "\"" + text + "\""
        : text.length() + " of \"" + text.substring(0, 12) + "...\"";
  }
}
