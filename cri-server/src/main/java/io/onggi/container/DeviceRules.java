package io.onggi.container;

import io.onggi.cgroup.DeviceRule;
import io.onggi.container.OciSpec.DeviceCgroup;
import io.onggi.error.CriException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The spec's device rules, an ordered list in which a later rule overrides an earlier one, as the
 * plain list of what may be opened that both cgroup versions carry out. Pure.
 */
final class DeviceRules {
  private static final String ALL = "a";
  private static final String LETTERS = "rwm";

  static final DeviceCgroup DENY_ALL =
      new DeviceCgroup(false, ALL, Optional.empty(), Optional.empty(), LETTERS);

  static final DeviceCgroup ALLOW_ALL =
      new DeviceCgroup(true, ALL, Optional.empty(), Optional.empty(), LETTERS);

  private record Key(String type, Optional<Long> major, Optional<Long> minor) {
    boolean covers(Key other) {
      return type.equals(other.type)
          && (major.isEmpty() || major.equals(other.major))
          && (minor.isEmpty() || minor.equals(other.minor));
    }

    boolean meets(Key other) {
      return type.equals(other.type)
          && (major.isEmpty() || other.major.isEmpty() || major.equals(other.major))
          && (minor.isEmpty() || other.minor.isEmpty() || minor.equals(other.minor));
    }
  }

  private final Map<Key, String> allowed = new LinkedHashMap<>();
  private boolean open = true;

  private DeviceRules() {}

  /** What a container may open that asks for nothing: first nothing, then the standard devices. */
  static List<DeviceCgroup> standard() {
    List<DeviceCgroup> rules = new ArrayList<>();
    rules.add(DENY_ALL);
    for (DeviceRule rule : DeviceRule.DEFAULTS) {
      rules.add(
          new DeviceCgroup(
              true,
              String.valueOf(rule.type()),
              boxed(rule.major()),
              boxed(rule.minor()),
              rule.access()));
    }
    return List.copyOf(rules);
  }

  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // from one kind of it to the other
  private static Optional<Long> boxed(OptionalLong number) {
    return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
  }

  /**
   * @return what may be opened; empty: everything, as of a privileged container
   * @throws CriException.InvalidArgument for a rule that is none
   * @throws CriException.FailedPrecondition for rules that no list of allowed devices says
   */
  static List<DeviceRule> compile(List<DeviceCgroup> rules) {
    DeviceRules result = new DeviceRules();
    rules.forEach(result::apply);
    if (result.open) {
      return List.of();
    }
    if (result.allowed.isEmpty()) {
      throw new CriException.FailedPrecondition(
          "linux.resources.devices leaves no device that may be opened, not even /dev/null; allow"
              + " what the container needs after the rule that denies all");
    }
    return result.allowed.entrySet().stream().map(DeviceRules::rule).toList();
  }

  private static DeviceRule rule(Map.Entry<Key, String> entry) {
    Key key = entry.getKey();
    return new DeviceRule(
        key.type.charAt(0), number(key.major), number(key.minor), entry.getValue());
  }

  @SuppressWarnings("OptionalUsedAsFieldOrParameterType") // from one kind of it to the other
  private static OptionalLong number(Optional<Long> number) {
    return number.isPresent() ? OptionalLong.of(number.get()) : OptionalLong.empty();
  }

  private void apply(DeviceCgroup rule) {
    String access = access(rule.access());
    if (rule.type().equals(ALL)) {
      open = rule.allow();
      allowed.clear();
      return;
    }
    if (!rule.type().equals("c") && !rule.type().equals("b")) {
      throw new CriException.InvalidArgument(
          "linux.resources.devices: type \"" + rule.type() + "\" is none of a, c and b");
    }
    Key key = new Key(rule.type(), rule.major(), rule.minor());
    if (rule.allow()) {
      allow(key, access);
    } else {
      deny(key, access);
    }
  }

  private void allow(Key key, String access) {
    if (!open && !access.isEmpty()) {
      allowed.merge(key, access, (old, more) -> access(old + more));
    }
  }

  private void deny(Key key, String access) {
    if (open) {
      throw inexpressible(key);
    }
    for (Iterator<Map.Entry<Key, String>> all = allowed.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<Key, String> entry = all.next();
      String left = without(entry.getValue(), access);
      if (!key.meets(entry.getKey()) || left.equals(entry.getValue())) {
        continue;
      }
      if (!key.covers(entry.getKey())) {
        throw inexpressible(key);
      }
      if (left.isEmpty()) {
        all.remove();
      } else {
        entry.setValue(left);
      }
    }
  }

  private static CriException inexpressible(Key key) {
    return new CriException.FailedPrecondition(
        "linux.resources.devices takes "
            + key.type
            + " "
            + key.major.map(String::valueOf).orElse("*")
            + ":"
            + key.minor.map(String::valueOf).orElse("*")
            + " out of a wider rule that allows it; name the devices that are allowed instead");
  }

  private static String without(String access, String taken) {
    StringBuilder left = new StringBuilder();
    access.chars().filter(c -> taken.indexOf(c) < 0).forEach(c -> left.append((char) c));
    return left.toString();
  }

  /** The letters once each and in the kernel's order. */
  static String access(String letters) {
    if (!letters.chars().allMatch(c -> LETTERS.indexOf(c) >= 0)) {
      throw new CriException.InvalidArgument(
          "device access \"" + letters + "\" is not made of r, w and m");
    }
    StringBuilder sorted = new StringBuilder();
    LETTERS.chars().filter(c -> letters.indexOf(c) >= 0).forEach(c -> sorted.append((char) c));
    return sorted.toString();
  }
}
