package io.onggi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessesTest {
  private static final List<String> NO_ENV = List.of();

  private static String readAll(Pipe pipe) {
    byte[] bytes = new byte[4096];
    int have = 0;
    long deadline = Pipe.deadline(Duration.ofSeconds(10));
    while (true) {
      int count = pipe.read(bytes, have, deadline);
      if (count == 0) {
        return new String(Arrays.copyOf(bytes, have), StandardCharsets.UTF_8);
      }
      have += count;
    }
  }

  @Test
  void aChildHasThePipeAsDescriptor3AndNullBelow() {
    try (Pipe pipe = Pipe.open()) {
      String script =
          "readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 >&3; echo $X >&3; exit 7";
      int pid =
          Processes.spawn(
              "/bin/sh",
              List.of("sh", "-c", script),
              List.of("X=옹기", "PATH=/bin:/usr/bin"),
              pipe.writeEnd());
      pipe.closeWriteEnd();
      String said = readAll(pipe);
      assertTrue(said.startsWith("/dev/null\n"), said);
      assertTrue(said.endsWith("\n옹기\n"), said);
      assertEquals(new Processes.Ended(7, 0), Processes.await(pid));
    }
  }

  @Test
  void aProgramThatIsMissingIsNamed() {
    try (Pipe pipe = Pipe.open()) {
      LinuxException e =
          assertThrows(
              LinuxException.class,
              () -> Processes.spawn("/bin/nope", List.of("nope"), NO_ENV, pipe.writeEnd()));
      assertEquals("posix_spawn /bin/nope: No such file or directory (ENOENT)", e.getMessage());
    }
  }

  @Test
  void aReadEndsAtItsDeadline() {
    try (Pipe pipe = Pipe.open()) {
      LinuxException e =
          assertThrows(
              LinuxException.class,
              () -> pipe.read(new byte[8], 0, Pipe.deadline(Duration.ofMillis(5))));
      assertTrue(e.is(Errno.ETIMEDOUT));
    }
  }

  @Test
  void onlyTheProcessOfThatStartTimeIsKilled() {
    try (Pipe pipe = Pipe.open()) {
      int pid = Processes.spawn("/bin/sleep", List.of("sleep", "1000"), NO_ENV, pipe.writeEnd());
      long begun = Processes.startTime(pid).orElseThrow();
      assertTrue(Processes.isAlive(pid, begun));
      assertFalse(Processes.kill(pid, begun + 1, KernelConstants.SIGKILL), "another process");
      assertTrue(Processes.kill(pid, begun, KernelConstants.SIGKILL));
      assertEquals(new Processes.Ended(137, 9), Processes.await(pid));
      assertFalse(Processes.isAlive(pid, begun));
      assertFalse(Processes.kill(pid, begun, KernelConstants.SIGKILL));
    }
  }

  @Test
  void theReaperReapsItsChildrenAndNobodyElses() throws Exception {
    try (ChildReaper reaper = new ChildReaper();
        Pipe pipe = Pipe.open()) {
      int mine = Processes.spawn("/bin/true", List.of("true"), NO_ENV, pipe.writeEnd());
      Process other = new ProcessBuilder("/bin/sh", "-c", "exit 3").start();
      reaper.adopt(mine);
      assertEquals(3, other.waitFor());
      long giveUp = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (Processes.startTime(mine).isPresent() && System.nanoTime() < giveUp) {
        Thread.onSpinWait();
      }
      assertTrue(Processes.startTime(mine).isEmpty(), "still a zombie");
    }
  }

  /**
   * The attack of CVE-2019-5736: hold /proc/PID/exe open, wait for the process's end (until then
   * ETXTBSY protects it), open what is held for writing.
   */
  @Test
  void theProgramOfAProcessFromAReadOnlyExecutableCannotBeWrittenAfterItsEnd(@TempDir Path dir)
      throws Exception {
    assumeTrue(Files.isWritable(Path.of("/proc/sys/kernel/hostname")), "needs root");
    Path program = dir.resolve("sleep");
    Files.copy(Path.of("/bin/sleep"), program, StandardCopyOption.COPY_ATTRIBUTES);
    try (ReadOnlyExecutable executable = ReadOnlyExecutable.open(program)) {
      assertEquals(
          "Read-only file system", attack(executable.path()), "through the read-only mount");
      assertEquals(Files.size(Path.of("/bin/sleep")), Files.size(program));
    }
    assertEquals("it is open", attack(program.toString()), "the attack works where none defends");
    assertEquals(0, Files.size(program));
  }

  /** Runs {@code program}, ends it, and says what came of opening its executable for writing. */
  private static String attack(String program) throws IOException, InterruptedException {
    try (Pipe pipe = Pipe.open()) {
      int pid = Processes.spawn(program, List.of("sleep", "1000"), NO_ENV, pipe.writeEnd());
      long begun = Processes.startTime(pid).orElseThrow();
      String script =
          "exec 4</proc/"
              + pid
              + "/exe; echo held; read go; "
              + "( : > /proc/self/fd/4 ) 2>&1 && echo : it is open";
      Process attacker =
          new ProcessBuilder("/bin/sh", "-c", script).redirectErrorStream(true).start();
      try (BufferedReader said = attacker.inputReader()) {
        assertEquals("held", said.readLine());
        Processes.kill(pid, begun, KernelConstants.SIGKILL);
        Processes.await(pid);
        try (BufferedWriter go = attacker.outputWriter()) {
          go.write("go\n");
        }
        String line = String.valueOf(said.readLine());
        return line.substring(line.lastIndexOf(": ") + 2);
      } finally {
        attacker.waitFor();
      }
    }
  }
}
