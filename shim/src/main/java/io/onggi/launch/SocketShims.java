package io.onggi.launch;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;

/** Connects to shims over their unix sockets. */
public final class SocketShims implements ShimConnector {
  private final ScheduledExecutorService timer;
  private final Duration answerLimit;

  /**
   * @param timer runs the alarms of calls that are not answered; one thread is enough for all
   * @param answerLimit for a command's answer; output and exits are waited for without limit
   */
  public SocketShims(ScheduledExecutorService timer, Duration answerLimit) {
    this.timer = timer;
    this.answerLimit = answerLimit;
  }

  @Override
  public Shim connect(String subject, Path socket) {
    return new SocketShim(subject, socket, timer, answerLimit);
  }
}
