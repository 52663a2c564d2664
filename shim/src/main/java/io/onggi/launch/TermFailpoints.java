package io.onggi.launch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Failpoints from text: {@code name=term->term;name=term}. A term is {@code [N*]action} with action
 * {@code off}, {@code error(text)}, {@code delay(milliseconds)} or {@code crash}; N times, then the
 * next term; without N for ever. {@code launch.spawn=1*off->error(boom)} lets the first launch pass
 * and fails every later one. Thread-safe.
 */
public final class TermFailpoints implements Failpoints {
  private static final Pattern TERM =
      Pattern.compile(
          "(?:([0-9]{1,6})\\*)?(off|crash|error\\(([^()]*)\\)|delay\\(([0-9]{1,6})\\))");

  private sealed interface Action {
    record Off() implements Action {}

    record Fail(String text) implements Action {}

    record Delay(Duration time) implements Action {}

    record Crash() implements Action {}
  }

  /** {@code left} counts down; negative: for ever. */
  private static final class Term {
    private final Action action;
    private long left;

    Term(Action action, long left) {
      this.action = action;
      this.left = left;
    }
  }

  private final Map<String, Deque<Term>> terms = new HashMap<>();
  private final Consumer<Duration> pause;
  private final Runnable crash;

  /**
   * @param pause waits; {@code LockSupport.parkNanos} in the daemon
   * @param crash ends the program at once; {@code Runtime.halt} in the daemon
   * @throws IllegalArgumentException naming the term that is not understood
   */
  public TermFailpoints(String text, Consumer<Duration> pause, Runnable crash) {
    this.pause = pause;
    this.crash = crash;
    for (String point : text.split(";")) {
      if (!point.isBlank()) {
        int equals = point.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException("failpoint '" + point + "' is not name=terms");
        }
        terms.put(point.substring(0, equals).strip(), parse(point.substring(equals + 1)));
      }
    }
  }

  private static Deque<Term> parse(String text) {
    Deque<Term> parsed = new ArrayDeque<>();
    for (String term : text.split("->")) {
      Matcher matcher = TERM.matcher(term.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "failpoint term '"
                + term
                + "' is not [N*]off, [N*]error(text), [N*]delay(ms) or [N*]crash");
      }
      long times = matcher.group(1) == null ? -1 : Long.parseLong(matcher.group(1));
      parsed.add(new Term(action(matcher), times));
    }
    return parsed;
  }

  private static Action action(Matcher term) {
    String millis = term.group(4);
    String text = term.group(3);
    if (millis != null) {
      return new Action.Delay(Duration.ofMillis(Long.parseLong(millis)));
    }
    if (text != null) {
      return new Action.Fail(text);
    }
    return term.group(2).equals("crash") ? new Action.Crash() : new Action.Off();
  }

  @Override
  public void hit(String name) {
    switch (next(name)) {
      case Action.Off _ -> {}
      case Action.Fail fail -> throw new FailpointException(name, fail.text());
      case Action.Delay delay -> pause.accept(delay.time());
      case Action.Crash _ -> crash.run();
    }
  }

  private synchronized Action next(String name) {
    Deque<Term> queue = terms.get(name);
    while (queue != null && !queue.isEmpty()) {
      Term term = queue.peek();
      if (term.left == 0) {
        queue.remove();
      } else {
        term.left -= term.left > 0 ? 1 : 0;
        return term.action;
      }
    }
    return new Action.Off();
  }
}
