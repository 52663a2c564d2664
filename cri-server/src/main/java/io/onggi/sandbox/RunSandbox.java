package io.onggi.sandbox;

import io.onggi.error.CriException;
import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.store.IdSource;
import io.onggi.store.Ledger;
import io.onggi.store.Owned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * RunPodSandbox: from nothing to ready. A repeat of the same metadata joins the running operation;
 * a sandbox of that metadata that is ready already is the answer. A failure leaves nothing behind.
 */
public final class RunSandbox {
  private final Sandboxes sandboxes;
  private final SandboxKernel kernel;
  private final SandboxLayout layout;
  private final Ledger ledger;
  private final IdSource ids;
  private final InstantSource clock;
  private final Timelines timelines;
  private final PodFiles files;
  private final Joined<SandboxName, SandboxId> operations = new Joined<>();

  public RunSandbox(
      Sandboxes sandboxes,
      SandboxKernel kernel,
      SandboxLayout layout,
      Ledger ledger,
      IdSource ids,
      InstantSource clock,
      Timelines timelines) {
    this.sandboxes = sandboxes;
    this.kernel = kernel;
    this.layout = layout;
    this.ledger = ledger;
    this.ids = ids;
    this.clock = clock;
    this.timelines = timelines;
    this.files = new PodFiles(layout);
  }

  /**
   * @return the id of a sandbox that is ready
   * @throws CriException.AlreadyExists when a stopped sandbox has this metadata
   */
  public SandboxId run(SandboxSpec spec) {
    return operations.run(spec.name(), () -> runOnce(spec));
  }

  private SandboxId runOnce(SandboxSpec spec) {
    Optional<Sandbox> existing = sandboxes.named(spec.name());
    if (existing.isPresent()) {
      if (existing.get().ready()) {
        return existing.get().id();
      }
      throw new CriException.AlreadyExists(
          "pod sandbox "
              + existing.get().id()
              + " has the metadata "
              + spec.name()
              + " and is stopped; remove it first, or raise metadata.attempt");
    }
    SandboxId id = new SandboxId(ids.next());
    try (Undo undo = new Undo()) {
      StartClock steps = timelines.begin();
      SandboxState.Ready ready = make(id, spec, undo, steps);
      Sandbox sandbox = new Sandbox(id, spec, clock.instant(), ready);
      steps.step("journal", () -> sandboxes.add(sandbox));
      undo.commit();
      timelines.keep(layout.directory(id), steps.done());
      return id;
    }
  }

  private SandboxState.Ready make(SandboxId id, SandboxSpec spec, Undo undo, StartClock steps) {
    Owned owned = new Owned("sandbox", id.value(), spec.name().toString());
    steps.step("intent", () -> ledger.intend(owned));
    undo.whenAllIsUndone(() -> ledger.forget(owned));
    steps.step("folder", () -> makeDirectory(id));
    undo.push(() -> SandboxFolders.delete(layout.directory(id)));
    undo.push(() -> kernel.ensureNoCgroup(id));
    kernel.makeCgroup(id, spec);
    undo.push(() -> kernel.ensureNoPins(id));
    steps.step("namespaces", () -> kernel.pinNamespaces(id, spec));
    undo.push(() -> kernel.ensureNoShm(id));
    steps.step("shm", () -> kernel.mountShm(id, spec));
    Optional<Attachment> attachment = Optional.empty();
    if (spec.namespaces().network() == NamespaceMode.NODE) {
      steps.step("files", () -> files.writeForHostNetwork(id, spec));
    } else {
      undo.push(() -> kernel.ensureDetached(id));
      Path netns = layout.pin(id, io.onggi.linux.Namespaces.Kind.NET);
      Attachment made =
          steps.step(
              "network",
              () ->
                  kernel.attach(
                      new AttachRequest(id.value(), netns, spec.ports(), spec.identity())));
      steps.step("files", () -> files.write(id, spec, made));
      attachment = Optional.of(made);
    }
    undo.push(() -> kernel.ensureNoInit(id));
    Optional<SandboxState.PodInit> init = steps.step("init", () -> kernel.startInit(id, spec));
    return new SandboxState.Ready(attachment, init);
  }

  private void makeDirectory(SandboxId id) {
    try {
      Files.createDirectories(layout.directory(id));
    } catch (IOException e) {
      throw new CriException.Internal(
          "making the folder " + layout.directory(id) + " of a sandbox: " + e, e);
    }
  }
}
