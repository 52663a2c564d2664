package io.onggi.container;

/**
 * One party that changes a container's spec between its making and its keeping: CDI today, NRI
 * plugins when they come. An edit sees the spec as the edits before it left it, and what it returns
 * is checked and compiled like any other: an edit has no other way into a container.
 */
public interface SpecEdit {

  /**
   * The changed spec, or the same one.
   *
   * @throws io.onggi.error.CriException for an edit that cannot be done; nothing is left behind
   */
  OciSpec apply(Request request, OciSpec spec);

  /**
   * Whose spec it is.
   *
   * @param id of the container that is being created; no container has it yet
   */
  record Request(ContainerId id, ContainerSpec container, io.onggi.sandbox.Sandbox sandbox) {}
}
