package io.onggi.launch;

import io.onggi.launch.LaunchStep.CapabilitySets;
import io.onggi.launch.LaunchStep.Owner;
import io.onggi.launch.LaunchStep.Upper;
import io.onggi.linux.KernelConstants;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Plans that hold every setting and every step once. */
final class SamplePlans {
  static final String CGROUP = "/sys/fs/cgroup/freezer/onggi/c1";

  private SamplePlans() {}

  /** BPF: return SECCOMP_RET_ALLOW. */
  static BpfProgram allowAll() {
    ByteBuffer code = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    code.putShort((short) 6).put((byte) 0).put((byte) 0).putInt(0x7fff0000);
    return BpfProgram.of(code.array());
  }

  static List<Setting> settings() {
    return List.of(
        new Setting.Socket("/run/onggi/c1/shim.sock"),
        new Setting.ExitRecordFile("/run/onggi/c1/exit"),
        new Setting.Log("/var/log/pods/p/c/0.log", Setting.Log.CRI_MAX_LINE),
        new Setting.Stdio(true, true, false),
        new Setting.Clone(KernelConstants.CLONE_NEWNS | KernelConstants.CLONE_NEWPID, ""),
        new Setting.OomCounter("/sys/fs/cgroup/memory/onggi/c1/memory.oom_control", "oom_kill"),
        new Setting.MemoryPeak("/sys/fs/cgroup/memory/onggi/c1/memory.max_usage_in_bytes"),
        new Setting.ExecCgroup(1, CGROUP),
        new Setting.KillCgroup(1, CGROUP),
        new Setting.StartTimeout(Duration.ofSeconds(20)),
        new Setting.ShimOomScore(-998));
  }

  static List<LaunchStep> containerSteps() {
    return List.of(
        new LaunchStep.JoinCgroup(CGROUP + "/tasks"),
        new LaunchStep.JoinNs(KernelConstants.CLONE_NEWNET, "/run/onggi/p1/ns/net"),
        new LaunchStep.Unshare(KernelConstants.CLONE_NEWCGROUP),
        new LaunchStep.Propagation(KernelConstants.MS_REC | KernelConstants.MS_SLAVE),
        new LaunchStep.OpenTree(1, true, "/data/my dir"),
        new LaunchStep.NewFs(
            2,
            KernelConstants.MOUNT_ATTR_NOSUID | KernelConstants.MOUNT_ATTR_NODEV,
            "tmpfs",
            "tmpfs",
            List.of("mode=755", "size=65536k")),
        new LaunchStep.Overlay(
            0,
            0,
            Optional.of(new Upper("/var/lib/onggi/c1/up", "/var/lib/onggi/c1/work")),
            List.of("/l/3", "/l/2", "/l/1"),
            List.of("metacopy=off"),
            "/run/onggi/scratch"),
        new LaunchStep.SetAttr(
            1, true, KernelConstants.MOUNT_ATTR_RDONLY, 0, KernelConstants.MS_PRIVATE),
        new LaunchStep.AttachRoot(0, "/run/onggi/root"),
        new LaunchStep.Attach(1, false, 0755, "/data"),
        new LaunchStep.PathAttr(false, KernelConstants.MOUNT_ATTR_RDONLY, 0, 0, "/"),
        new LaunchStep.Mkdir(0755, Owner.ROOT, "/dev/pts"),
        new LaunchStep.Mknod(KernelConstants.S_IFCHR | 0666, 1, 3, new Owner(1, 2), "/dev/null"),
        new LaunchStep.Symlink("/proc/self/fd", "/dev/fd"),
        new LaunchStep.Mask("/proc/kcore"),
        new LaunchStep.Readonly("/proc/sys"),
        new LaunchStep.Sysctl("net/ipv4/ip_forward", "1"),
        new LaunchStep.Hostname("red"),
        new LaunchStep.Pivot(),
        new LaunchStep.Terminal(24, 80, true),
        new LaunchStep.Rlimit(KernelConstants.RLIMIT_NOFILE, 1024, KernelConstants.RLIM_INFINITY),
        new LaunchStep.OomScoreAdj(-997),
        new LaunchStep.Chdir("/srv"),
        new LaunchStep.Umask(022),
        new LaunchStep.NoNewPrivs(),
        new LaunchStep.Credentials(
            1000,
            4294967294L,
            List.of(10L, 20L),
            new CapabilitySets(0x5fb, 0x401, 0x401, 0, 0x400)),
        new LaunchStep.Seccomp(0, allowAll()),
        new LaunchStep.Exec(
            true,
            "sh",
            List.of("sh", "-c", "echo \"it's\""),
            List.of("PATH=/bin", "RAW=" + RawText.of(new byte[] {(byte) 0xff, 'x'}))));
  }

  static LaunchPlan container() {
    return new LaunchPlan(settings(), containerSteps());
  }

  static LaunchPlan podInit() {
    return new LaunchPlan(
        List.of(
            new Setting.Socket("/run/onggi/p1/init.sock"),
            new Setting.PidNs("/run/onggi/p1/ns/pid"),
            new Setting.Log("", 1)),
        List.of(new LaunchStep.Pivot(), new LaunchStep.Init()));
  }

  static LaunchPlan userNamespace() {
    return new LaunchPlan(
        List.of(
            new Setting.Clone(KernelConstants.CLONE_NEWUSER, ""),
            new Setting.IdMaps("0 100000 65536\n", "0 200000 65536\n")),
        List.of(
            new LaunchStep.OpenNs(9, "/run/onggi/p1/user"),
            new LaunchStep.OpenTree(1, false, "/l"),
            new LaunchStep.IdMap(1, true, 9, "/l"),
            new LaunchStep.Place(1, "/l"),
            new LaunchStep.FsOwner(new Owner(100000, 200000)),
            new LaunchStep.StdioOwner(new Owner(101000, 201000)),
            new LaunchStep.EnterNs(9, KernelConstants.CLONE_NEWUSER),
            new LaunchStep.Init()));
  }

  static LaunchPlan exec() {
    return LaunchPlan.ofSteps(
        List.of(
            new LaunchStep.JoinContainer(
                KernelConstants.CLONE_NEWNS | KernelConstants.CLONE_NEWPID),
            new LaunchStep.Exec(false, "/bin/true", List.of("true"), List.of())));
  }

  static LaunchPlan probe() {
    return LaunchPlan.ofSteps(
        List.of(
            new LaunchStep.Unshare(KernelConstants.CLONE_NEWNS),
            new LaunchStep.NeedPropagation(true, "/srv/shared"),
            new LaunchStep.NeedPropagation(false, "/srv/followed"),
            new LaunchStep.Overlay(
                3, 1, Optional.empty(), List.of("/l2", "/l1"), List.of(), "/run/root"),
            new LaunchStep.Subtree(3, "models/small", "/run/root"),
            new LaunchStep.Attach(3, false, 0, "/models"),
            new LaunchStep.SelfBind("/var/cache"),
            new LaunchStep.Probed()));
  }
}
