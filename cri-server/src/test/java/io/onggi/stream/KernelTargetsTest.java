package io.onggi.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.onggi.container.ContainerId;
import io.onggi.container.ContainerWorld;
import io.onggi.container.SpecDraft;
import io.onggi.error.CriException;
import io.onggi.launch.AttachEvent;
import io.onggi.launch.AttachOptions;
import io.onggi.launch.ExecEvent;
import io.onggi.launch.ExecSession;
import io.onggi.launch.ShimException;
import io.onggi.launch.testing.FakeAttachSession;
import io.onggi.sandbox.SandboxId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attach against real containers of fake shims. */
class KernelTargetsTest {
  private static final StreamSet OUTPUT = new StreamSet(false, false, true, true);
  private static final StreamSet ALL = new StreamSet(false, true, true, true);
  private static final StreamSet TERMINAL = new StreamSet(true, true, true, false);
  private static final ExecEvent WELL = new ExecEvent.Exited(0, false, false, false);

  @TempDir Path folder;
  private ContainerWorld world;
  private KernelTargets targets;
  private SandboxId pod;

  @BeforeEach
  void build() {
    world = new ContainerWorld(folder);
    targets =
        new KernelTargets(
            world.sandboxes,
            world.sandboxLayout,
            world.containers,
            world.layout,
            world.plans,
            world.shims);
    pod = world.sandbox("p");
  }

  @AfterEach
  void close() {
    world.close();
  }

  private ContainerId running(String name, boolean stdin, boolean terminal) {
    SpecDraft draft = SpecDraft.of(pod, name);
    draft.stdin = stdin;
    draft.terminal = terminal;
    ContainerId id = world.create.create(draft.spec());
    world.start.start(id.value());
    world.shim(id).awaitWatcher();
    return id;
  }

  private String refused(Class<? extends CriException> type, String container, StreamSet streams) {
    return message(
        assertThrows(type, () -> targets.check(new StreamRequest.Attach(container, streams))));
  }

  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  private ExecSession attach(ContainerId id, StreamSet streams) {
    return targets.attach(
        (StreamRequest.Attach) targets.check(new StreamRequest.Attach(id.value(), streams)));
  }

  private static ByteBuffer bytes(String text) {
    return StandardCharsets.UTF_8.encode(text);
  }

  private static String text(ExecEvent event) {
    return switch (event) {
      case ExecEvent.Stdout out -> "out:" + StandardCharsets.UTF_8.decode(out.bytes());
      case ExecEvent.Stderr err -> "err:" + StandardCharsets.UTF_8.decode(err.bytes());
      case ExecEvent.Exited end -> "exit:" + end.exitCode();
    };
  }

