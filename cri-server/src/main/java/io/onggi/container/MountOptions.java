package io.onggi.container;

import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOATIME;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NODEV;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NODIRATIME;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOEXEC;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_NOSUID;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_RDONLY;
import static io.onggi.linux.KernelConstants.MOUNT_ATTR_STRICTATIME;
import static io.onggi.linux.KernelConstants.MS_PRIVATE;
import static io.onggi.linux.KernelConstants.MS_SHARED;
import static io.onggi.linux.KernelConstants.MS_SLAVE;

import java.util.ArrayList;
import java.util.List;

/**
 * The options of an OCI mount, sorted into what the kernel's calls take.
 *
 * @param attributes MOUNT_ATTR_*
 * @param recursiveAttributes set on the mount and all below it
 * @param propagation MS_PRIVATE, MS_SLAVE or MS_SHARED; 0: say nothing
 * @param data the file system's own options
 */
record MountOptions(
    long attributes,
    long recursiveAttributes,
    long propagation,
    boolean recursiveBind,
    List<String> data) {

  static MountOptions parse(List<String> options) {
    long attributes = 0;
    long recursive = 0;
    long propagation = 0;
    boolean recursiveBind = false;
    List<String> data = new ArrayList<>();
    for (String option : options) {
      switch (option) {
        case "ro" -> attributes |= MOUNT_ATTR_RDONLY;
        case "rro" -> recursive |= MOUNT_ATTR_RDONLY;
        case "nosuid" -> attributes |= MOUNT_ATTR_NOSUID;
        case "nodev" -> attributes |= MOUNT_ATTR_NODEV;
        case "noexec" -> attributes |= MOUNT_ATTR_NOEXEC;
        case "noatime" -> attributes |= MOUNT_ATTR_NOATIME;
        case "nodiratime" -> attributes |= MOUNT_ATTR_NODIRATIME;
        case "strictatime" -> attributes |= MOUNT_ATTR_STRICTATIME;
        case "rbind" -> recursiveBind = true;
        case "private", "rprivate" -> propagation = MS_PRIVATE;
        case "slave", "rslave" -> propagation = MS_SLAVE;
        case "shared", "rshared" -> propagation = MS_SHARED;
        // what a mount is without being asked
        case "rw", "bind", "suid", "dev", "exec", "relatime", "defaults", "newinstance" -> {}
        default -> data.add(option);
      }
    }
    return new MountOptions(attributes, recursive, propagation, recursiveBind, List.copyOf(data));
  }
}
