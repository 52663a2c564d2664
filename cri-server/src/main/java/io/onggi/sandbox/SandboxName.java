package io.onggi.sandbox;

import io.onggi.error.CriException;

/**
 * What makes a sandbox unique on its node (CRI PodSandboxMetadata); the key by which repeated
 * requests are joined.
 *
 * @param attempt how often the kubelet has made this pod's sandbox before, from 0
 */
public record SandboxName(String name, String uid, String namespace, int attempt) {
  public SandboxName {
    if (name.isEmpty()) {
      throw new CriException.InvalidArgument(
          "sandbox config: metadata.name is empty; give the pod a name");
    }
    if (namespace.isEmpty()) {
      throw new CriException.InvalidArgument(
          "sandbox config of pod " + name + ": metadata.namespace is empty");
    }
    if (uid.isEmpty()) {
      throw new CriException.InvalidArgument(
          "sandbox config of pod " + namespace + "/" + name + ": metadata.uid is empty");
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + name + " (uid " + uid + ", attempt " + attempt + ")";
  }
}
