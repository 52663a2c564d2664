package io.onggi.cgroup;

import io.onggi.cgroup.dbus.Value;

/** One property of a systemd unit (man 5 systemd.resource-control, org.freedesktop.systemd1). */
public record UnitProperty(String name, Value value) {
  static UnitProperty of(String name, String value) {
    return new UnitProperty(name, new Value.Text(value));
  }

  static UnitProperty of(String name, boolean value) {
    return new UnitProperty(name, new Value.Flag(value));
  }

  static UnitProperty of(String name, long value) {
    return new UnitProperty(name, new Value.Count(value));
  }
}
