package io.onggi.stats;

import java.nio.file.Path;
import java.time.Instant;

/**
 * What a container wrote over its image.
 *
 * @param at when it was measured
 * @param mountpoint the folder that all writable layers are in; the kubelet finds the device by it
 * @param bytes allocated
 */
public record WritableLayer(Instant at, Path mountpoint, long bytes, long inodes) {}
