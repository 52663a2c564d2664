package io.onggi.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.cgroup.dbus.Value;
import io.onggi.error.CriException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scopes and slices, over a systemd in memory and a directory tree that looks like cgroupfs. */
class SystemdCgroupsTest {
  private static final CgroupPath PARENT =
      CgroupDriver.SYSTEMD.parent("kubepods-burstable-pod1.slice");
  private static final CgroupPath CONTAINER = CgroupDriver.SYSTEMD.container(PARENT, "c1");
  private static final int HOLDER = 4711;

  @TempDir Path root;
  private final Map<String, Map<String, Value>> units = new TreeMap<>();
  private final Set<Integer> holders = new TreeSet<>();
  private boolean refusesChanges;
  private Cgroups cgroups;

  @BeforeEach
  void begin() throws IOException {
    Files.writeString(root.resolve("cgroup.controllers"), "cpu memory pids\n");
    Files.writeString(root.resolve("cgroup.subtree_control"), "cpu memory pids\n");
    cgroups =
        new SystemdCgroups(
            new CgroupfsV2(root, Set.of(), ParentRecord.NONE),
            new FakeSystemd(),
            this::holder,
            CgroupDriver.SYSTEMD.root(CgroupPath.of("/onggi")));
  }

  private ScopeHolder.Held holder() {
    holders.add(HOLDER);
    return new ScopeHolder.Held() {
      @Override
      public int pid() {
        return HOLDER;
      }

      @Override
      public void close() {
        holders.remove(HOLDER);
      }
    };
  }

