package io.onggi.launch;

import static io.onggi.linux.KernelConstants.CLONE_NEW_ALL;
import static io.onggi.linux.KernelConstants.S_IFBLK;
import static io.onggi.linux.KernelConstants.S_IFCHR;
import static io.onggi.linux.KernelConstants.S_IFIFO;
import static io.onggi.linux.KernelConstants.S_IFMT;

import java.util.List;
import java.util.Optional;

/**
 * One step that the container's first process takes between clone and exec; PROTOCOL.md, section 2,
 * says what the shim does for each. Flags are the kernel's own values ({@link
 * io.onggi.linux.KernelConstants}); texts may hold any bytes but NUL ({@link RawText}).
 */
public sealed interface LaunchStep {

  /** True for the three steps that end a plan. */
  default boolean isFinal() {
    return this instanceof Exec || this instanceof Init || this instanceof Probed;
  }

  /**
   * User and group of a new file, 0..4294967294 each, as the container's user namespace sees it.
   */
  record Owner(long uid, long gid) {
    public static final Owner ROOT = new Owner(0, 0);

    public Owner {
      Check.id("uid", uid);
      Check.id("gid", gid);
    }
  }

  /** setns to a pinned namespace; {@code kind} is exactly one CLONE_NEW*. */
  record JoinNs(long kind, String path) implements LaunchStep {
    public JoinNs {
      Check.mask("namespace kind", kind, CLONE_NEW_ALL);
      if (Long.bitCount(kind) != 1) {
        throw new IllegalArgumentException("namespace kind 0x%x is not one kind".formatted(kind));
      }
      Check.absolute("namespace path", path);
    }
  }

  /** setns to the namespaces of the container's first process; plans of an exec only. */
  record JoinContainer(long kinds) implements LaunchStep {
    public JoinContainer {
      Check.mask("namespace kinds", kinds, CLONE_NEW_ALL);
    }
  }

  record Unshare(long flags) implements LaunchStep {
    public Unshare {
      Check.mask("unshare flags", flags, CLONE_NEW_ALL);
    }
  }

  /** Writes 0 (self) into a host's {@code tasks} (v1) or {@code cgroup.procs} (v2) file. */
  record JoinCgroup(String file) implements LaunchStep {
    public JoinCgroup {
      Check.absolute("cgroup file", file);
    }
  }

  /** Propagation of the new mount namespace's root: MS_REC with MS_PRIVATE, MS_SLAVE... */
  record Propagation(long flags) implements LaunchStep {}

  /** A host path cloned into {@code slot} as a detached mount; symbolic links are followed. */
  record OpenTree(int slot, boolean recursive, String path) implements LaunchStep {
    public OpenTree {
      Check.slot(slot);
      Check.absolute("open_tree path", path);
    }
  }

  /** A new file system in {@code slot}; an option is {@code key} or {@code key=value}. */
  record NewFs(int slot, long attrs, String type, String source, List<String> options)
      implements LaunchStep {
    public NewFs {
      Check.slot(slot);
      Check.filled("file system type", type);
      Check.text("file system source", source);
      options = Check.texts("file system option", options);
    }
  }

  /** The writable part of an overlay. */
  record Upper(String dir, String work) {
    public Upper {
      Check.absolute("overlay upper", dir);
      Check.absolute("overlay work", work);
    }
  }

  /**
   * An overlay in {@code slot}.
   *
   * @param upper empty: read-only
   * @param lowers 1 or more layers, topmost first
   * @param scratch a directory for mount(2) on kernels without {@code lowerdir+}
   */
  record Overlay(
      int slot,
      long attrs,
      Optional<Upper> upper,
      List<String> lowers,
      List<String> options,
      String scratch)
      implements LaunchStep {
    public Overlay {
      Check.slot(slot);
      lowers.forEach(lower -> Check.absolute("overlay lower", lower));
      Check.range("number of overlay layers", lowers.size(), 1, Check.MAX_STEPS);
      lowers = List.copyOf(lowers);
      options = Check.texts("overlay option", options);
      Check.absoluteOrEmpty("overlay scratch", scratch);
    }
  }

