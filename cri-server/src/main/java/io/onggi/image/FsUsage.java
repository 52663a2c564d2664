package io.onggi.image;

import java.nio.file.Path;

/**
 * What images take on disk.
 *
 * @param mountpoint the folder they are in; the kubelet finds the device by it
 * @param bytes used by layers, manifests and configurations
 * @param inodes used by them
 */
public record FsUsage(Path mountpoint, long bytes, long inodes) {}
