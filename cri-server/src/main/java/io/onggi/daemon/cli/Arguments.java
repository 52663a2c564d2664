package io.onggi.daemon.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What was typed: a command, its operand, and {@code --socket}.
 *
 * @param command empty: nothing was typed
 */
record Arguments(Path socket, String command, List<String> operands) {
  private static final Path DEFAULT_SOCKET = Path.of("/run/onggi/onggi.sock");
  private static final String SOCKET = "--socket";

  Arguments {
    operands = List.copyOf(operands);
  }

  /**
   * @throws IllegalArgumentException with a sentence for the person who typed
   */
  static Arguments parse(List<String> typed) {
    Path socket = DEFAULT_SOCKET;
    List<String> words = new ArrayList<>();
    for (int i = 0; i < typed.size(); i++) {
      String word = typed.get(i);
      if (word.equals(SOCKET)) {
        if (++i == typed.size()) {
          throw new IllegalArgumentException(SOCKET + " needs the path of the daemon's socket");
        }
        socket = Path.of(typed.get(i));
      } else if (word.startsWith(SOCKET + "=")) {
        socket = Path.of(word.substring(SOCKET.length() + 1));
      } else {
        words.add(word);
      }
    }
    String command = words.isEmpty() ? "" : words.removeFirst();
    return new Arguments(socket, command, words);
  }

  List<String> exactly(int count, String what) {
    if (operands.size() != count) {
      throw new IllegalArgumentException("onggi " + command + " takes " + what);
    }
    return operands;
  }

  String only(String what) {
    if (operands.size() != 1) {
      throw new IllegalArgumentException("onggi " + command + " takes exactly one " + what);
    }
    return operands.getFirst();
  }
}
