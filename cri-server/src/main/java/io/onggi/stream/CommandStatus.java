package io.onggi.stream;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

/** How a command ended, as the error stream tells it. */
sealed interface CommandStatus {
  /**
   * @param code 0..255; 128 + signal
   */
  record Exited(int code) implements CommandStatus {}

  /** It could not be started, or its end is not known. */
  record Failed(String message) implements CommandStatus {}

  /** Version 4 and later: a metav1.Status in JSON. */
  default String json() {
    return switch (this) {
      case Exited(int code) when code == 0 -> status("Success").toString();
      case Exited(int code) -> {
        JsonObject status = status("Failure");
        status.addProperty("message", text());
        status.addProperty("reason", "NonZeroExitCode");
        status.add("details", cause("ExitCode", Integer.toString(code)));
        yield status.toString();
      }
      case Failed(String message) -> {
        JsonObject status = status("Failure");
        status.addProperty("message", message);
        status.addProperty("reason", "InternalError");
        status.add("details", cause("InternalError", message));
        status.addProperty("code", 500);
        yield status.toString();
      }
    };
  }

  /** Before version 4: words, and nothing when all went well. */
  default String text() {
    return switch (this) {
      case Exited(int code) when code == 0 -> "";
      case Exited(int code) -> "command terminated with exit code " + code;
      case Failed(String message) -> message;
    };
  }

  private static JsonObject status(String word) {
    JsonObject status = new JsonObject();
    status.add("metadata", new JsonObject());
    status.addProperty("status", word);
    return status;
  }

  private static JsonObject cause(String reason, String message) {
    JsonObject cause = new JsonObject();
    cause.addProperty("reason", reason);
    cause.addProperty("message", message);
    JsonArray causes = new JsonArray();
    causes.add(cause);
    JsonObject details = new JsonObject();
    details.add("causes", causes);
    return details;
  }
}
