package io.onggi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ChildReaperTest {
  private static final int THREADS = 8;
  private static final int CHILDREN = 60;

  /**
   * While one thread spawns, its child holds copies of every descriptor until the exec: the end of
   * another child must not be told twice, or the reaper closes whatever has its number by then.
   */
  @Test
  void reapingWhileOthersSpawnClosesNobodysDescriptor() throws Exception {
    try (ChildReaper reaper = new ChildReaper();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Integer>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        running.add(threads.submit(() -> spawnMany(reaper)));
      }
      for (Future<Integer> each : running) {
        assertEquals(CHILDREN, each.get());
      }
    }
  }

  private static int spawnMany(ChildReaper reaper) {
    int ended = 0;
    for (int i = 0; i < CHILDREN; i++) {
      try (Pipe pipe = Pipe.open()) {
        int pid = Processes.spawn("/bin/true", List.of("true"), List.of(), pipe.writeEnd());
        reaper.adopt(pid);
        pipe.closeWriteEnd();
        ended += pipe.read(new byte[1], 0, Pipe.deadline(Duration.ofSeconds(30))) == 0 ? 1 : 0;
      }
    }
    return ended;
  }
}
