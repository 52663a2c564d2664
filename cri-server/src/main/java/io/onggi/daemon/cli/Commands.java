package io.onggi.daemon.cli;

import io.onggi.proto.ImageServiceGrpc.ImageServiceBlockingStub;
import io.onggi.proto.ListImagesRequest;
import io.onggi.proto.admin.AdminGrpc.AdminBlockingStub;
import io.onggi.proto.admin.Difference;
import io.onggi.proto.admin.DoctorRequest;
import io.onggi.proto.admin.DoctorResponse;
import io.onggi.proto.admin.LoadRequest;
import io.onggi.proto.admin.LoadedImage;
import io.onggi.proto.admin.PlanEntry;
import io.onggi.proto.admin.PlanRequest;
import io.onggi.proto.admin.PlanResponse;
import io.onggi.proto.admin.StartStep;
import java.io.PrintStream;
import java.nio.file.Path;

/** One method a command; each prints and returns the exit status. */
final class Commands {
  private static final double MEBI = 1 << 20;

  private final AdminBlockingStub admin;
  private final ImageServiceBlockingStub images;
  private final PrintStream out;

  Commands(AdminBlockingStub admin, ImageServiceBlockingStub images, PrintStream out) {
    this.admin = admin;
    this.images = images;
    this.out = out;
  }

  int load(String archive) {
    Path path = Path.of(archive).toAbsolutePath().normalize();
    var answer = admin.load(LoadRequest.newBuilder().setPath(path.toString()).build());
    for (LoadedImage image : answer.getImagesList()) {
      out.println("loaded " + String.join(", ", image.getTagsList()) + " " + image.getId());
    }
    return 0;
  }

  int images() {
    out.printf("%-60s %-19s %10s%n", "IMAGE", "ID", "SIZE");
    images
        .listImages(ListImagesRequest.getDefaultInstance())
        .getImagesList()
        .forEach(
            image -> {
              String name =
                  image.getRepoTagsCount() > 0
                      ? String.join(", ", image.getRepoTagsList())
                      : String.join(", ", image.getRepoDigestsList());
              String id = image.getId().substring(0, Math.min(19, image.getId().length()));
              out.printf("%-60s %-19s %7.1f MB%n", name, id, image.getSize() / MEBI);
            });
    return 0;
  }

  /** The launch plan, entry by entry, with how long each took when the daemon still knows. */
  int plan(String container) {
    PlanResponse plan = plan(admin, container);
    out.println(
        "# container "
            + plan.getContainerId()
            + ": "
            + plan.getEntriesCount()
            + " entries; the shim runs them from top to bottom");
    for (StartStep step : plan.getStartList()) {
      out.printf(
          "# start: %-10s at %7d us, %7d us%n",
          step.getName(), step.getBeginUs(), step.getLengthUs());
    }
    for (PlanEntry entry : plan.getEntriesList()) {
      String length = entry.getLengthUs() > 0 ? entry.getLengthUs() + " us" : "";
      out.printf(
          "%3d %9s  %-16s %s%n", entry.getIndex(), length, entry.getName(), entry.getDescription());
    }
    return 0;
  }

  /** The same container as the commands that a person would have typed. */
  int explain(String container) {
    PlanResponse plan = plan(admin, container);
    out.println("# container " + plan.getContainerId() + ", by hand, as root:");
    out.println(plan.getScript());
    return 0;
  }

  private static PlanResponse plan(AdminBlockingStub admin, String container) {
    return admin.plan(PlanRequest.newBuilder().setContainerId(container).build());
  }

  /** Exit status 0 only when ledger and kernel agree. */
  int doctor() {
    DoctorResponse report = admin.doctor(DoctorRequest.getDefaultInstance());
    for (Difference difference : report.getDifferencesList()) {
      out.println(
          difference.getKind()
              + ": "
              + difference.getObject()
              + " ("
              + difference.getOwner()
              + ")");
    }
    out.println(
        "doctor: "
            + report.getCompared()
            + " objects compared, "
            + report.getDifferencesCount()
            + " differences");
    return report.getDifferencesCount() == 0 ? 0 : 1;
  }
}