  /** mount_setattr on a detached mount; {@code propagation} one of MS_*, 0: left as it is. */
  record SetAttr(int slot, boolean recursive, long set, long clear, long propagation)
      implements LaunchStep {
    public SetAttr {
      Check.slot(slot);
    }
  }

  /** Attaches the slot at a host directory and makes it the root for root paths. */
  record AttachRoot(int slot, String mountpoint) implements LaunchStep {
    public AttachRoot {
      Check.slot(slot);
      Check.absolute("root mountpoint", mountpoint);
    }
  }

  /**
   * Attaches the slot at a root path.
   *
   * @param mustExist a missing target is an error instead of being made
   * @param mode permissions of a target that is made
   */
  record Attach(int slot, boolean mustExist, int mode, String path) implements LaunchStep {
    public Attach {
      Check.slot(slot);
      Check.range("attach mode", mode, 0, 07777);
      Check.absolute("attach path", path);
    }
  }

  /** mount_setattr on the mount at a root path. */
  record PathAttr(boolean recursive, long set, long clear, long propagation, String path)
      implements LaunchStep {
    public PathAttr {
      Check.absolute("mount path", path);
    }
  }

  /**
   * Owners of a detached mount as a user namespace maps them.
   *
   * @param userns slot of the namespace ({@link OpenNs})
   * @param path what the mount shows, for messages
   */
  record IdMap(int slot, boolean recursive, int userns, String path) implements LaunchStep {
    public IdMap {
      Check.slot(slot);
      Check.slot(userns);
      Check.absolute("id-mapped path", path);
    }
  }

  /**
   * Fails unless the mount that a host path lies on propagates.
   *
   * @param shared it must be shared; else a slave will do too
   */
  record NeedPropagation(boolean shared, String path) implements LaunchStep {
    public NeedPropagation {
      Check.absolute("host path", path);
    }
  }

  /**
   * The slot's mount is replaced by what {@code path} leads to within it.
   *
   * @param path resolved with the mount as root, symbolic links included
   * @param scratch a host directory on which the mount stands meanwhile
   */
  record Subtree(int slot, String path, String scratch) implements LaunchStep {
    public Subtree {
      Check.slot(slot);
      Check.filled("path in the mount", path);
      Check.absolute("scratch directory", scratch);
    }
  }

  /** A root path bound onto itself, made as a directory if missing: writable when / is not. */
  record SelfBind(String path) implements LaunchStep {
    public SelfBind {
      Check.absolute("self bind path", path);
    }
  }

  /** A directory and its missing parents at a root path; an existing one is left as it is. */
  record Mkdir(int mode, Owner owner, String path) implements LaunchStep {
    public Mkdir {
      Check.range("mkdir mode", mode, 0, 07777);
      Check.absolute("mkdir path", path);
    }
  }

  /**
   * A device node or fifo at a root path.
   *
   * @param mode with S_IFCHR, S_IFBLK or S_IFIFO
   */
  record Mknod(int mode, int major, int minor, Owner owner, String path) implements LaunchStep {
    public Mknod {
      int type = mode & S_IFMT;
      if (type != S_IFCHR && type != S_IFBLK && type != S_IFIFO) {
        throw new IllegalArgumentException(
            "mknod mode 0%o is no character device, block device or fifo".formatted(mode));
      }
      Check.range("mknod mode", mode, 0, 0xFFFF);
      Check.range("device major", major, 0, Integer.MAX_VALUE);
      Check.range("device minor", minor, 0, Integer.MAX_VALUE);
      Check.absolute("mknod path", path);
    }
  }

  /** A symbolic link at a root path; an existing entry is kept. */
  record Symlink(String target, String path) implements LaunchStep {
    public Symlink {
      Check.filled("symlink target", target);
      Check.absolute("symlink path", path);
    }
  }

  /** A file hidden by /dev/null, a directory by an empty read-only tmpfs; missing: no error. */
  record Mask(String path) implements LaunchStep {
    public Mask {
      Check.absolute("masked path", path);
    }
  }

  /** A path made read-only with all below it; missing: no error. */
  record Readonly(String path) implements LaunchStep {
    public Readonly {
      Check.absolute("read-only path", path);
    }
  }