  /** Makes and removes the directory of a unit, as systemd does. */
  private final class FakeSystemd implements Systemd {
    @Override
    public void start(String unit, List<UnitProperty> properties) {
      Map<String, Value> all = new TreeMap<>();
      properties.forEach(p -> all.put(p.name(), p.value()));
      units.put(unit, all);
      try {
        Path directory = Files.createDirectories(directory(unit));
        Files.writeString(
            Path.of(directory.getParent() + "/cgroup.subtree_control"), "cpu memory pids\n");
        for (String file : List.of("cpu.weight", "cpu.max", "memory.max", "pids.max")) {
          Files.writeString(directory.resolve(file), "max");
        }
        Files.writeString(directory.resolve("cpu.weight"), "100");
        Files.writeString(directory.resolve("memory.oom.group"), "0");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Path directory(String unit) {
      return (unit.endsWith(".scope") ? CONTAINER : CgroupDriver.SYSTEMD.parent(unit)).under(root);
    }

    @Override
    public void set(String unit, List<UnitProperty> properties) {
      if (refusesChanges) {
        throw new CriException.Internal("systemd: change " + unit + ": not today", null);
      }
      properties.forEach(p -> unit(unit).put(p.name(), p.value()));
    }

    @Override
    public void stop(String unit) {
      if (units.remove(unit) != null) {
        deleteTree(directory(unit));
      }
    }

    private void deleteTree(Path directory) {
      try (var paths = Files.walk(directory)) {
        for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Map<String, Value> unit(String name) {
    return Optional.ofNullable(units.get(name)).orElseThrow();
  }

  private String read(String file) throws IOException {
    return Files.readString(CONTAINER.under(root).resolve(file));
  }

  @Test
  void aContainerIsADelegatedScopeInThePodsSliceAroundAHolder() throws IOException {
    Limits limits =
        Limits.NONE
            .withCpuShares(512)
            .withCpuQuota(33_333, 100_000)
            .withMemory(1 << 20)
            .withUnified(Map.of("memory.oom.group", "1"));
    ContainerCgroup made = cgroups.create(CONTAINER, limits);
    assertEquals(
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/onggi-c1.scope",
        made.path().toString());
    Map<String, Value> unit = unit("onggi-c1.scope");
    assertEquals(new Value.Text("kubepods-burstable-pod1.slice"), unit.get("Slice"));
    assertEquals(new Value.Flag(true), unit.get("Delegate"));
    assertEquals(new Value.Pids(List.of(HOLDER)), unit.get("PIDs"));
    assertEquals(new Value.Count(20), unit.get("CPUWeight"));
    assertEquals(new Value.Count(340_000), unit.get("CPUQuotaPerSecUSec"));
    assertEquals(new Value.Count(100_000), unit.get("CPUQuotaPeriodUSec"));
    assertEquals(new Value.Count(1 << 20), unit.get("MemoryMax"));
    assertEquals(Value.Count.INFINITY, unit.get("TasksMax"));
    // systemd keeps 34 per cent; the kernel gets what was asked, and what systemd has no word for
    assertEquals("33333 100000", read("cpu.max"));
    assertEquals("1", read("memory.oom.group"));
    assertEquals(Set.of(HOLDER), holders);
    cgroups.settled(CONTAINER);
    assertEquals(Set.of(), holders);
    cgroups.remove(CONTAINER);
    assertEquals(Map.of(), units);
    assertFalse(cgroups.exists(CONTAINER));
  }

  @Test
  void aLimitThatCannotBeSetLeavesNeitherScopeNorHolder() {
    Limits impossible = Limits.NONE.withUnified(Map.of("io.weight", "50"));
    assertThrows(CriException.class, () -> cgroups.create(CONTAINER, impossible));
    assertEquals(Map.of(), units);
    assertEquals(Set.of(), holders);
  }

  @Test
  void anUpdateGoesToUnitAndKernelAndBothAreTakenBack() throws IOException {
    cgroups.create(CONTAINER, Limits.NONE.withMemory(2 << 20).withCpuShares(2));
    cgroups.update(CONTAINER, Limits.NONE.withMemory(4 << 20));
    assertEquals(new Value.Count(4 << 20), unit("onggi-c1.scope").get("MemoryMax"));
    assertEquals(Integer.toString(4 << 20), read("memory.max"));
    Cgroups.Applied applied = cgroups.update(CONTAINER, Limits.NONE.withMemory(6 << 20));
    applied.takeBack(new IllegalStateException("the journal is full"));
    assertEquals(new Value.Count(4 << 20), unit("onggi-c1.scope").get("MemoryMax"));
    assertEquals(Integer.toString(4 << 20), read("memory.max"));
    refusesChanges = true;
    CriException.Internal e =
        assertThrows(
            CriException.Internal.class,
            () -> cgroups.update(CONTAINER, Limits.NONE.withMemory(8 << 20)));
    assertEquals("systemd: change onggi-c1.scope: not today", e.getMessage());
    assertEquals(Integer.toString(4 << 20), read("memory.max"));
  }

  @Test
  void aCgroupOfTheOtherDriversTimeIsNoUnit() throws IOException {
    CgroupPath old = CgroupPath.of("/onggi/c1");
    Files.createDirectories(old.under(root));
    Files.writeString(root.resolve("onggi/cgroup.subtree_control"), "cpu memory pids\n");
    Files.writeString(old.under(root).resolve("pids.max"), "max");
    cgroups.update(old, Limits.NONE.withPids(7));
    assertEquals("7", Files.readString(old.under(root).resolve("pids.max")));
    Files.delete(old.under(root).resolve("pids.max"));
    cgroups.remove(old);
    assertFalse(cgroups.exists(old));
    assertEquals(Map.of(), units);
  }

  @Test
  void ourOwnSliceGoesWithItsLastContainer() {
    List<String> gone = new ArrayList<>();
    Systemd systemd =
        new Systemd() {
          @Override
          public void start(String unit, List<UnitProperty> properties) {}

          @Override
          public void set(String unit, List<UnitProperty> properties) {}

          @Override
          public void stop(String unit) {
            gone.add(unit);
          }
        };
    CgroupPath slice = CgroupDriver.SYSTEMD.root(CgroupPath.of("/my-node/x"));
    assertEquals("/my_node.slice/my_node-x.slice", slice.toString());
    Cgroups own =
        new SystemdCgroups(
            new CgroupfsV2(root, Set.of(), ParentRecord.NONE), systemd, this::holder, slice);
    CgroupPath first = CgroupDriver.SYSTEMD.container(slice, "1");
    CgroupPath second = CgroupDriver.SYSTEMD.container(slice, "2");
    own.create(first, Limits.NONE);
    own.create(second, Limits.NONE);
    own.remove(first);
    assertEquals(List.of("onggi-1.scope"), gone);
    own.remove(second);
    assertTrue(gone.contains("onggi-2.scope"));
    assertEquals("my_node-x.slice", gone.getLast());
  }

  @Test
  void aParentOfTheOtherDriversFormIsRefusedWithBothForms() {
    CriException.InvalidArgument path =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> CgroupDriver.SYSTEMD.parent("/kubepods/burstable/pod1"));
    assertEquals(
        "cgroup_parent \"/kubepods/burstable/pod1\" is no systemd slice, but this runtime drives"
            + " cgroups by systemd and wants a name such as kubepods-burstable-podUID.slice; set"
            + " cgroupDriver: systemd in the kubelet's configuration, or [cgroup] driver ="
            + " \"cgroupfs\" in this runtime's",
        path.getMessage());
    CriException.InvalidArgument slice =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> CgroupDriver.CGROUPFS.parent("kubepods-burstable-pod1.slice"));
    assertEquals(
        "cgroup_parent \"kubepods-burstable-pod1.slice\" is a systemd slice, but this runtime"
            + " drives cgroups by cgroupfs and wants a path such as /kubepods/burstable/podUID; set"
            + " cgroupDriver: cgroupfs in the kubelet's configuration, or [cgroup] driver ="
            + " \"systemd\" in this runtime's",
        slice.getMessage());
    for (String bad : List.of("a--b.slice", "-.slice", "a-.slice", ".slice", "a/b.slice")) {
      assertThrows(CriException.InvalidArgument.class, () -> CgroupDriver.SYSTEMD.parent(bad), bad);
    }
    assertEquals("/a.slice", CgroupDriver.SYSTEMD.parent("a.slice").toString());
  }

  @Test
  void onV1TheUnitHasV1sProperties() {
    Limits limits =
        Limits.NONE
            .withCpuShares(512)
            .withMemoryAndSwap(-1, -1)
            .withPids(9)
            .withDevices(DeviceRule.DEFAULTS);
    Map<String, Value> unit = new TreeMap<>();
    UnitProperties.scope("onggi-c.scope", "a.slice", 1, 1, limits)
        .forEach(p -> unit.put(p.name(), p.value()));
    assertEquals(new Value.Count(512), unit.get("CPUShares"));
    assertEquals(Value.Count.INFINITY, unit.get("MemoryLimit"));
    assertEquals(new Value.Count(9), unit.get("TasksMax"));
    assertEquals(new Value.Text("strict"), unit.get("DevicePolicy"));
    assertTrue(String.valueOf(unit.get("DeviceAllow")).contains("/dev/char/1:3"));
    assertFalse(unit.containsKey("MemorySwapMax"));
  }

  @Test
  void unifiedKeysThatSystemdKnowsAreSaidToItToo() {
    Map<String, Value> unit = new TreeMap<>();
    UnitProperties.of(
            Limits.NONE.withUnified(
                Map.of("memory.high", "77", "pids.max", "max", "memory.oom.group", "1")),
            2)
        .forEach(p -> unit.put(p.name(), p.value()));
    assertEquals(Map.of("MemoryHigh", new Value.Count(77), "TasksMax", Value.Count.INFINITY), unit);
  }
}
