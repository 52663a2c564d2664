package io.onggi.network.cni;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.Optional;

/** Whoever carries out one plugin's command. Calls block. */
interface Plugins {
  /**
   * @param type the plugin
   * @param configuration what it reads: its own keys, name, version, prevResult, runtimeConfig
   * @param limit for the whole call; a plugin that takes longer is ended
   * @return its answer; empty where the spec asks for none
   * @throws PluginException when it is not there, fails, takes too long or answers with garbage
   */
  Optional<JsonObject> run(
      String type, Invocation invocation, JsonObject configuration, Duration limit);
}
