package io.onggi.launch;

/**
 * Places where a test may make this program fail, wait or die. Each executor of a step calls {@link
 * #hit} with the step's name just before it acts.
 */
public interface Failpoints {
  /**
   * @throws FailpointException when a term says so
   */
  void hit(String name);

  /** The production value: nothing ever happens. */
  static Failpoints none() {
    return _ -> {};
  }

  /** A failure that was asked for. */
  final class FailpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FailpointException(String name, String text) {
      super("failpoint " + name + ": " + text);
    }
  }
}
