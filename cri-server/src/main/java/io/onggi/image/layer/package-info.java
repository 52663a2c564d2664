/**
 * Layers on disk: bytes stream in, are hashed, decompressed, hashed again and laid down, and become
 * visible only by the rename that commits them.
 *
 * <p>{@code LayerStore} is what the rest sees; {@code DirLayerStore} keeps each layer as a
 * directory for overlayfs; {@code LayerUnpacker} applies a tar stream beneath a {@code
 * RootedDirectory}; {@code VerifiedStream} and {@code Gunzip} are the stages of the stream before
 * it.
 */
@NullMarked
package io.onggi.image.layer;

import org.jspecify.annotations.NullMarked;
