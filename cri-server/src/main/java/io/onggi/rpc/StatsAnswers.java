package io.onggi.rpc;

import io.onggi.cgroup.Pressure;
import io.onggi.cgroup.Sample;
import io.onggi.container.Container;
import io.onggi.proto.ContainerAttributes;
import io.onggi.proto.ContainerMetadata;
import io.onggi.proto.ContainerStats;
import io.onggi.proto.CpuUsage;
import io.onggi.proto.FilesystemIdentifier;
import io.onggi.proto.FilesystemUsage;
import io.onggi.proto.IoUsage;
import io.onggi.proto.LinuxPodSandboxStats;
import io.onggi.proto.MemoryUsage;
import io.onggi.proto.NetworkInterfaceUsage;
import io.onggi.proto.NetworkUsage;
import io.onggi.proto.PodSandboxAttributes;
import io.onggi.proto.PodSandboxMetadata;
import io.onggi.proto.PodSandboxStats;
import io.onggi.proto.ProcessUsage;
import io.onggi.proto.PsiData;
import io.onggi.proto.PsiStats;
import io.onggi.proto.SwapUsage;
import io.onggi.proto.UInt64Value;
import io.onggi.sandbox.Sandbox;
import io.onggi.sandbox.SandboxName;
import io.onggi.stats.ContainerReading;
import io.onggi.stats.PodReading;
import io.onggi.stats.PodReading.PodInterface;
import io.onggi.stats.WritableLayer;
import java.util.OptionalLong;

/** Statistics as CRI shows them; what is not known is absent, not 0. */
final class StatsAnswers {
  private StatsAnswers() {}

  static ContainerStats container(ContainerReading reading) {
    ContainerStats.Builder stats =
        ContainerStats.newBuilder().setAttributes(attributes(reading.container()));
    long at = Times.nanos(reading.at());
    reading
        .sample()
        .ifPresent(
            sample -> {
              stats.setCpu(cpu(sample, reading.nanoCores(), at));
              stats.setMemory(memory(sample, at));
              sample.swap().ifPresent(swap -> stats.setSwap(swap(swap, at)));
              sample.ioPressure().ifPresent(io -> stats.setIo(io(io, at)));
            });
    reading.layer().ifPresent(layer -> stats.setWritableLayer(layer(layer)));
    return stats.build();
  }

  static PodSandboxStats pod(PodReading reading) {
    LinuxPodSandboxStats.Builder linux = LinuxPodSandboxStats.newBuilder();
    long at = Times.nanos(reading.at());
    reading
        .usage()
        .ifPresent(
            usage -> {
              Sample sample = usage.sample();
              linux.setCpu(cpu(sample, usage.nanoCores(), at));
              linux.setMemory(memory(sample, at));
              sample.ioPressure().ifPresent(io -> linux.setIo(io(io, at)));
            });
    reading.network().ifPresent(network -> linux.setNetwork(network(network, at)));
    reading
        .tasks()
        .ifPresent(
            n ->
                linux.setProcess(ProcessUsage.newBuilder().setTimestamp(at).setProcessCount(u(n))));
    reading.containers().forEach(c -> linux.addContainers(container(c)));
    return PodSandboxStats.newBuilder()
        .setAttributes(attributes(reading.sandbox()))
        .setLinux(linux)
        .build();
  }

  private static ContainerAttributes attributes(Container container) {
    return ContainerAttributes.newBuilder()
        .setId(container.id().value())
        .setMetadata(
            ContainerMetadata.newBuilder()
                .setName(container.spec().name())
                .setAttempt(container.spec().attempt()))
        .putAllLabels(container.spec().labels())
        .putAllAnnotations(container.spec().annotations())
        .build();
  }

  private static PodSandboxAttributes attributes(Sandbox sandbox) {
    SandboxName name = sandbox.spec().name();
    return PodSandboxAttributes.newBuilder()
        .setId(sandbox.id().value())
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name.name())
                .setNamespace(name.namespace())
                .setUid(name.uid())
                .setAttempt(name.attempt()))
        .putAllLabels(sandbox.spec().labels())
        .putAllAnnotations(sandbox.spec().annotations())
        .build();
  }

  private static CpuUsage cpu(Sample sample, OptionalLong nanoCores, long at) {
    CpuUsage.Builder cpu =
        CpuUsage.newBuilder().setTimestamp(at).setUsageCoreNanoSeconds(u(sample.cpuNanos()));
    nanoCores.ifPresent(n -> cpu.setUsageNanoCores(u(n)));
    sample.cpuPressure().ifPresent(p -> cpu.setPsi(psi(p)));
    return cpu.build();
  }

  private static MemoryUsage memory(Sample sample, long at) {
    Sample.Memory used = sample.memory();
    MemoryUsage.Builder memory =
        MemoryUsage.newBuilder()
            .setTimestamp(at)
            .setWorkingSetBytes(u(used.workingSet()))
            .setUsageBytes(u(used.usage()))
            .setRssBytes(u(used.rss()))
            .setPageFaults(u(used.pageFaults()))
            .setMajorPageFaults(u(used.majorPageFaults()));
    used.available().ifPresent(n -> memory.setAvailableBytes(u(n)));
    sample.memoryPressure().ifPresent(p -> memory.setPsi(psi(p)));
    return memory.build();
  }

  private static SwapUsage swap(Sample.Swap used, long at) {
    SwapUsage.Builder swap =
        SwapUsage.newBuilder().setTimestamp(at).setSwapUsageBytes(u(used.usage()));
    used.available().ifPresent(n -> swap.setSwapAvailableBytes(u(n)));
    return swap.build();
  }

  private static IoUsage io(Pressure pressure, long at) {
    return IoUsage.newBuilder().setTimestamp(at).setPsi(psi(pressure)).build();
  }

  private static PsiStats psi(Pressure pressure) {
    PsiStats.Builder psi = PsiStats.newBuilder().setSome(psi(pressure.some()));
    pressure.full().ifPresent(full -> psi.setFull(psi(full)));
    return psi.build();
  }

  private static PsiData psi(Pressure.Stall stall) {
    return PsiData.newBuilder()
        .setTotal(stall.totalNanos())
        .setAvg10(stall.avg10())
        .setAvg60(stall.avg60())
        .setAvg300(stall.avg300())
        .build();
  }

  private static FilesystemUsage layer(WritableLayer layer) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(Times.nanos(layer.at()))
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(layer.mountpoint().toString()))
        .setUsedBytes(u(layer.bytes()))
        .setInodesUsed(u(layer.inodes()))
        .build();
  }

  private static NetworkUsage network(PodInterface network, long at) {
    return NetworkUsage.newBuilder()
        .setTimestamp(at)
        .setDefaultInterface(
            NetworkInterfaceUsage.newBuilder()
                .setName(network.name())
                .setRxBytes(u(network.counters().received().bytes()))
                .setRxErrors(u(network.counters().received().errors()))
                .setTxBytes(u(network.counters().sent().bytes()))
                .setTxErrors(u(network.counters().sent().errors())))
        .build();
  }

  private static UInt64Value u(long value) {
    return UInt64Value.newBuilder().setValue(value).build();
  }
}
