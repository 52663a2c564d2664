package io.onggi.container;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Programs that run at points of a container's life (OCI runtime-spec, config.md, "POSIX-platform
 * Hooks"); component names are the JSON names.
 */
public record OciHooks(
    List<Hook> prestart,
    List<Hook> createRuntime,
    List<Hook> createContainer,
    List<Hook> startContainer,
    List<Hook> poststart,
    List<Hook> poststop) {

  public static final OciHooks NONE =
      new OciHooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public OciHooks {
    prestart = List.copyOf(prestart);
    createRuntime = List.copyOf(createRuntime);
    createContainer = List.copyOf(createContainer);
    startContainer = List.copyOf(startContainer);
    poststart = List.copyOf(poststart);
    poststop = List.copyOf(poststop);
  }

  /** When a hook runs, and where: the node's namespaces or the container's. */
  public enum Point {
    /** Node; deprecated by the specification in favour of the next. */
    PRESTART("prestart"),
    /** Node, before pivot_root. */
    CREATE_RUNTIME("createRuntime"),
    /** Container, before pivot_root: the program is the node's. */
    CREATE_CONTAINER("createContainer"),
    /** Container, directly before its own program: the hook is the container's file too. */
    START_CONTAINER("startContainer"),
    /** Node, after the container's program began. */
    POSTSTART("poststart"),
    /** Node, after the container has ended. */
    POSTSTOP("poststop");

    private final String word;

    Point(String word) {
      this.word = word;
    }

    /** As in config.json. */
    public String word() {
      return word;
    }

    public static Optional<Point> of(String word) {
      for (Point point : values()) {
        if (point.word.equals(word)) {
          return Optional.of(point);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * @param path absolute
   * @param args with the program's name first; empty: {@code path} alone
   * @param env {@code NAME=value} each; nothing else is in the hook's environment
   * @param timeout seconds, above 0; empty: Onggi's own bound for the whole start
   */
  public record Hook(String path, List<String> args, List<String> env, Optional<Integer> timeout) {
    public Hook {
      args = List.copyOf(args);
      env = List.copyOf(env);
    }

    /** What the program is started with. */
    public List<String> argv() {
      return args.isEmpty() ? List.of(path) : args;
    }
  }

  boolean isEmpty() {
    return equals(NONE);
  }

  List<Hook> at(Point point) {
    return switch (point) {
      case PRESTART -> prestart;
      case CREATE_RUNTIME -> createRuntime;
      case CREATE_CONTAINER -> createContainer;
      case START_CONTAINER -> startContainer;
      case POSTSTART -> poststart;
      case POSTSTOP -> poststop;
    };
  }

  /** The same with one more at the end of that point's list. */
  public OciHooks plus(Point point, Hook hook) {
    return new OciHooks(
        list(Point.PRESTART, point, hook),
        list(Point.CREATE_RUNTIME, point, hook),
        list(Point.CREATE_CONTAINER, point, hook),
        list(Point.START_CONTAINER, point, hook),
        list(Point.POSTSTART, point, hook),
        list(Point.POSTSTOP, point, hook));
  }

  private List<Hook> list(Point mine, Point point, Hook hook) {
    List<Hook> hooks = new ArrayList<>(at(mine));
    if (mine == point) {
      hooks.add(hook);
    }
    return hooks;
  }
}
