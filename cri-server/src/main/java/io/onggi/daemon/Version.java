package io.onggi.daemon;

/** The version of both programs, semantic. */
public final class Version {
  public static final String TEXT = "0.1.0";

  private Version() {}
}
