package io.onggi.rpc;

import io.grpc.stub.StreamObserver;
import io.onggi.container.Container;
import io.onggi.container.ContainerLayout;
import io.onggi.container.Containers;
import io.onggi.error.CriException;
import io.onggi.image.Image;
import io.onggi.image.Images;
import io.onggi.launch.LaunchPlan;
import io.onggi.launch.LaunchStep;
import io.onggi.launch.Opcode;
import io.onggi.launch.PlanCodec;
import io.onggi.launch.PlanPrinter;
import io.onggi.launch.Setting;
import io.onggi.proto.admin.AdminGrpc;
import io.onggi.proto.admin.Difference;
import io.onggi.proto.admin.DoctorRequest;
import io.onggi.proto.admin.DoctorResponse;
import io.onggi.proto.admin.LoadRequest;
import io.onggi.proto.admin.LoadResponse;
import io.onggi.proto.admin.LoadedImage;
import io.onggi.proto.admin.PlanEntry;
import io.onggi.proto.admin.PlanRequest;
import io.onggi.proto.admin.PlanResponse;
import io.onggi.proto.admin.StartStep;
import io.onggi.recovery.Doctor;
import io.onggi.sandbox.Sandboxes;
import io.onggi.sandbox.Timeline;
import io.onggi.sandbox.Timelines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Routes each RPC of Onggi's own service, which the program {@code onggi} calls. */
public final class AdminRpc extends AdminGrpc.AdminImplBase {
  private final Images images;
  private final Sandboxes sandboxes;
  private final Containers containers;
  private final Explanation explanation;
  private final ContainerLayout layout;
  private final Timelines timelines;
  private final Doctor doctor;

  public AdminRpc(
      Images images,
      Sandboxes sandboxes,
      Containers containers,
      Explanation explanation,
      ContainerLayout layout,
      Timelines timelines,
      Doctor doctor) {
    this.images = images;
    this.sandboxes = sandboxes;
    this.containers = containers;
    this.explanation = explanation;
    this.layout = layout;
    this.timelines = timelines;
    this.doctor = doctor;
  }

  @Override
  public void load(LoadRequest request, StreamObserver<LoadResponse> observer) {
    Answer.to(
        observer,
        "Load",
        () -> {
          LoadResponse.Builder answer = LoadResponse.newBuilder();
          for (Image image : images.load(Path.of(request.getPath()))) {
            answer.addImages(
                LoadedImage.newBuilder()
                    .setId(image.id().toString())
                    .addAllTags(image.tags().stream().map(Object::toString).toList()));
          }
          return answer.build();
        });
  }

  @Override
  public void plan(PlanRequest request, StreamObserver<PlanResponse> observer) {
    Answer.to(observer, "Plan", () -> plan(containers.get(request.getContainerId())));
  }

  private PlanResponse plan(Container container) {
    LaunchPlan plan = readPlan(container);
    Optional<Timeline> timeline = timelines.read(layout.stateOf(container.id()));
    List<Timeline.ShimStep> timings = timeline.map(Timeline::shim).orElse(List.of());
    PlanResponse.Builder answer =
        PlanResponse.newBuilder()
            .setContainerId(container.id().value())
            .setScript(
                explanation.script(
                    sandboxes.get(container.spec().sandbox().value()), container, plan));
    timeline.ifPresent(t -> answer.addAllStart(start(t)));
    int index = 0;
    for (Setting setting : plan.settings()) {
      answer.addEntries(
          entry(index, timings)
              .setName(Opcode.of(setting).name())
              .setDescription(PlanPrinter.describe(setting)));
      index++;
    }
    for (LaunchStep step : plan.steps()) {
      answer.addEntries(
          entry(index, timings)
              .setName(Opcode.of(step).name())
              .setDescription(PlanPrinter.describe(step)));
      index++;
    }
    return answer.build();
  }

  private static List<StartStep> start(Timeline timeline) {
    return timeline.steps().stream()
        .map(
            step ->
                StartStep.newBuilder()
                    .setName(step.name())
                    .setBeginUs(step.beginMicros())
                    .setLengthUs(step.lengthMicros())
                    .build())
        .toList();
  }

  private static PlanEntry.Builder entry(int index, List<Timeline.ShimStep> timings) {
    PlanEntry.Builder entry = PlanEntry.newBuilder().setIndex(index);
    if (index < timings.size()) {
      entry.setLengthUs(timings.get(index).lengthMicros());
    }
    return entry;
  }

  private LaunchPlan readPlan(Container container) {
    Path file = layout.planFile(container.id());
    try {
      return PlanCodec.decode(Files.readAllBytes(file));
    } catch (NoSuchFileException _) {
      throw new CriException.FailedPrecondition(
          "container " + container.id() + " has no plan yet: it was never started on this boot");
    } catch (IOException e) {
      throw new CriException.Internal("reading plan " + file + ": " + e, e);
    }
  }

  @Override
  public void doctor(DoctorRequest request, StreamObserver<DoctorResponse> observer) {
    Answer.to(
        observer,
        "Doctor",
        () -> {
          Doctor.Report report = doctor.examine();
          DoctorResponse.Builder answer =
              DoctorResponse.newBuilder().setCompared(report.compared());
          for (Doctor.Difference difference : report.differences()) {
            answer.addDifferences(
                Difference.newBuilder()
                    .setKind(difference.kind())
                    .setObject(difference.object())
                    .setOwner(difference.owner()));
          }
          return answer.build();
        });
  }
}
