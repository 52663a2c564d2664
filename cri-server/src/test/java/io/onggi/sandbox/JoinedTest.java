package io.onggi.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.error.CriException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class JoinedTest {
  private static final int ROUNDS = 2000;

  private final Joined<String, Integer> joined = new Joined<>();

  /** Runs two callers of one key; the operation ends only when the second is known to wait. */
  private List<Future<Integer>> twoCallers(
      ExecutorService threads, AtomicInteger runs, RuntimeException failure) throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Future<Integer> first =
        threads.submit(
            () ->
                joined.run(
                    "key",
                    () -> {
                      runs.incrementAndGet();
                      inside.countDown();
                      go.await();
                      if (failure.getMessage() != null) {
                        throw failure;
                      }
                      return 7;
                    }));
    inside.await();
    AtomicReference<Thread> thread = new AtomicReference<>(Thread.currentThread());
    CountDownLatch called = new CountDownLatch(1);
    Future<Integer> second =
        threads.submit(
            () -> {
              thread.set(Thread.currentThread());
              called.countDown();
              return joined.run("key", runs::incrementAndGet);
            });
    called.await();
    while (Objects.requireNonNull(thread.get()).getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    go.countDown();
    return List.of(first, second);
  }

  @Test
  void twoCallersOfOneKeyShareOneRun() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (Future<Integer> caller : twoCallers(threads, runs, new RuntimeException())) {
        assertEquals(7, caller.get());
      }
    }
    assertEquals(1, runs.get());
  }

  @Test
  void theFailureReachesBothCallers() throws Exception {
    CriException failure = new CriException.NotFound("no such thing");
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (Future<Integer> caller : twoCallers(threads, new AtomicInteger(), failure)) {
        ExecutionException e = assertThrows(ExecutionException.class, caller::get);
        assertSame(failure, e.getCause());
      }
    }
  }

  @Test
  void interruptingAWaitingCallerDoesNotCancelTheOperation() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Thread first =
        Thread.ofPlatform()
            .start(
                () ->
                    joined.run(
                        "key",
                        () -> {
                          inside.countDown();
                          go.await();
                          done.countDown();
                          return 1;
                        }));
    inside.await();
    AtomicReference<Throwable> told = new AtomicReference<>(new AssertionError("nothing"));
    Thread caller =
        Thread.ofPlatform()
            .start(
                () ->
                    told.set(
                        assertThrows(
                            CriException.DeadlineExceeded.class,
                            () -> joined.run("key", () -> 2))));
    caller.interrupt();
    caller.join();
    assertEquals(
        "the caller went away; the operation goes on by itself",
        Objects.requireNonNull(told.get()).getMessage());
    go.countDown();
    assertTrue(done.await(10, TimeUnit.SECONDS));
    first.join();
  }

  @Test
  void whoComesAfterTheEndRunsAnew() {
    AtomicInteger runs = new AtomicInteger();
    for (int i = 1; i <= ROUNDS; i++) {
      assertEquals(i, joined.run("key", runs::incrementAndGet));
    }
  }

  @Test
  void whoComesAfterAFailureRunsAnew() {
    for (int i = 0; i < ROUNDS; i++) {
      String message = "no. " + i;
      RuntimeException e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  joined.run(
                      "key",
                      () -> {
                        throw new IllegalStateException(message);
                      }));
      assertEquals(message, e.getMessage());
    }
  }

  @Test
  void operationsOfDifferentKeysRunBesideEachOther() {
    assertEquals(3, joined.run("a", () -> 1 + joined.run("b", () -> 2)));
  }

  @Test
  void whatIsNoRuntimeExceptionIsInternalAndSaysWhatItWas() {
    CriException.Internal e =
        assertThrows(
            CriException.Internal.class,
            () ->
                joined.run(
                    "key",
                    () -> {
                      throw new java.io.IOException("disk on fire");
                    }));
    assertEquals("operation failed: java.io.IOException: disk on fire", e.getMessage());
  }
}
