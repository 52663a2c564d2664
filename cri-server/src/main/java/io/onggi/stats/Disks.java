package io.onggi.stats;

import io.onggi.container.ContainerId;
import io.onggi.linux.FileSystemSpace;
import io.onggi.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The block devices of the host, and the one with the writable layers. For one call. */
final class Disks {
  private static final String NAME = "DEVNAME=";

  private final WritableLayers layers;
  private final Map<String, String> names = new HashMap<>();
  private final Optional<Layers> disk;

  /** The file system that the writable layers are on. */
  private record Layers(String device, FileSystemSpace space) {}

  Disks(WritableLayers layers) {
    this.layers = layers;
    this.disk = find(layers.mountpoint());
  }

  private static Optional<Layers> find(Path folder) {
    try {
      return Optional.of(new Layers(Files.getFileStore(folder).name(), FileSystemSpace.of(folder)));
    } catch (IOException | LinuxException _) {
      return Optional.empty(); // no container was ever made, so there is no such folder
    }
  }

  /** {@code /dev/sda} for 8:0; the numbers themselves for one that the kernel has no name for. */
  String name(String numbers) {
    return names.computeIfAbsent(numbers, Disks::find);
  }

  private static String find(String numbers) {
    try {
      return Files.readAllLines(Path.of("/sys/dev/block", numbers, "uevent")).stream()
          .filter(line -> line.startsWith(NAME))
          .map(line -> "/dev/" + line.substring(NAME.length()))
          .findFirst()
          .orElse(numbers);
    } catch (IOException _) {
      return numbers; // unplugged meanwhile
    }
  }

  /** What one container has on disk, and what the disk has. */
  void add(ContainerId id, List<Point> points) {
    disk.ifPresent(
        d -> {
          points.add(Point.of(Metric.FS_LIMIT, d.space.bytes(), d.device));
          points.add(Point.of(Metric.FS_INODES, d.space.inodes(), d.device));
          points.add(Point.of(Metric.FS_INODES_FREE, d.space.inodesFree(), d.device));
          layers
              .of(id)
              .ifPresent(
                  layer ->
                      points.add(
                          new Point(
                              Metric.FS_USAGE,
                              List.of(d.device),
                              layer.bytes(),
                              Optional.of(layer.at()))));
        });
  }
}
