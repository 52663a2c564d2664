package io.onggi.container;

import io.onggi.error.CriException;
import java.util.Locale;
import java.util.Map;

/** Signal names of x86-64 and arm64 Linux (signal(7)). */
public final class Signals {
  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;

  private static final int FIRST_REALTIME = 34;
  private static final int LAST = 64;

  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("HUP", 1),
          Map.entry("INT", 2),
          Map.entry("QUIT", 3),
          Map.entry("ILL", 4),
          Map.entry("TRAP", 5),
          Map.entry("ABRT", 6),
          Map.entry("IOT", 6),
          Map.entry("BUS", 7),
          Map.entry("FPE", 8),
          Map.entry("KILL", 9),
          Map.entry("USR1", 10),
          Map.entry("SEGV", 11),
          Map.entry("USR2", 12),
          Map.entry("PIPE", 13),
          Map.entry("ALRM", 14),
          Map.entry("TERM", 15),
          Map.entry("STKFLT", 16),
          Map.entry("CHLD", 17),
          Map.entry("CLD", 17),
          Map.entry("CONT", 18),
          Map.entry("STOP", 19),
          Map.entry("TSTP", 20),
          Map.entry("TTIN", 21),
          Map.entry("TTOU", 22),
          Map.entry("URG", 23),
          Map.entry("XCPU", 24),
          Map.entry("XFSZ", 25),
          Map.entry("VTALRM", 26),
          Map.entry("PROF", 27),
          Map.entry("WINCH", 28),
          Map.entry("IO", 29),
          Map.entry("POLL", 29),
          Map.entry("PWR", 30),
          Map.entry("SYS", 31));

  private Signals() {}

  /**
   * Reads a signal as images and CRI write it: {@code SIGTERM}, {@code TERM}, {@code 15}, {@code
   * SIGRTMIN+3}.
   *
   * @return 1..64
   * @throws CriException.InvalidArgument for anything else
   */
  public static int parse(String text) {
    String name = text.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
    Integer known = NUMBERS.get(name);
    if (known != null) {
      return known;
    }
    int number = -1;
    if (name.matches("[0-9]{1,2}")) {
      number = Integer.parseInt(name);
    } else if (name.matches("RTMIN(PLUS|\\+)?[0-9]{0,2}")) {
      String offset = name.replaceAll("[^0-9]", "");
      number = FIRST_REALTIME + (offset.isEmpty() ? 0 : Integer.parseInt(offset));
    } else if (name.matches("RTMAX((MINUS|-)[0-9]{1,2})?")) {
      String offset = name.replaceAll("[^0-9]", "");
      number = LAST - (offset.isEmpty() ? 0 : Integer.parseInt(offset));
      number = number < FIRST_REALTIME ? -1 : number;
    }
    if (number < 1 || number > LAST) {
      throw new CriException.InvalidArgument(
          "stop signal \"" + text + "\" is no signal; use a name such as SIGTERM or 1..64");
    }
    return number;
  }
}
