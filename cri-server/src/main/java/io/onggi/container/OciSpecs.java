package io.onggi.container;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.onggi.container.seccomp.SeccompFilters;
import io.onggi.error.CriException;
import io.onggi.launch.LaunchStep;
import io.onggi.store.AtomicFile;
import io.onggi.store.RecordJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;

/**
 * The OCI specs of containers, on disk as config.json. The ones used last are kept parsed: a start
 * and every exec need the whole of one.
 */
public final class OciSpecs {
  /** A parsed spec takes about 10 KB. */
  private static final int KEPT = 128;

  private final ContainerLayout layout;
  private final SeccompFilters filters = new SeccompFilters();
  private final Cache<ContainerId, OciSpec> recent =
      CacheBuilder.newBuilder().maximumSize(KEPT).build();

  public OciSpecs(ContainerLayout layout) {
    this.layout = layout;
  }

  /** Writes config.json into the container's folder, which exists. */
  void write(ContainerId id, OciSpec spec) {
    AtomicFile.write(
        layout.config(id), RecordJson.pretty(spec).getBytes(StandardCharsets.UTF_8), false);
    recent.put(id, spec);
  }

  /** The spec of the container as it was created. */
  public OciSpec read(ContainerId id) {
    OciSpec kept = recent.getIfPresent(id);
    if (kept != null) {
      return kept;
    }
    try {
      OciSpec spec = RecordJson.fromBytes(Files.readAllBytes(layout.config(id)), OciSpec.class);
      recent.put(id, spec);
      return spec;
    } catch (IOException e) {
      throw new CriException.Internal("reading " + layout.config(id) + ": " + e, e);
    }
  }

  /**
   * The step that loads the spec's seccomp filter, compiled at most once; empty: it has none.
   *
   * @throws CriException.InvalidArgument when the kernel cannot take so long a filter
   */
  Optional<LaunchStep.Seccomp> filter(OciSpec spec) {
    return spec.linux().seccomp().map(filters::step);
  }

  void forget(ContainerId id) {
    recent.invalidate(id);
  }
}
