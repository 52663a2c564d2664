package io.onggi.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Programs of type BPF_PROG_TYPE_CGROUP_DEVICE: cgroup v2 has no device files, a program decides
 * each open and mknod of the cgroup's processes (man 2 bpf; linux/bpf.h; kernel
 * Documentation/admin-guide/cgroup-v2.rst, "Device controller").
 */
public final class DevicePrograms {
  private static final long SYS_BPF = Platform.isARM() ? 280 : 321;
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_PROG_ATTACH = 8;
  private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;
  private static final int BPF_CGROUP_DEVICE = 6;

  /** Programs of the cgroups above and of this one all have to agree. */
  private static final int BPF_F_ALLOW_MULTI = 2;

  /** The part of union bpf_attr that every kernel since 4.15 knows. */
  private static final int ATTR = 48;

  private static final int INSTRUCTION = 8;

  static {
    Native.register(DevicePrograms.class, "c");
  }

  private DevicePrograms() {}

  /**
   * Loads the program and attaches it to the cgroup, which holds it until it is removed.
   *
   * @param instructions of eBPF, 8 bytes each
   * @param cgroup a directory of a cgroup2 file system
   * @throws LinuxException naming bpf and the cgroup
   */
  public static void attach(byte[] instructions, Path cgroup) {
    int program = load(instructions, cgroup);
    try {
      int directory =
          open(cgroup.toString(), OpenAt.O_RDONLY | OpenAt.O_DIRECTORY | OpenAt.O_CLOEXEC);
      if (directory < 0) {
        throw new LinuxException("open", cgroup.toString(), Native.getLastError());
      }
      try (Memory attr = attr()) {
        attr.setInt(0, directory);
        attr.setInt(4, program);
        attr.setInt(8, BPF_CGROUP_DEVICE);
        attr.setInt(12, BPF_F_ALLOW_MULTI);
        if (syscall(SYS_BPF, BPF_PROG_ATTACH, attr, ATTR) < 0) {
          throw new LinuxException("bpf attach", cgroup.toString(), Native.getLastError());
        }
      } finally {
        OpenAt.close(directory);
      }
    } finally {
      OpenAt.close(program);
    }
  }

  private static int load(byte[] instructions, Path cgroup) {
    byte[] license = "Apache-2.0\0".getBytes(StandardCharsets.US_ASCII);
    try (Memory code = new Memory(instructions.length);
        Memory name = new Memory(license.length);
        Memory attr = attr()) {
      code.write(0, instructions, 0, instructions.length);
      name.write(0, license, 0, license.length);
      attr.setInt(0, BPF_PROG_TYPE_CGROUP_DEVICE);
      attr.setInt(4, instructions.length / INSTRUCTION);
      attr.setLong(8, Pointer.nativeValue(code));
      attr.setLong(16, Pointer.nativeValue(name));
      long fd = syscall(SYS_BPF, BPF_PROG_LOAD, attr, ATTR);
      if (fd < 0) {
        throw new LinuxException("bpf load", cgroup.toString(), Native.getLastError());
      }
      return (int) fd; // the kernel sets O_CLOEXEC on it
    }
  }

  private static Memory attr() {
    Memory attr = new Memory(ATTR);
    attr.clear();
    return attr;
  }

  private static native long syscall(long number, long command, Pointer attr, long size);

  private static native int open(String path, int flags);
}
