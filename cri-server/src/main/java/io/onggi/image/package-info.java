/**
 * Images: pulled or loaded, kept once, held while a container uses them.
 *
 * <p>{@link io.onggi.image.Images} is the registry of images, one class per verb behind it ({@code
 * PullImage}, {@code LoadImage}, {@code RemoveImage}). Below it, each knowing only those before it:
 * {@code content} (digests, references, manifests as data), {@code tar} (a streaming archive
 * reader), {@code layer} (bytes to a directory, safely), {@code registry} (the distribution
 * protocol).
 */
@NullMarked
package io.onggi.image;

import org.jspecify.annotations.NullMarked;
