/**
 * What images are made of, as data: digests, references, descriptors, manifests, configurations.
 *
 * <p>Everything here is pure: bytes in, records out. Bytes that are not what they claim to be throw
 * {@link io.onggi.image.content.BadContent}; a caller's own argument throws {@code
 * CriException.InvalidArgument}.
 */
@NullMarked
package io.onggi.image.content;

import org.jspecify.annotations.NullMarked;
