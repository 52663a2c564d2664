package io.onggi.network.cni;

import com.google.common.net.InetAddresses;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.onggi.error.CriException;
import io.onggi.network.IpPrefix;
import io.onggi.network.MacAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The answer of a network's last plugin to ADD (CNI spec section 5, Success): what matters of it to
 * a runtime.
 *
 * @param json as it was answered
 */
record CniResult(JsonObject json, List<Interface> interfaces, List<Address> addresses) {
  CniResult {
    interfaces = List.copyOf(interfaces);
    addresses = List.copyOf(addresses);
  }

  /**
   * @param sandbox path of the namespace; empty: the node's end
   */
  record Interface(String name, Optional<MacAddress> mac, String sandbox) {}

  /**
   * @param owner index of its interface in the list, -1: not said
   */
  record Address(IpPrefix address, Optional<InetAddress> gateway, int owner) {}

  /**
   * @param subject whose answer it is, for messages
   * @throws PluginException when a field has the wrong form
   */
  static CniResult of(String subject, JsonObject json) {
    try {
      return new CniResult(json, interfaces(json), addresses(json));
    } catch (IllegalArgumentException
        | IllegalStateException
        | ClassCastException
        | CriException.InvalidArgument e) {
      throw new PluginException(
          subject + ": its answer is no CNI result: " + e.getMessage(), PluginException.NO_ANSWER);
    }
  }

  /** What the pod is reached at: addresses of its own interface, or of none in particular. */
  List<Address> podAddresses() {
    return addresses.stream().filter(a -> a.owner < 0 || isPods(a.owner)).toList();
  }

  private boolean isPods(int index) {
    return index < interfaces.size()
        && !interfaces.get(index).sandbox.isEmpty()
        && interfaces.get(index).name.equals(Invocation.INTERFACE);
  }

  Optional<Interface> podInterface() {
    return interfaces.stream()
        .filter(i -> !i.sandbox.isEmpty() && i.name.equals(Invocation.INTERFACE))
        .findFirst();
  }

  /** The node's end of the pod's link: plugins list bridges first, the link's end last. */
  Optional<Interface> hostInterface() {
    return interfaces.stream().filter(i -> i.sandbox.isEmpty()).reduce((_, last) -> last);
  }

  private static List<Interface> interfaces(JsonObject json) {
    List<Interface> interfaces = new ArrayList<>();
    for (JsonElement element : list(json, "interfaces")) {
      JsonObject object = element.getAsJsonObject();
      interfaces.add(
          new Interface(
              string(object, "name"),
              Optional.of(string(object, "mac")).filter(m -> !m.isEmpty()).map(MacAddress::parse),
              string(object, "sandbox")));
    }
    return interfaces;
  }

  private static List<Address> addresses(JsonObject json) {
    List<Address> addresses = new ArrayList<>();
    for (JsonElement element : list(json, "ips")) {
      JsonObject object = element.getAsJsonObject();
      addresses.add(
          new Address(
              IpPrefix.parse(string(object, "address")),
              Optional.of(string(object, "gateway"))
                  .filter(g -> !g.isEmpty())
                  .map(InetAddresses::forString),
              object.has("interface") ? object.get("interface").getAsInt() : -1));
    }
    return addresses;
  }

  private static List<JsonElement> list(JsonObject json, String key) {
    JsonElement value = json.get(key);
    if (value == null || value.isJsonNull()) {
      return List.of();
    }
    if (value instanceof JsonArray array) {
      return array.asList();
    }
    throw new IllegalArgumentException(key + " is not a list");
  }

  private static String string(JsonObject json, String key) {
    JsonElement value = json.get(key);
    if (value == null || value.isJsonNull()) {
      return "";
    }
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw new IllegalArgumentException(key + " is not a string");
  }
}
