package io.onggi.store;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonSyntaxException;
import com.google.gson.TypeAdapter;
import com.google.gson.TypeAdapterFactory;
import com.google.gson.reflect.TypeToken;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import io.onggi.error.CriException;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records to JSON and back, for the journal and for config.json: an empty {@code Optional} is left
 * out, an {@code Instant} is ISO-8601 with nanoseconds, a sealed interface carries its case's name
 * in {@code "is"}.
 */
public final class RecordJson {
  private static final Set<Class<?>> OPTIONALS =
      Set.of(Optional.class, OptionalInt.class, OptionalLong.class);

  /** The key that names the case of a sealed interface. */
  private static final String CASE = "is";

  private static final Gson GSON = builder().create();
  private static final Gson PRETTY = builder().setPrettyPrinting().create();

  private RecordJson() {}

  /** UTF-8; a lone surrogate (a raw byte, see io.onggi.launch.RawText) is written as an escape. */
  public static byte[] toBytes(Object value) {
    return escapeLoneSurrogates(GSON.toJson(value)).getBytes(StandardCharsets.UTF_8);
  }

  private static String escapeLoneSurrogates(String json) {
    StringBuilder out = null;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < json.length()
              && Character.isLowSurrogate(json.charAt(i + 1));
      if (pair) {
        if (out != null) {
          out.append(c).append(json.charAt(i + 1));
        }
        i++;
      } else if (Character.isSurrogate(c)) {
        out = out == null ? new StringBuilder(json.substring(0, i)) : out;
        out.append(String.format("\\u%04x", (int) c));
      } else if (out != null) {
        out.append(c);
      }
    }
    return out == null ? json : out.toString();
  }

  /** For people: two blanks of indentation; as UTF-8 it is read back like {@link #toBytes}. */
  public static String pretty(Object value) {
    return escapeLoneSurrogates(PRETTY.toJson(value));
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws CriException.Internal if the bytes are not such JSON; names the type
   */
  public static <T> T fromBytes(byte[] json, Class<T> type) {
    try {
      T value = GSON.fromJson(new String(json, StandardCharsets.UTF_8), type);
      if (value == null) {
        throw new CriException.Internal("empty JSON for " + type.getSimpleName(), null);
      }
      return value;
    } catch (JsonParseException | DateTimeException | IllegalArgumentException e) {
      throw new CriException.Internal(
          "unreadable JSON for " + type.getSimpleName() + ": " + e.getMessage(), e);
    }
  }

  private static GsonBuilder builder() {
    return new GsonBuilder()
        .disableHtmlEscaping()
        .registerTypeAdapterFactory(new RecordFactory())
        .registerTypeAdapterFactory(new OptionalFactory())
        .registerTypeAdapterFactory(new SealedFactory())
        .registerTypeAdapter(OptionalLong.class, optionalLong())
        .registerTypeAdapter(OptionalInt.class, optionalInt())
        .registerTypeAdapter(Instant.class, text(Instant::parse))
        .registerTypeHierarchyAdapter(Path.class, text(Path::of))
        .registerTypeHierarchyAdapter(InetAddress.class, address());
  }

  private interface Reader<T> {
    T read(String text);
  }

  private static <T> TypeAdapter<T> text(Reader<T> reader) {
    return new TypeAdapter<T>() {
      @Override
      public void write(JsonWriter out, T value) throws IOException {
        out.value(value.toString());
      }

      @Override
      public T read(JsonReader in) throws IOException {
        return reader.read(in.nextString());
      }
    }.nullSafe();
  }

  private static TypeAdapter<OptionalLong> optionalLong() {
    return new TypeAdapter<OptionalLong>() {
      @Override
      public void write(JsonWriter out, OptionalLong value) throws IOException {
        if (value.isPresent()) {
          out.value(value.getAsLong());
        } else {
          out.nullValue();
        }
      }

      @Override
      public OptionalLong read(JsonReader in) throws IOException {
        return isNull(in) ? OptionalLong.empty() : OptionalLong.of(in.nextLong());
      }
    };
  }

  private static TypeAdapter<OptionalInt> optionalInt() {
    return new TypeAdapter<OptionalInt>() {
      @Override
      public void write(JsonWriter out, OptionalInt value) throws IOException {
        if (value.isPresent()) {
          out.value(value.getAsInt());
        } else {
          out.nullValue();
        }
      }

      @Override
      public OptionalInt read(JsonReader in) throws IOException {
        return isNull(in) ? OptionalInt.empty() : OptionalInt.of(in.nextInt());
      }
    };
  }

  private static TypeAdapter<InetAddress> address() {
    return new TypeAdapter<InetAddress>() {
      @Override
      public void write(JsonWriter out, InetAddress value) throws IOException {
        out.value(value.getHostAddress());
      }

      @Override
      public InetAddress read(JsonReader in) throws IOException {
        return InetAddress.ofLiteral(in.nextString());
      }
    }.nullSafe();
  }

  /** True when the next value is null; it is consumed then. */
  private static boolean isNull(JsonReader in) throws IOException {
    if (in.peek() != JsonToken.NULL) {
      return false;
    }
    in.nextNull();
    return true;
  }

  /**
   * Gives a record's absent optional components the value "empty" (Gson would give them null), and
   * names a record that is a case of a sealed interface.
   */
  private static final class RecordFactory implements TypeAdapterFactory {
    @Override
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      if (!type.getRawType().isRecord()) {
        return null;
      }
      List<String> optional =
          Arrays.stream(type.getRawType().getRecordComponents())
              .filter(c -> OPTIONALS.contains(c.getType()))
              .map(RecordComponent::getName)
              .toList();
      boolean isCase = Arrays.stream(type.getRawType().getInterfaces()).anyMatch(Class::isSealed);
      return optional.isEmpty() && !isCase
          ? null
          : new RecordAdapter<>(gson.getDelegateAdapter(this, type), gson, optional, isCase)
              .nullSafe();
    }
  }

  private static final class RecordAdapter<T> extends TypeAdapter<T> {
    private final TypeAdapter<T> whole;
    private final Gson gson;
    private final List<String> optional;
    private final boolean isCase;

    RecordAdapter(TypeAdapter<T> whole, Gson gson, List<String> optional, boolean isCase) {
      this.whole = whole;
      this.gson = gson;
      this.optional = optional;
      this.isCase = isCase;
    }

    @Override
    public void write(JsonWriter out, T value) throws IOException {
      if (!isCase) {
        whole.write(out, value);
        return;
      }
      JsonObject tree = whole.toJsonTree(value).getAsJsonObject();
      tree.addProperty(CASE, value.getClass().getSimpleName());
      gson.toJson(tree, out);
    }

    @Override
    public T read(JsonReader in) {
      JsonObject tree = gson.fromJson(in, JsonObject.class);
      for (String name : optional) {
        if (!tree.has(name)) {
          tree.add(name, JsonNull.INSTANCE);
        }
      }
      return whole.fromJsonTree(tree);
    }
  }

  private static final class OptionalFactory implements TypeAdapterFactory {
    @Override
    @SuppressWarnings({"unchecked", "rawtypes"}) // T is Optional<item> by the check above
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      if (type.getRawType() != Optional.class
          || !(type.getType() instanceof ParameterizedType parameterized)) {
        return null;
      }
      Type item = parameterized.getActualTypeArguments()[0];
      return (TypeAdapter) new OptionalAdapter(gson.getAdapter(TypeToken.get(item)));
    }
  }

  private static final class OptionalAdapter<E> extends TypeAdapter<Optional<E>> {
    private final TypeAdapter<E> item;

    OptionalAdapter(TypeAdapter<E> item) {
      this.item = item;
    }

    @Override
    public void write(JsonWriter out, Optional<E> value) throws IOException {
      if (value.isEmpty()) {
        out.nullValue();
      } else {
        item.write(out, value.get());
      }
    }

    @Override
    public Optional<E> read(JsonReader in) throws IOException {
      return isNull(in) ? Optional.empty() : Optional.of(item.read(in));
    }
  }

  private static final class SealedFactory implements TypeAdapterFactory {
    @Override
    public <T> @Nullable TypeAdapter<T> create(Gson gson, TypeToken<T> type) {
      Class<? super T> raw = type.getRawType();
      return raw.isInterface() && raw.isSealed()
          ? new SealedAdapter<T>(gson, raw).nullSafe()
          : null;
    }
  }

  private static final class SealedAdapter<T> extends TypeAdapter<T> {
    private final Gson gson;
    private final Class<?> family;

    SealedAdapter(Gson gson, Class<?> family) {
      this.gson = gson;
      this.family = family;
    }

    @Override
    public void write(JsonWriter out, T value) {
      gson.toJson(value, value.getClass(), out);
    }

    @Override
    @SuppressWarnings("unchecked") // a permitted subclass of T
    public T read(JsonReader in) {
      JsonObject tree = gson.fromJson(in, JsonObject.class);
      JsonElement is = tree.get(CASE);
      for (Class<?> member : family.getPermittedSubclasses()) {
        if (is != null && member.getSimpleName().equals(is.getAsString())) {
          return (T) gson.fromJson(tree, member);
        }
      }
      throw new JsonSyntaxException("no " + family.getSimpleName() + " is called " + is);
    }
  }
}
