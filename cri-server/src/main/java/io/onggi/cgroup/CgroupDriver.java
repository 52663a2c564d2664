package io.onggi.cgroup;

import io.onggi.error.CriException;

/**
 * Who makes the cgroups, and with it the form in which a pod's parent is named: the kubelet has to
 * use the same (CRI RuntimeConfig tells it which).
 */
public enum CgroupDriver {
  /** This runtime, by mkdir. A parent is a path. */
  CGROUPFS {
    @Override
    public CgroupPath parent(String text) {
      if (text.endsWith(".slice") || text.contains(".slice:") || text.contains(".slice/")) {
        throw new CriException.InvalidArgument(
            "cgroup_parent \""
                + text
                + "\" is a systemd slice, but this runtime drives cgroups by cgroupfs and wants a"
                + " path such as /kubepods/burstable/podUID; set cgroupDriver: cgroupfs in the"
                + " kubelet's configuration, or [cgroup] driver = \"systemd\" in this runtime's");
      }
      return CgroupPath.of(text);
    }

    @Override
    public CgroupPath container(CgroupPath parent, String id) {
      return parent.child(id);
    }

    @Override
    public CgroupPath root(CgroupPath configured) {
      return configured;
    }

    @Override
    public CgroupPath pod(CgroupPath parent, String id) {
      return parent.child("pod" + id);
    }
  },

  /** systemd, asked over D-Bus. A parent is a slice. */
  SYSTEMD {
    @Override
    public CgroupPath parent(String text) {
      if (!text.endsWith(SLICE) || text.contains("/") || text.startsWith("-")) {
        throw new CriException.InvalidArgument(
            "cgroup_parent \""
                + text
                + "\" is no systemd slice, but this runtime drives cgroups by systemd and wants a"
                + " name such as kubepods-burstable-podUID.slice; set cgroupDriver: systemd in the"
                + " kubelet's configuration, or [cgroup] driver = \"cgroupfs\" in this runtime's");
      }
      String name = text.substring(0, text.length() - SLICE.length());
      StringBuilder path = new StringBuilder();
      for (int dash = name.indexOf('-'); dash >= 0; dash = name.indexOf('-', dash + 1)) {
        path.append('/').append(name, 0, dash).append(SLICE);
      }
      if (name.isEmpty() || name.endsWith("-") || name.contains("--")) {
        throw new CriException.InvalidArgument(
            "cgroup_parent \"" + text + "\" has an empty part between its dashes");
      }
      return CgroupPath.of(path + "/" + text);
    }

    @Override
    public CgroupPath container(CgroupPath parent, String id) {
      return parent.child("onggi-" + id + ".scope");
    }

    // /a/b-c is a-b_c.slice: a dash means "below" in a slice's name
    @Override
    public CgroupPath root(CgroupPath configured) {
      String name = configured.toString().substring(1).replace('-', '_').replace('/', '-');
      return parent(name + SLICE);
    }

    @Override
    public CgroupPath pod(CgroupPath parent, String id) {
      String slice = parent.name();
      return parent.child(
          slice.substring(0, slice.length() - SLICE.length()) + "-pod" + id + SLICE);
    }
  };

  static final String SLICE = ".slice";

  /**
   * The cgroup that a request names as a pod's parent.
   *
   * @throws CriException.InvalidArgument when it has the other driver's form; it names both
   */
  public abstract CgroupPath parent(String text);

  /** A container's cgroup. */
  public abstract CgroupPath container(CgroupPath parent, String id);

  /** The parent of pods that name none. */
  public abstract CgroupPath root(CgroupPath configured);

  /** The cgroup of a pod that has none of the kubelet's but limits of its own. */
  public abstract CgroupPath pod(CgroupPath parent, String id);
}
