/**
 * Seccomp: from an OCI or Docker profile to the classic BPF program that the kernel runs before
 * each system call. Pure but for {@code SeccompProfiles}, which reads profile files.
 *
 * <p>Map: {@link io.onggi.container.seccomp.SeccompChoice} what was asked; {@link
 * io.onggi.container.seccomp.ProfileReader} JSON to {@link
 * io.onggi.container.seccomp.ProfileDocument}; that, resolved for a machine, a kernel and a set of
 * capabilities, is a {@link io.onggi.container.seccomp.SeccompProfile} as it stands in config.json;
 * {@link io.onggi.container.seccomp.FilterCompiler} makes the filter; {@link
 * io.onggi.container.seccomp.SeccompFilters} keeps those made.
 */
@NullMarked
package io.onggi.container.seccomp;

import org.jspecify.annotations.NullMarked;
