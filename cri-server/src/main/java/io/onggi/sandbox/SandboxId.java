package io.onggi.sandbox;

import io.onggi.error.CriException;
import java.util.regex.Pattern;

/** A sandbox's id: 64 lower-case hexadecimal digits, never reused. */
public record SandboxId(String value) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  public SandboxId {
    if (!FORM.matcher(value).matches()) {
      throw new CriException.InvalidArgument(
          "sandbox id \"" + value + "\" is not 64 hexadecimal digits");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
