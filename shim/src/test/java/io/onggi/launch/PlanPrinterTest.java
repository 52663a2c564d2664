package io.onggi.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PlanPrinterTest {
  private static String golden(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PlanPrinterTest.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aPartOfAnImageIsMountedWholeFirst() {
    assertEquals(
        """
        unshare --mount
        findmnt -no PROPAGATION -T /srv/shared | grep -q shared
        findmnt -no PROPAGATION -T /srv/followed | grep -q 'shared\\|slave'
        # slot 3: mount -t overlay -o ro,lowerdir=/l2:/l1 overlay ...
        mount -t overlay -o ro,lowerdir=/l2:/l1 overlay /run/root
        mount --bind /run/root/models/small '$ROOT/models'
        mkdir -p '$ROOT/var/cache' && mount --bind '$ROOT/var/cache' '$ROOT/var/cache'
        exit 0
        """,
        PlanCommands.script(SamplePlans.probe()));
  }

  @Test
  void aPlanReadsAsOneLineAnEntry() throws IOException {
    assertEquals(golden("describe.txt"), PlanPrinter.describe(SamplePlans.container()));
  }

  @Test
  void aPlanReadsAsTheCommandsThatAPersonWouldType() throws IOException {
    assertEquals(golden("commands.txt"), PlanCommands.script(SamplePlans.container()));
  }

  @Test
  void aUserNamespaceReadsInBothWays() {
    assertEquals(
        """
           1  clone with namespaces user
           2  user ids 0 100000 65536, group ids 0 200000 65536
           3  namespace /run/onggi/p1/user -> slot 9
           4  clone mount /l -> slot 1
           5  slot 1 and all below: owners of /l as the user namespace maps them
           6  place slot 1 at the host's /l
           7  what is made belongs to 100000:200000
           8  stdio belongs to 101000:201000
           9  enter namespace user of slot 9
          10  stay as the pod's init
        """,
        PlanPrinter.describe(SamplePlans.userNamespace()));
    assertEquals(
        """
        unshare --user --map-users=0:100000:65536 --map-groups=0:200000:65536 --fork
        # slot 9: /run/onggi/p1/user
        # slot 1: mount --bind /l ...
        # slot 1: mount -o X-mount.idmap=/run/onggi/p1/user --bind /l ...
        mount -o X-mount.idmap=/run/onggi/p1/user --bind /l /l
        # setfsuid, setfsgid: 100000:200000
        chown 101000:201000 /proc/self/fd/1
        nsenter --user=/run/onggi/p1/user
        exec tini -- sleep infinity
        """,
        PlanCommands.script(SamplePlans.userNamespace()));
  }

  @Test
  void anExecReadsAsNsenter() {
    assertEquals(
        "nsenter --target \"$PID\" --mount --pid\nexec env -i /bin/true  # argv[0] is true\n",
        PlanCommands.script(SamplePlans.exec()));
  }

  /** The shell itself is the judge. */
  @Test
  void quotedWordsAreReadBackByAShellByteForByte() throws Exception {
    List<String> words =
        List.of(
            "",
            "a b",
            "it's",
            "$HOME `x` \\",
            "line\nbreak\t",
            "옹기",
            "\u001b[31m'\\",
            "-n",
            "~",
            "*");
    Process shell =
        new ProcessBuilder("bash", "-c", "printf '%s\\0' " + ShellWords.join(words)).start();
    byte[] out = shell.getInputStream().readAllBytes();
    assertEquals(0, shell.waitFor());
    assertEquals(String.join("\0", words) + "\0", new String(out, StandardCharsets.UTF_8));
  }

  @Test
  void aUsersBytesCannotMakeASecondLineOfADescription() {
    assertEquals(
        "hostname a\\x0ab\\xff\\x1b",
        PlanPrinter.describe(
            new LaunchStep.Hostname("a\nb" + RawText.of(new byte[] {(byte) 0xff, 27}))));
  }
}
