package io.onggi.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.onggi.cgroup.DeviceRule;
import io.onggi.container.OciSpec.DeviceCgroup;
import io.onggi.error.CriException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An ordered list of allow and deny, told as what may be opened. */
class DeviceRulesTest {
  private static DeviceCgroup rule(
      boolean allow, String type, long major, long minor, String access) {
    return new DeviceCgroup(allow, type, number(major), number(minor), access);
  }

  private static Optional<Long> number(long n) {
    return n < 0 ? Optional.empty() : Optional.of(n);
  }

  private static List<String> compiled(DeviceCgroup... rules) {
    return DeviceRules.compile(List.of(rules)).stream().map(DeviceRule::kernelForm).toList();
  }

  @Test
  void theStandardRulesAreTheStandardDevicesAgain() {
    assertEquals(DeviceRule.DEFAULTS, DeviceRules.compile(DeviceRules.standard()));
  }

  @Test
  void withoutARuleOrWithAllAllowedNothingIsRestricted() {
    assertEquals(List.of(), compiled());
    assertEquals(List.of(), compiled(DeviceRules.DENY_ALL, DeviceRules.ALLOW_ALL));
    assertEquals(
        List.of("c 1:3 r"),
        compiled(DeviceRules.ALLOW_ALL, DeviceRules.DENY_ALL, rule(true, "c", 1, 3, "r")));
  }

  @Test
  void theSameDeviceTwiceMayDoBoth() {
    assertEquals(
        List.of("b 8:* rwm"),
        compiled(DeviceRules.DENY_ALL, rule(true, "b", 8, -1, "mr"), rule(true, "b", 8, -1, "wr")));
  }

  @Test
  void aLaterRuleTakesAwayWhatItCovers() {
    assertEquals(
        List.of("c 5:1 r"),
        compiled(
            DeviceRules.DENY_ALL,
            rule(true, "c", 1, 3, "rw"),
            rule(true, "c", 5, 1, "rwm"),
            rule(false, "c", 1, -1, "rwm"),
            rule(false, "c", 5, 1, "wm")));
  }

  private static String refused(DeviceCgroup... rules) {
    return String.valueOf(assertThrows(CriException.class, () -> compiled(rules)).getMessage());
  }

  @Test
  void whatNoListOfAllowedDevicesCanSayIsRefused() {
    String hole = "takes c 1:3 out of a wider rule that allows it";
    assertEquals(
        "linux.resources.devices " + hole + "; name the devices that are allowed instead",
        refused(DeviceRules.ALLOW_ALL, rule(false, "c", 1, 3, "w")));
    assertEquals(
        "linux.resources.devices " + hole + "; name the devices that are allowed instead",
        refused(DeviceRules.DENY_ALL, rule(true, "c", -1, -1, "rwm"), rule(false, "c", 1, 3, "w")));
    assertEquals(
        "linux.resources.devices leaves no device that may be opened, not even /dev/null; allow"
            + " what the container needs after the rule that denies all",
        refused(DeviceRules.DENY_ALL));
    assertEquals(
        "linux.resources.devices: type \"x\" is none of a, c and b",
        refused(rule(true, "x", 1, 3, "r")));
    assertEquals(
        "device access \"rx\" is not made of r, w and m", refused(rule(true, "c", 1, 3, "rx")));
  }

  @Test
  void permissionsInAnyOrderAreWrittenInTheKernels() {
    List<String> all = new ArrayList<>();
    for (String letters : List.of("mwr", "wr", "m", "")) {
      all.add(DeviceRules.access(letters));
    }
    assertEquals(List.of("rwm", "rw", "m", ""), all);
  }
}
