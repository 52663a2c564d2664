package io.onggi.rpc;

import io.onggi.container.Containers;
import io.onggi.container.CreateContainer;
import io.onggi.container.ExecSync;
import io.onggi.container.RemoveContainer;
import io.onggi.container.ReopenLog;
import io.onggi.container.StartContainer;
import io.onggi.container.StopContainer;
import io.onggi.container.UpdateContainer;
import io.onggi.network.PodNetwork;
import io.onggi.sandbox.RemoveSandbox;
import io.onggi.sandbox.RunSandbox;
import io.onggi.sandbox.Sandboxes;
import io.onggi.sandbox.StopSandbox;
import io.onggi.sandbox.UpdateSandbox;
import io.onggi.stream.Streams;

/** What RuntimeService calls: the two registries and one object a verb. */
public record RuntimeVerbs(
    Sandboxes sandboxes,
    RunSandbox run,
    StopSandbox stopSandbox,
    RemoveSandbox removeSandbox,
    UpdateSandbox updateSandbox,
    Containers containers,
    CreateContainer create,
    StartContainer start,
    StopContainer stop,
    RemoveContainer remove,
    UpdateContainer update,
    ExecSync exec,
    ReopenLog reopen,
    PodNetwork network,
    StatsCalls stats,
    MetricCalls metrics,
    EventCalls events,
    Streams streams) {}
