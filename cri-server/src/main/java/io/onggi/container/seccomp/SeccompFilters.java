package io.onggi.container.seccomp;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.onggi.launch.BpfProgram;
import io.onggi.launch.LaunchStep;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Launch steps that load a profile's filter; each distinct profile is compiled once. */
public final class SeccompFilters {
  /** Profiles times sets of capabilities on a node; one takes about 20 KB. */
  private static final int KEPT = 64;

  /** SECCOMP_FILTER_FLAG_* of linux/seccomp.h that make sense without a listener. */
  private static final Map<String, Integer> FLAGS =
      Map.of(
          "SECCOMP_FILTER_FLAG_TSYNC", 1,
          "SECCOMP_FILTER_FLAG_LOG", 2,
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4);

  private final Cache<SeccompProfile, LaunchStep.Seccomp> made =
      CacheBuilder.newBuilder().maximumSize(KEPT).build();

  /** The step that loads this profile's filter on this machine. */
  public LaunchStep.Seccomp step(SeccompProfile profile) {
    LaunchStep.Seccomp kept = made.getIfPresent(profile);
    if (kept != null) {
      return kept;
    }
    BpfProgram program = FilterCompiler.compile(profile, Machine.current());
    int flags =
        profile.flags().stream().mapToInt(f -> flag(f).orElse(0)).reduce(0, (a, b) -> a | b);
    LaunchStep.Seccomp step = new LaunchStep.Seccomp(flags, program);
    made.put(profile, step);
    return step;
  }

  static OptionalInt flag(String name) {
    Integer flag = FLAGS.get(name);
    return flag == null ? OptionalInt.empty() : OptionalInt.of(flag);
  }

  static List<String> flagNames() {
    return List.copyOf(new TreeMap<>(FLAGS).keySet());
  }
}
