package io.onggi.container;

import io.onggi.error.CriException;
import java.util.regex.Pattern;

/** A container's id: 64 lower-case hexadecimal digits, never reused. */
public record ContainerId(String value) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  public ContainerId {
    if (!FORM.matcher(value).matches()) {
      throw new CriException.InvalidArgument(
          "container id \"" + value + "\" is not 64 hexadecimal digits");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
