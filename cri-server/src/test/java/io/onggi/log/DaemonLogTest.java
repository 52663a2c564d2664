package io.onggi.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DaemonLogTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @AfterEach
  void restore() throws IOException {
    LogManager.getLogManager().readConfiguration();
  }

  private static LogRecord record(Level level, String message) {
    LogRecord record = new LogRecord(level, message);
    record.setLoggerName("io.onggi.sandbox.RunSandbox");
    record.setInstant(Instant.parse("2026-11-22T03:39:28.123456789Z"));
    return record;
  }

  @Test
  void aRecordIsOneLineWithUtcTimeLevelShortNameMessageAndCauses() {
    LogRecord record = record(Level.WARNING, "pod a: ignoring");
    record.setThrown(new IOException("no route", new IllegalStateException("down")));
    assertEquals(
        "2026-11-22T03:39:28.123Z warning RunSandbox: pod a: ignoring: java.io.IOException: no"
            + " route; caused by: java.lang.IllegalStateException: down\n",
        new OneLineFormatter(false).format(record));
    String withStack = new OneLineFormatter(true).format(record);
    assertTrue(withStack.contains("\n    java.io.IOException: no route\n"), withStack);
  }

  @Test
  void aMessageCannotMakeALineOfItsOwn() {
    assertEquals(
        "2026-11-22T03:39:28.123Z info RunSandbox: a\\n2026 forged \\u001b[31m\n",
        new OneLineFormatter(false).format(record(Level.INFO, "a\n2026 forged \u001b[31m")));
  }

  @Test
  void theLevelAndTheNoiseOfNettyAreHeld() {
    try (DaemonLog _ = DaemonLog.install(LogLevel.INFO, out)) {
      Logger logger = Logger.getLogger("io.onggi.x.Thing");
      logger.fine("not this");
      logger.info("this");
      Logger netty = Logger.getLogger("io.netty.bootstrap.ServerBootstrap");
      netty.warning("Unknown channel option 'SO_KEEPALIVE'");
      System.gc(); // levels of unreachable loggers would be lost here
      netty.warning("Unknown channel option 'SO_KEEPALIVE'");
      String written = out.toString(StandardCharsets.UTF_8);
      assertTrue(written.endsWith(" info Thing: this\n"), written);
      assertEquals(1, written.lines().count(), written);
    }
  }

  @Test
  void levelsHaveOurNames() {
    assertEquals(Optional.of(LogLevel.WARNING), LogLevel.parse("Warning"));
    assertEquals(Optional.empty(), LogLevel.parse("loud"));
    assertEquals("debug", LogLevel.nameOf(Level.FINE));
    assertEquals("error", LogLevel.nameOf(Level.SEVERE));
    assertEquals("info", LogLevel.nameOf(Level.CONFIG));
  }
}
