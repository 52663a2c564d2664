package io.onggi.network.cni;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The versions of the CNI spec that are spoken, oldest first. */
enum CniVersion {
  V0_3_0("0.3.0"),
  V0_3_1("0.3.1"),
  V0_4_0("0.4.0"),
  V1_0_0("1.0.0"),
  V1_1_0("1.1.0");

  private final String text;

  CniVersion(String text) {
    this.text = text;
  }

  /** Empty for a version that is not spoken here. */
  static Optional<CniVersion> of(String text) {
    return Arrays.stream(values()).filter(v -> v.text.equals(text)).findFirst();
  }

  static List<String> all() {
    return Arrays.stream(values()).map(CniVersion::toString).toList();
  }

  /** CHECK, and a DEL that is given the result of ADD, came with 0.4.0. */
  boolean hasCheck() {
    return compareTo(V0_4_0) >= 0;
  }

  /** STATUS and GC came with 1.1.0. */
  boolean hasStatusAndGc() {
    return compareTo(V1_1_0) >= 0;
  }

  @Override
  public String toString() {
    return text;
  }
}
