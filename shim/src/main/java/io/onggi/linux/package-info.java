/**
 * System calls, one class per kernel topic; the only importer of {@code com.sun.jna}.
 *
 * <p>Every call throws {@link io.onggi.linux.LinuxException} with the operation, the object and the
 * errno. Calls block their thread: run them on platform threads (a native call pins a virtual
 * thread's carrier). Namespaces are entered only through {@code NamespaceThread}, which ends after
 * use.
 */
@NullMarked
package io.onggi.linux;

import org.jspecify.annotations.NullMarked;
