/**
 * The client's side of the OCI distribution protocol, on the JDK's HttpClient.
 *
 * <p>{@code HostsConfig} says which endpoints serve a registry, {@code Authenticator} answers their
 * challenges, {@code Transport} sends one request with redirects and retries, {@code
 * RegistryClient} asks for manifests and blobs, endpoint after endpoint.
 */
@NullMarked
package io.onggi.image.registry;

import org.jspecify.annotations.NullMarked;
