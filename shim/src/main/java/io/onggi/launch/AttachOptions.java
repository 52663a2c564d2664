package io.onggi.launch;

/** Which of the container's own streams; at least one. A terminal's output is stdout. */
public record AttachOptions(boolean stdin, boolean stdout, boolean stderr) {
  public AttachOptions {
    if (!stdin && !stdout && !stderr) {
      throw new IllegalArgumentException("attach without a stream");
    }
  }
}