  @Test
  void no_stream_or_a_terminal_with_stderr_is_refused_before_any_container_is_looked_for() {
    CriException none =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> new StreamRequest.Attach("c1", new StreamSet(false, false, false, false)));
    assertEquals(
        "Attach to container c1: none of stdin, stdout and stderr is asked for; set at least one",
        none.getMessage());
    CriException both =
        assertThrows(
            CriException.InvalidArgument.class,
            () -> new StreamRequest.Attach("c1", new StreamSet(true, false, true, true)));
    assertTrue(message(both).contains("tty and stderr exclude each other"), both.getMessage());
  }

  @Test
  void a_container_that_is_not_there_or_does_not_run_is_named() {
    assertTrue(refused(CriException.NotFound.class, "nope", OUTPUT).contains("nope"));
    ContainerId created = world.created(pod, "created");
    assertEquals(
        "container " + created + " does not run (it is Created), there is nothing to stream to",
        refused(CriException.FailedPrecondition.class, created.value(), OUTPUT));
    ContainerId ended = running("ended", false, false);
    world.shim(ended).exit(0);
    world.ended(ended);
    assertEquals(
        "container " + ended + " does not run (it is Exited), there is nothing to stream to",
        refused(CriException.FailedPrecondition.class, ended.value(), OUTPUT));
  }

  @Test
  void tty_must_be_the_containers() {
    ContainerId plain = running("plain", true, false);
    assertEquals(
        "Attach to container "
            + plain
            + ": tty is true, but the container was created with tty false; ask for false",
        refused(CriException.InvalidArgument.class, plain.value(), TERMINAL));
    ContainerId terminal = running("terminal", true, true);
    assertEquals(
        "Attach to container "
            + terminal
            + ": tty is false, but the container was created with tty true; ask for true",
        refused(CriException.InvalidArgument.class, terminal.value(), ALL));
  }

  @Test
  void a_prefix_of_the_id_becomes_the_whole_one() {
    ContainerId id = running("c", false, false);
    assertEquals(
        new StreamRequest.Attach(id.value(), OUTPUT),
        targets.check(new StreamRequest.Attach(id.value().substring(0, 12), OUTPUT)));
  }

  @Test
  void output_goes_out_input_and_size_go_in_and_the_end_is_a_good_one() {
    ContainerId id = running("c", true, false);
    try (ExecSession session = attach(id, ALL)) {
      FakeAttachSession heard = world.shim(id).awaitAttached();
      assertEquals(new AttachOptions(true, true, true), heard.options());
      heard.tell(new AttachEvent.Stdout(bytes("hello")));
      heard.tell(new AttachEvent.Stderr(bytes("oops")));
      assertEquals("out:hello", text(session.next()));
      assertEquals("err:oops", text(session.next()));
      session.stdin(bytes("word"));
      session.resize(50, 132);
      assertEquals("word", heard.input());
      assertEquals("50x132", heard.size());
      world.shim(id).exit(7);
      assertEquals(WELL, session.next(), "an exit code would make kubectl run print all again");
    }
  }

  @Test
  void the_end_of_stdin_detaches() {
    ContainerId id = running("c", true, false);
    try (ExecSession session = attach(id, ALL)) {
      session.closeStdin();
      assertEquals(WELL, session.next());
    }
    assertTrue(world.shim(id).status().running());
  }

  @Test
  void input_for_a_container_without_stdin_is_lost_and_its_end_ends_nothing() {
    ContainerId id = running("c", false, false);
    assertEquals(
        "Attach to container "
            + id
            + ": only stdin is asked for, but the container was created with stdin false; ask for"
            + " stdout or stderr",
        refused(
            CriException.InvalidArgument.class,
            id.value(),
            new StreamSet(false, true, false, false)));
    try (ExecSession session = attach(id, ALL)) {
      FakeAttachSession heard = world.shim(id).awaitAttached();
      session.stdin(bytes("lost"));
      session.closeStdin();
      assertEquals("", heard.input());
      heard.tell(new AttachEvent.Stdout(bytes("more")));
      assertEquals("out:more", text(session.next()));
    }
  }

  @Test
  void missing_output_is_told_in_its_place_and_at_the_end() {
    ContainerId id = running("c", true, false);
    try (ExecSession session = attach(id, OUTPUT)) {
      FakeAttachSession heard = world.shim(id).awaitAttached();
      heard.tell(new AttachEvent.Dropped(12));
      heard.tell(new AttachEvent.Dropped(30));
      assertEquals("err:onggi: 12 bytes of output dropped, read faster\n", text(session.next()));
      assertEquals("err:onggi: 30 bytes of output dropped, read faster\n", text(session.next()));
      world.shim(id).exit(0);
      CriException e = assertThrows(CriException.ResourceExhausted.class, session::next);
      assertEquals(
          "42 bytes of the output of container "
              + id
              + " were dropped, for a container does not wait for a client that reads too slowly;"
              + " its log has them",
          e.getMessage());
    }
  }

  @Test
  void missing_output_of_a_terminal_is_told_on_it_and_is_no_failure() {
    ContainerId id = running("c", true, true);
    try (ExecSession session = attach(id, TERMINAL)) {
      world.shim(id).awaitAttached().tell(new AttachEvent.Dropped(12));
      assertEquals(
          "out:\r\nonggi: 12 bytes of output dropped, read faster\r\n", text(session.next()));
      world.shim(id).exit(0);
      assertEquals(WELL, session.next());
    }
  }

  @Test
  void missing_output_without_a_place_to_tell_it_is_still_a_failure() {
    ContainerId id = running("c", true, false);
    try (ExecSession session = attach(id, new StreamSet(false, false, true, false))) {
      FakeAttachSession heard = world.shim(id).awaitAttached();
      heard.tell(new AttachEvent.Dropped(12));
      heard.tell(new AttachEvent.Stdout(bytes("rest")));
      assertEquals("out:rest", text(session.next()));
      world.shim(id).exit(0);
      assertThrows(CriException.ResourceExhausted.class, session::next);
    }
  }

  @Test
  void a_shim_that_leaves_in_the_middle_names_the_container_and_its_log() {
    ContainerId id = running("c", true, false);
    try (ExecSession session = attach(id, OUTPUT)) {
      world.shim(id).awaitAttached().close();
      ShimException.Gone e = assertThrows(ShimException.Gone.class, session::next);
      assertTrue(message(e).contains("container " + id), e.getMessage());
      assertTrue(message(e).contains("its log has it"), e.getMessage());
    }
  }
}
