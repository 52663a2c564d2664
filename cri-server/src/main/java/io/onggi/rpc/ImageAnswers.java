package io.onggi.rpc;

import io.onggi.image.FsUsage;
import io.onggi.image.Image;
import io.onggi.proto.FilesystemIdentifier;
import io.onggi.proto.FilesystemUsage;
import io.onggi.proto.ImageSpec;
import io.onggi.proto.Int64Value;
import io.onggi.proto.UInt64Value;
import java.time.Instant;

/** Images as CRI shows them. */
final class ImageAnswers {
  private ImageAnswers() {}

  static io.onggi.proto.Image image(Image image) {
    io.onggi.proto.Image.Builder answer =
        io.onggi.proto.Image.newBuilder()
            .setId(image.id().toString())
            .setSize(image.size())
            .setPinned(image.pinned())
            .setSpec(ImageSpec.newBuilder().setImage(image.id().toString()));
    image.tags().forEach(t -> answer.addRepoTags(t.toString()));
    image.repoDigests().forEach(d -> answer.addRepoDigests(d.toString()));
    image.config().uid().ifPresent(uid -> answer.setUid(Int64Value.newBuilder().setValue(uid)));
    image.config().username().ifPresent(answer::setUsername);
    return answer.build();
  }

  static FilesystemUsage usage(FsUsage usage, Instant now) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(Times.nanos(now))
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(usage.mountpoint().toString()))
        .setUsedBytes(UInt64Value.newBuilder().setValue(usage.bytes()))
        .setInodesUsed(UInt64Value.newBuilder().setValue(usage.inodes()))
        .build();
  }
}
