package io.onggi.container.seccomp;

import java.util.Set;

/**
 * What a profile's conditions are asked of.
 *
 * @param capabilities CAP_ names of the container's bounding set
 * @param kernelMajor of the running kernel: 6 of 6.18
 * @param kernelMinor 18 of 6.18
 */
record Target(Machine machine, Set<String> capabilities, int kernelMajor, int kernelMinor) {
  Target {
    capabilities = Set.copyOf(capabilities);
  }

  /** This machine and its kernel. */
  static Target current(Set<String> capabilities) {
    int[] kernel = ProfileReader.version(System.getProperty("os.version", ""));
    return new Target(Machine.current(), capabilities, kernel[0], kernel[1]);
  }

  boolean kernelIsAtLeast(int major, int minor) {
    return kernelMajor > major || (kernelMajor == major && kernelMinor >= minor);
  }
}
