/**
 * The edge: CRI requests in, domain calls, CRI answers out. With {@code daemon} the only user of
 * {@code io.grpc} and the generated CRI code.
 *
 * <p>Map: {@link io.onggi.rpc.RuntimeRpc} and {@link io.onggi.rpc.ImageRpc} route each RPC to one
 * class; {@code SandboxTranslation} and {@code ContainerTranslation} read requests into specs;
 * {@code SandboxAnswers}, {@code ContainerAnswers}, {@code ImageAnswers} write states into answers;
 * {@link io.onggi.rpc.StatusMapper} is the one place where an exception becomes a gRPC code.
 */
@NullMarked
package io.onggi.rpc;

import org.jspecify.annotations.NullMarked;
