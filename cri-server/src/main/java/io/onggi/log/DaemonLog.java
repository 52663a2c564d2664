package io.onggi.log;

import java.io.OutputStream;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/**
 * The daemon's logging, to be kept as long as it is to hold: java.util.logging keeps loggers
 * weakly, and a logger that is collected loses its level.
 */
public final class DaemonLog implements AutoCloseable {
  private final Logger root;
  private final Handler handler;
  private final List<Logger> quiet;

  private DaemonLog(Logger root, Handler handler, List<Logger> quiet) {
    this.root = root;
    this.handler = handler;
    this.quiet = quiet;
  }

  /**
   * Replaces whatever logging there is by one line per record on {@code out}, flushed at once. From
   * debug on, exceptions come with their stack.
   */
  public static DaemonLog install(LogLevel level, OutputStream out) {
    LogManager.getLogManager().reset();
    Handler handler = new FlushingHandler(out, level.level().intValue() < Level.INFO.intValue());
    Logger root = Logger.getLogger("");
    root.setLevel(level.level());
    root.addHandler(handler);
    return new DaemonLog(
        root,
        handler,
        List.of(
            // warns on every connection that a unix socket knows no SO_KEEPALIVE
            quiet("io.netty.bootstrap", Level.SEVERE),
            // tell at debug what they tried of the JDK's internals, with stacks
            quiet("io.netty", Level.INFO),
            quiet("io.grpc", Level.INFO)));
  }

  private static Logger quiet(String name, Level least) {
    Logger logger = Logger.getLogger(name);
    logger.setLevel(least);
    return logger;
  }

  /** Writes out what is buffered and stops logging. */
  @Override
  public void close() {
    handler.flush();
    root.removeHandler(handler);
    quiet.forEach(logger -> logger.setLevel(null));
  }

  /**
   * StreamHandler keeps lines until its buffer is full; a daemon's last words are the needed ones.
   */
  private static final class FlushingHandler extends StreamHandler {
    FlushingHandler(OutputStream out, boolean stacks) {
      super(out, new OneLineFormatter(stacks));
      setLevel(Level.ALL);
    }

    @Override
    public synchronized void publish(LogRecord record) {
      super.publish(record);
      flush();
    }
  }
}
