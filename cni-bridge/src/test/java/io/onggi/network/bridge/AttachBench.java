package io.onggi.network.bridge;

import io.onggi.linux.Namespaces;
import io.onggi.linux.Namespaces.Kind;
import io.onggi.network.AttachRequest;
import io.onggi.network.IpPrefix;
import io.onggi.network.PortMapping;
import io.onggi.network.Protocol;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Figures, not a test: what a pod's network costs, step by step, in milliseconds. Arguments: pods
 * per round (100), rounds (3; the first one warms the JVM up), directory of pins and leases (/run;
 * a lease costs 10 µs on tmpfs and 60 to 300 on ext4). Run with --enable-native-access.
 */
public final class AttachBench {
  private static final int WORKERS = 10;

  private final Path directory;
  private final BridgeNetwork network;
  private final int pods;

  private AttachBench(Path directory, BridgeNetwork network, int pods) {
    this.directory = directory;
    this.network = network;
    this.pods = pods;
  }

  public static void main(String[] args) throws Exception {
    int pods = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    Path directory =
        Files.createTempDirectory(Path.of(args.length > 2 ? args[2] : "/run"), "onggi-bench");
    try (Lab lab = new Lab(directory)) {
      BridgeConfig config =
          BridgeConfig.of("onggi0", List.of(IpPrefix.parse("10.88.0.0/16")), lab.leases("onggi0"));
      BridgeNetwork network = new BridgeNetwork(config, lab.host());
      network.reconcile(Set.of());
      AttachBench bench = new AttachBench(directory, network, pods);
      for (int round = 1; round <= rounds; round++) {
        IO.println("round " + round + " of " + rounds + ", " + pods + " pods one after the other");
        bench.round(List.of());
      }
      IO.println("with one host port each");
      bench.round(List.of(1));
      bench.parallel();
      network.removeAll();
      network.close();
    } finally {
      Files.deleteIfExists(directory);
    }
  }

  private void round(List<Integer> ports) {
    double[][] spent = new double[5][pods];
    for (int i = 0; i < pods; i++) {
      Path pin = directory.resolve("pod-" + i);
      int hostPort = 20000 + i;
      List<PortMapping> mappings =
          ports.stream()
              .map(_ -> new PortMapping(Protocol.TCP, 80, hostPort, Optional.empty()))
              .toList();
      AttachRequest request = new AttachRequest("pod-" + i, pin, mappings);
      spent[0][i] = millis(() -> netns(pin));
      spent[1][i] = millis(() -> network.attach(request));
    }
    for (int i = 0; i < pods; i++) {
      String id = "pod-" + i;
      spent[2][i] = millis(() -> network.detach(id));
      spent[3][i] = millis(() -> Namespaces.unpin(directory.resolve(id)));
    }
    double idle = millis(() -> network.awaitIdle(Duration.ofSeconds(30)));
    print("netns create and pin", spent[0]);
    print("attach", spent[1]);
    print("detach", spent[2]);
    print("unpin", spent[3]);
    IO.println("  idle after the last unpin: " + Math.round(idle) + " ms");
  }

  /** Three namespaces per pod and ten workers, as the daemon does it. */
  private void parallel() throws Exception {
    List<Callable<Double>> up = new ArrayList<>();
    List<Callable<Double>> down = new ArrayList<>();
    for (int i = 0; i < pods; i++) {
      String id = "par-" + i;
      Path pin = directory.resolve(id);
      up.add(
          () ->
              millis(
                  () -> {
                    netns(pin);
                    network.attach(new AttachRequest(id, pin, List.of()));
                  }));
      down.add(
          () ->
              millis(
                  () -> {
                    network.detach(id);
                    Namespaces.unpin(pin);
                  }));
    }
    IO.println("ten workers at once");
    try (var workers = Executors.newFixedThreadPool(WORKERS)) {
      print("create and attach", results(workers.invokeAll(up)));
      print("detach and unpin", results(workers.invokeAll(down)));
    }
    IO.println("  idle: " + network.awaitIdle(Duration.ofSeconds(30)));
  }

  private static double[] results(List<Future<Double>> futures) throws Exception {
    double[] all = new double[futures.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = futures.get(i).get();
    }
    return all;
  }

  private static void netns(Path pin) {
    Map<Kind, Path> pins = new EnumMap<>(Kind.class);
    pins.put(Kind.NET, pin);
    Namespaces.create(pins.keySet(), pins, Optional.empty(), Map.of());
  }

  private static double millis(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static void print(String what, double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    IO.println(
        "  %-22s best %.3f  p10 %.3f  p50 %.3f  p90 %.3f  max %.3f ms"
            .formatted(
                what,
                sorted[0],
                sorted[sorted.length / 10],
                sorted[sorted.length / 2],
                sorted[sorted.length * 9 / 10],
                sorted[sorted.length - 1]));
  }
}
