package io.onggi.network.cni;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.onggi.network.cni.Invocation.Command;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One network's plugins, run in the order that each command asks for (CNI spec section 3). */
final class Chain {
  private final Plugins plugins;
  private final Duration limit;

  /**
   * @param limit for each plugin of a chain
   */
  Chain(Plugins plugins, Duration limit) {
    this.plugins = plugins;
    this.limit = limit;
  }

  /**
   * Forwards, each plugin given the result of the one before it.
   *
   * @throws PluginException of the first that failed; the caller runs DEL over the whole chain
   */
  CniResult add(Conflist network, Invocation invocation, JsonObject capabilities) {
    Optional<JsonObject> previous = Optional.empty();
    for (PluginConfig plugin : network.plugins()) {
      JsonObject input = input(network, plugin, capabilities, previous);
      previous = plugins.run(plugin.type(), invocation.as(Command.ADD), input, limit);
    }
    return CniResult.of(
        "network " + network.name(), previous.orElseThrow(() -> silent(network, invocation)));
  }

  private static PluginException silent(Conflist network, Invocation invocation) {
    return new PluginException(
        "network " + network.name() + ", " + invocation.described() + ": no plugin answered",
        PluginException.NO_ANSWER);
  }

  /**
   * Backwards; every plugin is called, also after one has failed, so that the address goes back
   * though a port map would not.
   *
   * @throws PluginException the first failure, the others suppressed
   */
  void del(
      Conflist network,
      Invocation invocation,
      JsonObject capabilities,
      Optional<JsonObject> result,
      Duration each) {
    Optional<JsonObject> known = network.version().hasCheck() ? result : Optional.empty();
    PluginException first = null;
    for (PluginConfig plugin : network.plugins().reversed()) {
      JsonObject input = input(network, plugin, capabilities, known);
      try {
        Optional<JsonObject> _ =
            plugins.run(plugin.type(), invocation.as(Command.DEL), input, each);
      } catch (PluginException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /**
   * Forwards; nothing for a network too old for it, or that has it disabled.
   *
   * @throws PluginException of the first plugin that finds its work changed
   */
  void check(Conflist network, Invocation invocation, JsonObject capabilities, JsonObject result) {
    if (!network.version().hasCheck() || network.disableCheck()) {
      return;
    }
    for (PluginConfig plugin : network.plugins()) {
      JsonObject input = input(network, plugin, capabilities, Optional.of(result));
      Optional<JsonObject> _ =
          plugins.run(plugin.type(), invocation.as(Command.CHECK), input, limit);
    }
  }

  /**
   * Asks every plugin whether it would serve an ADD.
   *
   * @throws PluginException of the first that would not
   */
  void status(Conflist network, Duration each) {
    if (network.version().hasStatusAndGc()) {
      each(network, Command.STATUS, new JsonObject(), each);
    }
  }

  /**
   * Lets the plugins give back what belongs to nobody any more.
   *
   * @param containerIds the sandboxes that are attached
   * @throws PluginException of the first that failed
   */
  void gc(Conflist network, Collection<String> containerIds) {
    if (!network.version().hasStatusAndGc() || network.disableGc()) {
      return;
    }
    JsonArray valid = new JsonArray();
    for (String id : containerIds) {
      JsonObject attachment = new JsonObject();
      attachment.addProperty("containerID", id);
      attachment.addProperty("ifname", Invocation.INTERFACE);
      valid.add(attachment);
    }
    JsonObject extra = new JsonObject();
    extra.add("cni.dev/valid-attachments", valid);
    each(network, Command.GC, extra, limit);
  }

  private void each(Conflist network, Command command, JsonObject extra, Duration each) {
    for (PluginConfig plugin : network.plugins()) {
      JsonObject input = input(network, plugin, new JsonObject(), Optional.empty());
      extra.entrySet().forEach(e -> input.add(e.getKey(), e.getValue()));
      Optional<JsonObject> _ =
          plugins.run(plugin.type(), Invocation.ofNetwork(command), input, each);
    }
  }

  /**
   * Whether every plugin is there and speaks the network's version.
   *
   * @throws PluginException naming the one that does not
   */
  void version(Conflist network) {
    for (String type : network.plugins().stream().map(PluginConfig::type).distinct().toList()) {
      JsonObject question = new JsonObject();
      question.addProperty("cniVersion", network.version().toString());
      Set<String> spoken =
          plugins
              .run(type, Invocation.ofNetwork(Command.VERSION), question, limit)
              .map(Chain::supported)
              .orElse(Set.of());
      if (!spoken.contains(network.version().toString())) {
        throw new PluginException(
            network.source()
                + ": cniVersion "
                + network.version()
                + " is not spoken by plugin \""
                + type
                + "\", which speaks "
                + List.copyOf(spoken)
                + "; lower cniVersion, or install a newer plugin",
            PluginException.NO_ANSWER);
      }
    }
  }

  private static Set<String> supported(JsonObject answer) {
    return answer.get("supportedVersions") instanceof JsonArray versions
        ? versions.asList().stream()
            .filter(v -> v instanceof JsonPrimitive)
            .map(JsonElement::getAsString)
            .collect(Collectors.toCollection(TreeSet::new))
        : Set.of();
  }

  /** Its own keys and what the runtime adds (CNI spec section 3, Deriving configuration). */
  private static JsonObject input(
      Conflist network,
      PluginConfig plugin,
      JsonObject capabilities,
      Optional<JsonObject> previous) {
    JsonObject input = new JsonObject();
    for (Map.Entry<String, JsonElement> own : plugin.json().entrySet()) {
      if (!own.getKey().equals("capabilities")) {
        input.add(own.getKey(), own.getValue());
      }
    }
    input.addProperty("cniVersion", network.version().toString());
    input.addProperty("name", network.name());
    JsonObject runtime = new JsonObject();
    plugin.capabilities().stream()
        .filter(capabilities::has)
        .sorted()
        .forEach(c -> runtime.add(c, capabilities.get(c)));
    if (!runtime.isEmpty()) {
      input.add("runtimeConfig", runtime);
    }
    previous.ifPresent(p -> input.add("prevResult", p));
    return input;
  }
}
