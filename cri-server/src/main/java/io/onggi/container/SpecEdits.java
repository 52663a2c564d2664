package io.onggi.container;

import io.onggi.error.CriException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The one place through which every spec goes between {@link SpecBuilder} and config.json. Edits
 * run in order; every start and exec works from what is kept afterwards, so nothing can be edited
 * later or elsewhere.
 */
public final class SpecEdits {
  private static final Path RESCTRL = Path.of("/sys/fs/resctrl/schemata");

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
    if (spec.hooks().isPresent()) {
      throw new CriException.FailedPrecondition("OCI hooks are asked for, which are not run yet");
    }
    spec.linux()
        .netDevices()
        .ifPresent(
            interfaces -> {
              throw new CriException.FailedPrecondition(
                  "network interfaces "
                      + interfaces.keySet().stream().sorted().toList()
                      + " are to be moved into the container (netDevices), which this version does"
                      + " not do; let the pod's network plugin move them");
            });
    if (spec.linux().intelRdt().isPresent()) {
      throw new CriException.FailedPrecondition(
          "a class of service is asked for (intelRdt), which this version does not set"
              + (Files.exists(RESCTRL) ? "" : "; nor has this node " + RESCTRL)
              + "; remove intelRdt from the CDI file");
    }
  }
}
