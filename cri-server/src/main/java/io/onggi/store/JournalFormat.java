package io.onggi.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The journal's bytes; big-endian.
 *
 * <pre>
 * header  "ONGGIJNL"  u32 version = 1
 * record  u32 length of the body, 1 to 16 MiB   u32 CRC32C of the body   body
 * body    u8 kind   u16 length of the key   key (UTF-8)   value (the rest)
 * kind    1 put   2 delete   3 boot (no key; value: the 16 bytes of the boot id)
 * </pre>
 */
final class JournalFormat {
  static final int HEADER_BYTES = 12;
  static final int VERSION = 1;
  static final int MAX_BODY = 16 << 20;

  private static final byte[] MAGIC = "ONGGIJNL".getBytes(StandardCharsets.US_ASCII);
  private static final int PREFIX_BYTES = 8;
  private static final int BODY_MINIMUM = 3;
  private static final byte PUT = 1;
  private static final byte DELETE = 2;
  private static final byte BOOT = 3;

  /** One record. */
  sealed interface Change {
    @SuppressWarnings("ArrayRecordComponent") // never compared, and stays in this package
    record Put(String key, byte[] value) implements Change {}

    record Delete(String key) implements Change {}

    record Boot(UUID id) implements Change {}
  }

  /**
   * What a file's content says.
   *
   * @param boot the last boot id in it
   * @param goodBytes the length up to the first bad record
   */
  record Recovered(Optional<UUID> boot, long goodBytes) {}

  private JournalFormat() {}

  static byte[] header() {
    return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(VERSION).array();
  }

  static byte[] encode(Change change) {
    return switch (change) {
      case Change.Put(String key, byte[] value) -> record(PUT, key, value);
      case Change.Delete(String key) -> record(DELETE, key, new byte[0]);
      case Change.Boot(UUID id) ->
          record(
              BOOT,
              "",
              ByteBuffer.allocate(16)
                  .putLong(id.getMostSignificantBits())
                  .putLong(id.getLeastSignificantBits())
                  .array());
    };
  }

  private static byte[] record(byte kind, String key, byte[] value) {
    byte[] name = key.getBytes(StandardCharsets.UTF_8);
    int body = BODY_MINIMUM + name.length + value.length;
    if (name.length > 0xffff || body > MAX_BODY) {
      throw new IllegalArgumentException(
          "journal record of " + body + " bytes for key " + key + " is larger than 16 MiB");
    }
    ByteBuffer out = ByteBuffer.allocate(PREFIX_BYTES + body);
    out.putInt(body).putInt(0).put(kind).putShort((short) name.length).put(name).put(value);
    return out.putInt(4, checksum(out.array(), PREFIX_BYTES, body)).array();
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /** Everything that a journal has to say, as a fresh journal's content. */
  static byte[] snapshot(Optional<UUID> boot, Map<String, byte[]> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(header());
    boot.ifPresent(id -> out.writeBytes(encode(new Change.Boot(id))));
    entries.forEach((key, value) -> out.writeBytes(encode(new Change.Put(key, value))));
    return out.toByteArray();
  }

  /**
   * Reads up to the first record that is cut short or whose checksum is wrong.
   *
   * @param entries is filled
   * @throws JournalException if the header is not that of a journal of this version
   */
  static Recovered decode(byte[] content, Map<String, byte[]> entries) {
    if (!checkHeader(content)) {
      return new Recovered(Optional.empty(), 0);
    }
    Optional<UUID> boot = Optional.empty();
    ByteBuffer in = ByteBuffer.wrap(content).position(HEADER_BYTES);
    int good = in.position();
    for (Change change = next(content, in); change != null; change = next(content, in)) {
      switch (change) {
        case Change.Put(String key, byte[] value) -> entries.put(key, value);
        case Change.Delete(String key) -> entries.remove(key);
        case Change.Boot(UUID id) -> boot = Optional.of(id);
      }
      good = in.position();
    }
    return new Recovered(boot, good);
  }

  /** What follows the good records, without the zeroes that a journal keeps ahead of itself. */
  static byte[] unreadable(byte[] content, int good) {
    int end = content.length;
    while (end > good && content[end - 1] == 0) {
      end--;
    }
    return Arrays.copyOfRange(content, good, end);
  }

  /** False if it was cut short, which is a journal that never held anything. */
  private static boolean checkHeader(byte[] content) {
    int length = Math.min(MAGIC.length, content.length);
    if (!Arrays.equals(content, 0, length, MAGIC, 0, length)) {
      throw new JournalException("is not an Onggi journal (wrong first bytes); move it away");
    }
    if (content.length < HEADER_BYTES) {
      return false;
    }
    int version = ByteBuffer.wrap(content).getInt(MAGIC.length);
    if (version != VERSION) {
      throw new JournalException(
          "has format version "
              + Integer.toUnsignedString(version)
              + ", this onggid reads version "
              + VERSION
              + "; start the onggid that wrote it, or move it away");
    }
    return true;
  }

  private static @Nullable Change next(byte[] content, ByteBuffer in) {
    if (in.remaining() < PREFIX_BYTES) {
      return null;
    }
    int body = in.getInt();
    int crc = in.getInt();
    // a length of 0 is the allocated end of the file
    if (body < BODY_MINIMUM || body > Math.min(MAX_BODY, in.remaining())) {
      return null;
    }
    if (crc != checksum(content, in.position(), body)) {
      return null;
    }
    return decodeBody(in.slice(in.position(), body), in, body);
  }

  private static @Nullable Change decodeBody(ByteBuffer body, ByteBuffer in, int length) {
    in.position(in.position() + length);
    byte kind = body.get();
    int keyLength = Short.toUnsignedInt(body.getShort());
    if (keyLength > body.remaining()) {
      return null;
    }
    byte[] key = new byte[keyLength];
    body.get(key);
    byte[] value = new byte[body.remaining()];
    body.get(value);
    String name = new String(key, StandardCharsets.UTF_8);
    return switch (kind) {
      case PUT -> new Change.Put(name, value);
      case DELETE -> new Change.Delete(name);
      case BOOT -> value.length == 16 ? new Change.Boot(uuid(value)) : null;
      default -> null;
    };
  }

  private static UUID uuid(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new UUID(in.getLong(), in.getLong());
  }
}
