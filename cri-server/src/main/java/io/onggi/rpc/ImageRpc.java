package io.onggi.rpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.StreamObserver;
import io.onggi.error.CriException;
import io.onggi.image.FsUsage;
import io.onggi.image.Image;
import io.onggi.image.Images;
import io.onggi.image.content.ImageReference;
import io.onggi.image.registry.Credentials;
import io.onggi.proto.AuthConfig;
import io.onggi.proto.FilesystemUsage;
import io.onggi.proto.ImageFilter;
import io.onggi.proto.ImageFsInfoRequest;
import io.onggi.proto.ImageFsInfoResponse;
import io.onggi.proto.ImageServiceGrpc;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.ImageStatusRequest;
import io.onggi.proto.ImageStatusResponse;
import io.onggi.proto.ListImagesRequest;
import io.onggi.proto.ListImagesResponse;
import io.onggi.proto.PullImageRequest;
import io.onggi.proto.PullImageResponse;
import io.onggi.proto.RemoveImageRequest;
import io.onggi.proto.RemoveImageResponse;
import io.onggi.proto.StreamImagesRequest;
import io.onggi.proto.StreamImagesResponse;
import io.onggi.store.RecordJson;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Routes each RPC of CRI's ImageService. */
public final class ImageRpc extends ImageServiceGrpc.ImageServiceImplBase {
  private final Images images;
  private final InstantSource clock;

  public ImageRpc(Images images, InstantSource clock) {
    this.images = images;
    this.clock = clock;
  }

  @Override
  public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
    Answer.to(
        observer,
        "ListImages",
        () ->
            ListImagesResponse.newBuilder()
                .addAllImages(
                    matching(request.getFilter()).stream().map(ImageAnswers::image).toList())
                .build());
  }

  @Override
  public void streamImages(
      StreamImagesRequest request, StreamObserver<StreamImagesResponse> observer) {
    ItemStream.answer(
        observer,
        "StreamImages",
        () -> matching(request.getFilter()),
        ImageAnswers::image,
        items -> StreamImagesResponse.newBuilder().addAllImages(items).build());
  }

  private List<Image> matching(ImageFilter filter) {
    String wanted = filter.getImage().getImage();
    return wanted.isEmpty() ? images.list() : images.find(wanted).stream().toList();
  }

  @Override
  public void imageStatus(
      ImageStatusRequest request, StreamObserver<ImageStatusResponse> observer) {
    Answer.to(
        observer,
        "ImageStatus",
        () -> {
          ImageStatusResponse.Builder answer = ImageStatusResponse.newBuilder();
          images
              .find(name(request.getImage()))
              .ifPresent(
                  image -> {
                    answer.setImage(ImageAnswers.image(image));
                    if (request.getVerbose()) {
                      answer.putInfo("info", RecordJson.pretty(image));
                    }
                  });
          return answer.build();
        });
  }

  @Override
  public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> observer) {
    Answer.to(
        observer,
        "PullImage",
        () -> {
          ImageReference reference = ImageReference.parse(name(request.getImage()));
          Image image = images.pull(reference, credentials(request), remaining());
          return PullImageResponse.newBuilder().setImageRef(image.id().toString()).build();
        });
  }

  @Override
  public void removeImage(
      RemoveImageRequest request, StreamObserver<RemoveImageResponse> observer) {
    Answer.to(
        observer,
        "RemoveImage",
        () -> {
          images.remove(name(request.getImage()));
          return RemoveImageResponse.getDefaultInstance();
        });
  }

  @Override
  public void imageFsInfo(
      ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> observer) {
    Answer.to(
        observer,
        "ImageFsInfo",
        () -> {
          FsUsage usage = images.imageFs();
          FilesystemUsage answer = ImageAnswers.usage(usage, clock.instant());
          return ImageFsInfoResponse.newBuilder()
              .addImageFilesystems(answer)
              .addContainerFilesystems(answer)
              .build();
        });
  }

  private static String name(ImageSpec spec) {
    if (spec.getImage().isEmpty()) {
      throw new CriException.InvalidArgument("image.image is empty; name an image");
    }
    if (!SandboxTranslation.HANDLERS.contains(spec.getRuntimeHandler())) {
      throw new CriException.InvalidArgument(
          "image "
              + spec.getImage()
              + ": runtime handler \""
              + spec.getRuntimeHandler()
              + "\" is unknown; this node has \"onggi\" and the default \"\"");
    }
    return spec.getImage();
  }

  private static Optional<Credentials> credentials(PullImageRequest request) {
    if (!request.hasAuth()) {
      return Optional.empty();
    }
    AuthConfig auth = request.getAuth();
    return Optional.of(
        Credentials.of(
            auth.getUsername(),
            auth.getPassword(),
            auth.getAuth(),
            auth.getIdentityToken(),
            auth.getRegistryToken()));
  }

  /** What the caller's deadline leaves; the kubelet sends none with a pull. */
  private static Optional<Duration> remaining() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(1, deadline.timeRemaining(TimeUnit.NANOSECONDS))));
  }
}
