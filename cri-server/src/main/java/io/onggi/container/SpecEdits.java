package io.onggi.container;

import java.util.List;

/**
 * The one place through which every spec goes between {@link SpecBuilder} and config.json. Edits
 * run in order; every start and exec works from what is kept afterwards, so nothing can be edited
 * later or elsewhere.
 */
public final class SpecEdits {
  private final List<SpecEdit> edits;

  public SpecEdits(List<SpecEdit> edits) {
    this.edits = List.copyOf(edits);
  }

  OciSpec apply(SpecEdit.Request request, OciSpec built) {
    OciSpec spec = built;
    for (SpecEdit edit : edits) {
      spec = edit.apply(request, spec);
    }
    check(spec);
    return spec;
  }

  /** What an edit may have broken is found now, not by a start. */
  private static void check(OciSpec spec) {
    DeviceRules.compile(spec.linux().deviceRules());
  }
}
