package io.onggi.sandbox;

/** Whose namespace a container uses (CRI NamespaceMode). */
public enum NamespaceMode {
  POD,
  CONTAINER,
  NODE,
  TARGET
}
