package io.onggi.network;

import io.onggi.error.CriException;
import java.util.List;
import java.util.Map;

/**
 * Puts sandboxes on the network. Thread-safe: many sandboxes are attached at once; calls for one
 * sandbox wait for each other. Calls block for about a millisecond in system calls.
 */
public interface PodNetwork extends AutoCloseable {
  /**
   * Gives the sandbox its interface, address, routes and host ports. Idempotent: a sandbox that is
   * attached already gets the same answer.
   *
   * @throws CriException.ResourceExhausted if no address or bridge port is left
   * @throws CriException.FailedPrecondition if a host port belongs to another sandbox, or the
   *     network is not ready
   * @throws io.onggi.linux.LinuxException naming the step and the object; nothing is left behind
   */
  Attachment attach(AttachRequest request);

  /**
   * Takes the sandbox off the network. Idempotent. Host ports are free on return; the veth pair and
   * the address are given back in the background, because the kernel takes tens of milliseconds to
   * destroy a link.
   */
  void detach(String sandboxId);

  NetworkState state();

  /**
   * The node's pod ranges as the kubelet hands them over (UpdateRuntimeConfig). New pods get
   * addresses from here; pods that are attached keep theirs.
   *
   * @throws CriException.InvalidArgument if no range is usable
   */
  void podCidr(List<IpPrefix> ranges);

  /** What is attached now, by sandbox id. */
  Map<String, Attachment> attachments();

  /** Ends background work; leaves every pod on the network. */
  @Override
  void close();
}
