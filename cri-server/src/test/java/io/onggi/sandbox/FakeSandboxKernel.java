package io.onggi.sandbox;

import io.onggi.error.CriException;
import io.onggi.network.AttachRequest;
import io.onggi.network.Attachment;
import io.onggi.network.FakePodNetwork;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A sandbox's kernel objects in memory: what was made and not yet unmade is in {@link #live}. */
public final class FakeSandboxKernel implements SandboxKernel {
  private static final int INIT_PID = 4000;

  private final FakePodNetwork network;
  private final Set<String> live = new TreeSet<>();
  private final List<String> undone = new ArrayList<>();
  private final Set<String> failing = new HashSet<>();

  public FakeSandboxKernel(FakePodNetwork network) {
    this.network = network;
  }

  /** The step of that name fails from now on, after it has made its object. */
  public synchronized void failAt(String step) {
    failing.add(step);
  }

  public synchronized void failNoMore() {
    failing.clear();
  }

  /** What exists: {@code pins}, {@code shm}, {@code attachment}, {@code init}, each with the id. */
  public synchronized Set<String> live() {
    return Set.copyOf(live);
  }

  /** Every ensureNo… that was called, in order, by its object's name. */
  public synchronized List<String> undone() {
    return List.copyOf(undone);
  }

  /** Somebody else took it away. */
  public synchronized void lose(String object, SandboxId id) {
    live.remove(object + " " + id);
  }

  private synchronized void make(String object, SandboxId id) {
    live.add(object + " " + id);
    if (failing.contains(object)) {
      throw new CriException.Internal("making " + object + ": Operation not permitted", null);
    }
  }

  private synchronized void unmake(String object, SandboxId id) {
    undone.add(object);
    if (failing.contains("no " + object)) {
      throw new CriException.Internal("unmaking " + object + ": Device or resource busy", null);
    }
    live.remove(object + " " + id);
  }

  @Override
  public void makeCgroup(SandboxId id, SandboxSpec spec) {
    if (spec.ownCgroup()) {
      make("cgroup", id);
    }
  }

  @Override
  public synchronized void ensureNoCgroup(SandboxId id) {
    if (live.contains("cgroup " + id)) {
      unmake("cgroup", id);
    }
  }

  @Override
  public void pinNamespaces(SandboxId id, SandboxSpec spec) {
    make("pins", id);
  }

  @Override
  public void ensureNoPins(SandboxId id) {
    unmake("pins", id);
  }

  @Override
  public void mountShm(SandboxId id, SandboxSpec spec) {
    if (spec.namespaces().ipc() != NamespaceMode.NODE) {
      make("shm", id);
    }
  }

  @Override
  public void ensureNoShm(SandboxId id) {
    unmake("shm", id);
  }

  @Override
  public Attachment attach(AttachRequest request) {
    make("attachment", new SandboxId(request.sandboxId()));
    return network.attach(request);
  }

  @Override
  public void ensureDetached(SandboxId id) {
    unmake("attachment", id);
    network.detach(id.value());
  }

  @Override
  public Optional<SandboxState.PodInit> startInit(SandboxId id, SandboxSpec spec) {
    if (spec.namespaces().pid() != NamespaceMode.POD) {
      return Optional.empty();
    }
    make("init", id);
    return Optional.of(new SandboxState.PodInit(INIT_PID, 1));
  }

  @Override
  public void ensureNoInit(SandboxId id) {
    unmake("init", id);
  }

  @Override
  public synchronized boolean alive(SandboxId id, SandboxSpec spec) {
    return live.contains("pins " + id);
  }
}
