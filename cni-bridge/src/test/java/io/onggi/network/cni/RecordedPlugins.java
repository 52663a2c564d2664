package io.onggi.network.cni;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Plugins that note what they are asked and fail where a test wants it. */
final class RecordedPlugins implements Plugins {
  record Call(String type, Invocation invocation, JsonObject configuration) {
    String words() {
      return invocation.command() + " " + type;
    }
  }

  final List<Call> calls = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Call> collected = new LinkedBlockingQueue<>();
  private final Map<String, String> failures = new ConcurrentHashMap<>();
  private volatile String result =
      """
      {
        "cniVersion": "1.0.0",
        "interfaces": [
          {"name": "cni0", "mac": "0a:00:00:00:00:01"},
          {"name": "veth7", "mac": "0a:00:00:00:00:02"},
          {"name": "eth0", "mac": "0a:00:00:00:00:03", "sandbox": "/x"}
        ],
        "ips": [{"address": "10.5.0.9/24", "gateway": "10.5.0.1", "interface": 2}]
      }
      """;

  /** "DEL bridge" fails from now on. */
  void fail(String words, String message) {
    failures.put(words, message);
  }

  void heal(String words) {
    failures.remove(words);
  }

  void answer(String json) {
    result = json;
  }

  /** The next GC, which nobody waits for. */
  Call awaitCall() throws InterruptedException {
    Call call = collected.poll(20, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("no GC in 20 s: " + said());
    }
    return call;
  }

  List<String> said() {
    return calls.stream().map(Call::words).toList();
  }

  @Override
  public Optional<JsonObject> run(
      String type, Invocation invocation, JsonObject configuration, Duration limit) {
    Call call = new Call(type, invocation, configuration);
    calls.add(call);
    if (invocation.command() == Invocation.Command.GC) {
      collected.add(call);
    }
    String failure = failures.get(call.words());
    if (failure != null) {
      throw new PluginException(failure, 100);
    }
    return switch (invocation.command()) {
      case ADD -> Optional.of(JsonParser.parseString(result).getAsJsonObject());
      case VERSION ->
          Optional.of(
              JsonParser.parseString("{\"supportedVersions\": [\"0.4.0\", \"1.0.0\", \"1.1.0\"]}")
                  .getAsJsonObject());
      case DEL, CHECK, STATUS, GC -> Optional.empty();
    };
  }
}
