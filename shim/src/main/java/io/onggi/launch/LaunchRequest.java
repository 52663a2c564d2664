package io.onggi.launch;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What {@link ShimLauncher} is asked to start.
 *
 * @param subject the plan's owner as messages name it: {@code container 4f2a...}
 * @param planFile where the encoded plan is written (mode 0600: it holds the environment); replaced
 * @param timeout for the report to come; the plan's own {@link Setting.StartTimeout} should be
 *     shorter, for it can name the step that hangs
 */
public record LaunchRequest(String subject, Path planFile, LaunchPlan plan, Duration timeout) {
  public LaunchRequest {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("launch timeout " + timeout + " is not positive");
    }
  }
}
