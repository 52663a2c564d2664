/**
 * The vocabulary of failures, below every other package.
 *
 * <p>{@link io.onggi.error.CriException}: one sealed family, each member maps to one gRPC code
 * (done in {@code io.onggi.rpc.StatusMapper} and nowhere else). Lower layers throw; nothing here
 * logs.
 */
@NullMarked
package io.onggi.error;

import org.jspecify.annotations.NullMarked;
