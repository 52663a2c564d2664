package io.onggi.container.seccomp;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.onggi.container.seccomp.ProfileDocument.ArchMap;
import io.onggi.container.seccomp.ProfileDocument.Condition;
import io.onggi.container.seccomp.ProfileDocument.Rule;
import io.onggi.error.CriException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a profile's JSON, strictly: what is not understood is an error naming file and key. */
final class ProfileReader {
  /** Bytes; the profiles in use have 15 to 40 KB. */
  static final int MAX_BYTES = 1 << 20;

  /** MAX_ERRNO of the kernel: larger numbers it would cut. */
  private static final int MAX_ERRNO = 4095;

  private static final int MAX_TRACE_DATA = 0xFFFF;
  private static final int MAX_ARG_INDEX = 5;
  private static final Pattern ARCHITECTURE = Pattern.compile("SCMP_ARCH_[A-Z0-9_]{1,32}");
  private static final Pattern VERSION =
      Pattern.compile("(\\d{1,5})\\.(\\d{1,5}).*", Pattern.DOTALL);

  private ProfileReader() {}

  /**
   * @param file what the document is called in errors
   * @throws CriException.InvalidArgument naming the file and the key
   */
  static ProfileDocument read(String file, byte[] json) {
    if (json.length > MAX_BYTES) {
      throw new CriException.InvalidArgument(
          "seccomp profile " + file + " is larger than " + MAX_BYTES + " bytes");
    }
    JsonNode root = new JsonNode(file, "", parse(file, json));
    SeccompAction defaultAction = action(root, "defaultAction");
    List<Rule> rules = new ArrayList<>();
    root.children("syscalls").forEach(node -> rules.add(rule(node)));
    if (root.has("architectures") && root.has("archMap")) {
      throw root.wrong("architectures", "and archMap exclude each other; keep one");
    }
    return new ProfileDocument(
        defaultAction,
        errno(root, "defaultErrnoRet", defaultAction),
        architectures(root, "architectures"),
        root.children("archMap").stream().map(ProfileReader::archMap).toList(),
        flags(root),
        rules);
  }

  private static JsonObject parse(String file, byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    try {
      if (JsonParser.parseString(text) instanceof JsonObject object) {
        return object;
      }
    } catch (JsonParseException | NumberFormatException e) {
      throw new CriException.InvalidArgument(
          "seccomp profile " + file + " is not JSON: " + e.getMessage(), e);
    }
    throw new CriException.InvalidArgument("seccomp profile " + file + " is not a JSON object");
  }

  private static SeccompAction action(JsonNode node, String key) {
    if (node.string(key).orElse("").equals("SCMP_ACT_NOTIFY")) {
      throw node.wrong(
          key,
          "SCMP_ACT_NOTIFY is not supported: Onggi has no seccomp agent to ask; use SCMP_ACT_ERRNO");
    }
    return node.constant(key, SeccompAction.class)
        .orElseThrow(() -> node.wrong(key, "is missing; e.g. SCMP_ACT_ERRNO"));
  }

  private static Optional<Integer> errno(JsonNode node, String key, SeccompAction action) {
    Optional<Integer> value =
        node.number(key, action == SeccompAction.SCMP_ACT_TRACE ? MAX_TRACE_DATA : MAX_ERRNO);
    if (value.isPresent() && !action.takesData()) {
      throw node.wrong(
          key, "is only allowed with SCMP_ACT_ERRNO and SCMP_ACT_TRACE, not " + action);
    }
    return value;
  }

  private static List<String> architectures(JsonNode node, String key) {
    List<String> names = node.strings(key);
    for (String name : names) {
      checkArchitecture(node, key, name);
    }
    return names;
  }

  private static void checkArchitecture(JsonNode node, String key, String name) {
    if (!ARCHITECTURE.matcher(name).matches()) {
      throw node.wrong(key, "\"" + name + "\" is unknown, must be SCMP_ARCH_..");
    }
  }

  private static ArchMap archMap(JsonNode node) {
    String own = node.string("architecture").orElse("");
    checkArchitecture(node, "architecture", own);
    return new ArchMap(own, architectures(node, "subArchitectures"));
  }

  private static List<String> flags(JsonNode root) {
    List<String> flags = root.strings("flags");
    for (String flag : flags) {
      if (SeccompFilters.flag(flag).isEmpty()) {
        throw root.wrong(
            "flags", "\"" + flag + "\" is not supported; known are " + SeccompFilters.flagNames());
      }
    }
    return flags;
  }

  private static Rule rule(JsonNode node) {
    SeccompAction action = action(node, "action");
    List<String> names = new ArrayList<>(node.strings("names"));
    node.string("name").filter(n -> !n.isEmpty()).ifPresent(names::add); // Docker's older form
    if (names.isEmpty()) {
      throw node.wrong("names", "is missing or empty");
    }
    List<SeccompProfile.Arg> args = new ArrayList<>();
    node.children("args").forEach(arg -> args.add(arg(arg)));
    return new Rule(
        new SeccompProfile.Syscall(names, action, errno(node, "errnoRet", action), args),
        node.child("includes").map(ProfileReader::condition).orElse(Condition.NONE),
        node.child("excludes").map(ProfileReader::condition).orElse(Condition.NONE));
  }

  private static SeccompProfile.Arg arg(JsonNode node) {
    return new SeccompProfile.Arg(
        node.number("index", MAX_ARG_INDEX)
            .orElseThrow(() -> node.wrong("index", "is missing, must be 0-" + MAX_ARG_INDEX)),
        node.unsigned("value").orElseThrow(() -> node.wrong("value", "is missing")),
        node.unsigned("valueTwo").orElse(BigInteger.ZERO),
        node.constant("op", SeccompOperator.class)
            .orElseThrow(() -> node.wrong("op", "is missing; e.g. SCMP_CMP_EQ")));
  }

  private static Condition condition(JsonNode node) {
    Optional<List<Integer>> kernel =
        node.string("minKernel")
            .map(
                text -> {
                  if (!VERSION.matcher(text).matches()) {
                    throw node.wrong("minKernel", "\"" + text + "\" is no version such as 4.8");
                  }
                  int[] version = version(text);
                  return List.of(version[0], version[1]);
                });
    return new Condition(node.strings("caps"), node.strings("arches"), kernel);
  }

  /** Major and minor of a kernel's release; zeros when it is none. */
  static int[] version(String release) {
    Matcher matcher = VERSION.matcher(release);
    return matcher.matches()
        ? new int[] {Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))}
        : new int[] {0, 0};
  }
}
