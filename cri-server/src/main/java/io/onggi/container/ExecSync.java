package io.onggi.container;

import io.onggi.error.CriException;
import io.onggi.launch.ExecOptions;
import io.onggi.launch.ExecResult;
import io.onggi.launch.LaunchException;
import io.onggi.launch.ShimConnector;
import io.onggi.launch.ShimException;
import java.time.Duration;
import java.util.List;

/** ExecSync: runs a command in a running container to its end, or to its timeout. */
public final class ExecSync {
  /**
   * Bytes of output in an answer. CRI speaks of 16 MB a stream, but the kubelet's client takes no
   * message above 16 MiB and would give up all of a longer one: so both streams together get what
   * fits, 4 KiB left for the rest of the message.
   */
  static final int ANSWER_LIMIT = (16 << 20) - (4 << 10);

  private final Containers containers;
  private final ExecPlans plans;
  private final ContainerLayout layout;
  private final ShimConnector connector;

  public ExecSync(
      Containers containers, ExecPlans plans, ContainerLayout layout, ShimConnector connector) {
    this.containers = containers;
    this.plans = plans;
    this.layout = layout;
    this.connector = connector;
  }

  /**
   * @param timeout zero: none
   * @throws CriException.FailedPrecondition when the container does not run
   * @throws CriException.DeadlineExceeded at the timeout; the whole exec is killed by then
   * @throws CriException.Internal when the command cannot be started; names it
   */
  public ExecResult exec(String idOrPrefix, List<String> command, Duration timeout) {
    Container container = containers.get(idOrPrefix);
    if (!(container.state() instanceof ContainerState.Running)) {
      throw new CriException.FailedPrecondition(
          "container "
              + container.id()
              + " does not run (it is "
              + container.state().getClass().getSimpleName()
              + "), nothing can be executed in it");
    }
    if (command.isEmpty()) {
      throw new CriException.InvalidArgument(
          "exec in container " + container.id() + ": cmd is empty; name a program to run");
    }
    SpecBounds.checkProgram("exec in container " + container.id() + ": cmd", command);
    String subject = "exec in container " + container.id();
    ExecResult result;
    try {
      result =
          connector
              .connect(subject, layout.socket(container.id()))
              .exec(plans.plan(container, command, false), ExecOptions.sync(timeout));
    } catch (LaunchException e) {
      throw new CriException.Internal(
          subject + ": cannot run " + command + ": " + e.getMessage(), e);
    } catch (ShimException.Refused e) {
      throw new CriException.Internal(
          subject + ": the shim refuses to run " + command + ": " + e.getMessage(), e);
    } catch (ShimException e) {
      throw new CriException.FailedPrecondition(
          subject + ": the container ended meanwhile (" + e.getMessage() + ")");
    }
    if (result.timedOut()) {
      throw new CriException.DeadlineExceeded(
          subject
              + ": "
              + command
              + " did not end within "
              + timeout.toMillis()
              + " ms and was killed");
    }
    return result.within(ANSWER_LIMIT);
  }
}