  /** A sysctl of the joined namespaces; {@code name} with slashes. */
  record Sysctl(String name, String value) implements LaunchStep {
    public Sysctl {
      Check.filled("sysctl name", name);
      Check.text("sysctl value", value);
    }
  }

  record Hostname(String name) implements LaunchStep {
    public Hostname {
      Check.filled("hostname", name);
    }
  }

  /** A pinned namespace's file, kept in {@code slot} for later, over the pivot too. */
  record OpenNs(int slot, String path) implements LaunchStep {
    public OpenNs {
      Check.slot(slot);
      Check.absolute("namespace path", path);
    }
  }

  /** setns to the namespace in {@code slot}; {@code kind} is exactly one CLONE_NEW*. */
  record EnterNs(int slot, long kind) implements LaunchStep {
    public EnterNs {
      Check.slot(slot);
      Check.mask("namespace kind", kind, CLONE_NEW_ALL);
      if (Long.bitCount(kind) != 1) {
        throw new IllegalArgumentException("namespace kind 0x%x is not one kind".formatted(kind));
      }
    }
  }

  /** Pipes and terminals among fd 0-2 are given to {@code owner}, as the process sees it now. */
  record StdioOwner(Owner owner) implements LaunchStep {}

  /** Owner of what later steps make in file systems. */
  record FsOwner(Owner owner) implements LaunchStep {}

  /** Attaches the slot at a host path, for this container's view only. */
  record Place(int slot, String path) implements LaunchStep {
    public Place {
      Check.slot(slot);
      Check.absolute("place", path);
    }
  }

  /** pivot_root onto the attached root; the old one is detached whole. */
  record Pivot() implements LaunchStep {}

  /**
   * A pseudo terminal of the container's devpts as fd 0-2; {@code console}: on /dev/console too.
   */
  record Terminal(int rows, int cols, boolean console) implements LaunchStep {
    public Terminal {
      Check.range("terminal rows", rows, 0, 65535);
      Check.range("terminal columns", cols, 0, 65535);
    }
  }

  /** {@code soft} and {@code hard} are unsigned; all ones: no limit. */
  record Rlimit(int resource, long soft, long hard) implements LaunchStep {
    public Rlimit {
      Check.range("rlimit resource", resource, 0, 15);
    }
  }

  record OomScoreAdj(int score) implements LaunchStep {
    public OomScoreAdj {
      Check.range("oom_score_adj", score, -1000, 1000);
    }
  }

  /** Working directory in the container's view; after the pivot. */
  record Chdir(String path) implements LaunchStep {
    public Chdir {
      Check.absolute("working directory", path);
    }
  }

  record Umask(int mask) implements LaunchStep {
    public Umask {
      Check.range("umask", mask, 0, 0777);
    }
  }

  record NoNewPrivs() implements LaunchStep {}

  /** The five capability sets, bit N for capability N (linux/capability.h). */
  record CapabilitySets(
      long bounding, long permitted, long effective, long inheritable, long ambient) {
    public static final CapabilitySets NONE = new CapabilitySets(0, 0, 0, 0, 0);
  }

  record Credentials(long uid, long gid, List<Long> groups, CapabilitySets capabilities)
      implements LaunchStep {
    public Credentials {
      Check.id("uid", uid);
      Check.id("gid", gid);
      groups.forEach(group -> Check.id("supplementary group", group));
      Check.range("number of groups", groups.size(), 0, 65536);
      groups = List.copyOf(groups);
    }
  }

  /** {@code flags}: SECCOMP_FILTER_FLAG_*. */
  record Seccomp(int flags, BpfProgram filter) implements LaunchStep {}

  /**
   * @param searchPath a {@code file} without a slash is looked up in the PATH of {@code env}
   * @param env {@code NAME=value} each
   */
  record Exec(boolean searchPath, String file, List<String> argv, List<String> env)
      implements LaunchStep {
    public Exec {
      Check.filled("exec file", file);
      argv = Check.texts("argument", argv);
      env = Check.texts("environment entry", env);
      Check.range("number of arguments", argv.size(), 1, Integer.MAX_VALUE);
    }
  }

  /** No exec: the process stays as the pod's init. */
  record Init() implements LaunchStep {}

  /** The end of a probe ({@link MountProbe}); in no other plan. */
  record Probed() implements LaunchStep {}
}
