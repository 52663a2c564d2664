package io.onggi.network.cni;

import com.google.common.net.InetAddresses;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.onggi.network.AttachRequest;
import io.onggi.network.IpPrefix;
import io.onggi.network.PodIdentity;
import io.onggi.network.PortMapping;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What Kubernetes' runtimes tell plugins about a pod: {@code CNI_ARGS} and the values of
 * capabilities (CNI CONVENTIONS.md).
 */
final class PodArguments {
  /** What runtimes give as burst: no limit of its own, in bits (2^31 - 1). */
  private static final long BURST = Integer.MAX_VALUE;

  private PodArguments() {}

  /** "IgnoreUnknown=1;K8S_POD_NAMESPACE=...": a plugin that knows one of them reads it. */
  static String arguments(AttachRequest request) {
    PodIdentity pod = request.pod();
    return "IgnoreUnknown=1;K8S_POD_NAMESPACE="
        + pod.namespace()
        + ";K8S_POD_NAME="
        + pod.name()
        + ";K8S_POD_INFRA_CONTAINER_ID="
        + request.sandboxId()
        + ";K8S_POD_UID="
        + pod.uid();
  }

  /**
   * @param ranges of the node's pods, as the kubelet told them; may be empty
   * @throws io.onggi.error.CriException.InvalidArgument for a bandwidth that is no quantity
   */
  static JsonObject capabilities(AttachRequest request, List<IpPrefix> ranges) {
    PodIdentity pod = request.pod();
    JsonObject values = new JsonObject();
    values.add("portMappings", ports(request.ports()));
    JsonObject bandwidth = bandwidth(pod.annotations());
    if (!bandwidth.isEmpty()) {
      values.add("bandwidth", bandwidth);
    }
    if (!ranges.isEmpty()) {
      values.add("ipRanges", ranges(ranges));
    }
    JsonObject dns = dns(pod.dns());
    if (!dns.isEmpty()) {
      values.add("dns", dns);
    }
    if (!pod.cgroupParent().isEmpty()) {
      values.addProperty("cgroupPath", pod.cgroupParent());
    }
    if (!pod.name().isEmpty()) {
      values.add("aliases", strings(List.of(pod.name())));
    }
    JsonObject annotations = new JsonObject();
    pod.annotations().forEach(annotations::addProperty);
    values.add("io.kubernetes.cri.pod-annotations", annotations);
    return values;
  }

  private static JsonArray ports(List<PortMapping> ports) {
    JsonArray mapped = new JsonArray();
    for (PortMapping port : ports) {
      if (port.isMapped()) {
        JsonObject one = new JsonObject();
        one.addProperty("hostPort", port.hostPort());
        one.addProperty("containerPort", port.containerPort());
        one.addProperty("protocol", port.protocol().name().toLowerCase(Locale.ROOT));
        port.hostIp().ifPresent(ip -> one.addProperty("hostIP", InetAddresses.toAddrString(ip)));
        mapped.add(one);
      }
    }
    return mapped;
  }

  private static JsonObject bandwidth(Map<String, String> annotations) {
    JsonObject bandwidth = new JsonObject();
    for (String way : List.of("ingress", "egress")) {
      String annotation = "kubernetes.io/" + way + "-bandwidth";
      String value = annotations.get(annotation);
      if (value != null) {
        bandwidth.addProperty(way + "Rate", BandwidthQuantity.bits(annotation, value));
        bandwidth.addProperty(way + "Burst", BURST);
      }
    }
    return bandwidth;
  }

  /** One range set for each range: a pod gets an address of each. */
  private static JsonArray ranges(List<IpPrefix> ranges) {
    JsonArray sets = new JsonArray();
    for (IpPrefix range : ranges) {
      JsonObject one = new JsonObject();
      one.addProperty("subnet", range.toString());
      JsonArray set = new JsonArray();
      set.add(one);
      sets.add(set);
    }
    return sets;
  }

  private static JsonObject dns(PodIdentity.Dns dns) {
    JsonObject json = new JsonObject();
    put(json, "servers", dns.servers());
    put(json, "searches", dns.searches());
    put(json, "options", dns.options());
    return json;
  }

  private static void put(JsonObject json, String key, List<String> values) {
    if (!values.isEmpty()) {
      json.add(key, strings(values));
    }
  }

  private static JsonArray strings(List<String> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }
}
