package io.onggi.stream;

import io.onggi.error.CriException;

/** Which streams of a process a client wants. */
public record StreamSet(boolean terminal, boolean stdin, boolean stdout, boolean stderr) {
  void check(String subject) {
    if (terminal && stderr) {
      throw new CriException.InvalidArgument(
          subject + ": tty and stderr exclude each other: a terminal has one output, stdout");
    }
    if (!stdin && !stdout && !stderr) {
      throw new CriException.InvalidArgument(
          subject + ": none of stdin, stdout and stderr is asked for; set at least one");
    }
  }

  /** How many SPDY streams the client opens: an error stream and one each. */
  int streams(boolean resizable) {
    int count = 1;
    for (boolean wanted : new boolean[] {stdin, stdout, stderr, terminal && resizable}) {
      count += wanted ? 1 : 0;
    }
    return count;
  }
}
