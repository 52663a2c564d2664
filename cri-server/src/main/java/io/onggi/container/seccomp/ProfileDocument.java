package io.onggi.container.seccomp;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A profile as written in a file: the OCI form, or Docker's, whose rules have conditions.
 *
 * @param archMap Docker's form of {@code architectures}: per machine, which others it also takes
 */
record ProfileDocument(
    SeccompAction defaultAction,
    Optional<Integer> defaultErrnoRet,
    List<String> architectures,
    List<ArchMap> archMap,
    List<String> flags,
    List<Rule> rules) {
  ProfileDocument {
    architectures = List.copyOf(architectures);
    archMap = List.copyOf(archMap);
    flags = List.copyOf(flags);
    rules = List.copyOf(rules);
  }

  record ArchMap(String architecture, List<String> subArchitectures) {
    ArchMap {
      subArchitectures = List.copyOf(subArchitectures);
    }
  }

  record Rule(SeccompProfile.Syscall syscall, Condition includes, Condition excludes) {}

  /**
   * Empty lists and no kernel: says nothing.
   *
   * @param minKernel major and minor
   */
  record Condition(List<String> caps, List<String> arches, Optional<List<Integer>> minKernel) {
    static final Condition NONE = new Condition(List.of(), List.of(), Optional.empty());

    Condition {
      caps = List.copyOf(caps);
      arches = List.copyOf(arches);
    }

    private boolean kernelReached(Target target) {
      return minKernel.map(v -> target.kernelIsAtLeast(v.getFirst(), v.getLast())).orElse(false);
    }

    private boolean archNamed(Target target) {
      return arches.contains(target.machine().goName());
    }

    /** As includes: all that is named must hold. */
    boolean admits(Target target) {
      return target.capabilities().containsAll(caps)
          && (arches.isEmpty() || archNamed(target))
          && (minKernel.isEmpty() || kernelReached(target));
    }

    /** As excludes: one that holds is enough. */
    boolean forbids(Target target) {
      return caps.stream().anyMatch(target.capabilities()::contains)
          || archNamed(target)
          || kernelReached(target);
    }
  }

  /** The rules that hold for this target, and no conditions any more. */
  SeccompProfile resolve(Target target) {
    Set<String> names = new LinkedHashSet<>(architectures);
    for (ArchMap entry : archMap) {
      if (entry.architecture().equals(target.machine().scmp())) {
        names.add(entry.architecture());
        names.addAll(entry.subArchitectures());
      }
    }
    List<SeccompProfile.Syscall> kept =
        rules.stream()
            .filter(r -> r.includes().admits(target) && !r.excludes().forbids(target))
            .map(Rule::syscall)
            .toList();
    return new SeccompProfile(defaultAction, defaultErrnoRet, List.copyOf(names), flags, kept);
  }
}
