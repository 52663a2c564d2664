// cribench measures any CRI v1 runtime over its gRPC endpoint; one JSON object per run on stdout.
//
//	cribench -endpoint unix:///run/x.sock -image REF -mode lifecycle -n 100 -workers 1
//	cribench ... -mode density -levels 0,1,10,50,100 -match 'daemon=^/usr/bin/x;shim=x-shim;pause=^/pause' [-keep]
//	cribench ... -mode list -n 200          (latency of the calls kubelet repeats, over whatever pods exist)
//	cribench ... -mode exec -n 200          (one pod, n ExecSync)
//	cribench ... -mode pull -image REF -n 3 [-du DIR,DIR]
//	cribench ... -mode restart -stop-cmd 'sh' -start-cmd 'sh'   (over whatever pods exist)
//	cribench ... -mode stream -n 6 -bytes 52428800      (MB/s through exec's stdout and stdin, client-go over SPDY and WebSocket)
//	cribench ... -mode sessions -n 1000 -per-pod 100     (live sessions at once)
//	cribench ... -mode leak -n 10000 -daemon '^/usr/bin/x'   (memory, threads, descriptors before and after execs)
//	cribench ... -mode cleanup              (stop+remove every pod named cribench-*)
//
// Times are milliseconds, memory kB as in smaps_rollup. Exit status 1 if nothing could be measured;
// single calls that failed are counted under ms.errors.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

var (
	endpoint       = flag.String("endpoint", "unix:///run/containerd/containerd.sock", "CRI endpoint")
	imageEP        = flag.String("image-endpoint", "", "image endpoint (default: -endpoint)")
	image          = flag.String("image", "registry.k8s.io/e2e-test-images/busybox:1.29-2", "container image")
	command        = flag.String("command", "sleep,1000000", "container command, comma separated")
	execCmd        = flag.String("exec", "/bin/true", "ExecSync command, comma separated")
	handler        = flag.String("runtime-handler", "", "runtime handler")
	mode           = flag.String("mode", "lifecycle", "lifecycle|density|list|lists|exec|pull|restart|stream|sessions|leak|cleanup")
	n              = flag.Int("n", 100, "iterations (pods, calls, pulls)")
	workers        = flag.Int("workers", 1, "concurrent workers (lifecycle, density)")
	warmup         = flag.Int("warmup", 3, "unmeasured pods first (lifecycle)")
	hostNet        = flag.Bool("hostnet", false, "pods on the host network (takes CNI out of the figures)")
	cgParent       = flag.String("cgroup-parent", "", "pod cgroup parent")
	logDir         = flag.String("log-dir", "/tmp/cribench-logs", "pod log directory")
	levels         = flag.String("levels", "0,1,10,50,100", "density levels")
	settle         = flag.Duration("settle", 5*time.Second, "wait before a density sample (idle CPU is taken over it)")
	match          = flag.String("match", "", "name=regex;... : process classes by command line")
	keep           = flag.Bool("keep", false, "density: leave the pods running")
	noCtr          = flag.Bool("no-container", false, "density: sandboxes only")
	stopCmd        = flag.String("stop-cmd", "", "restart: shell command that stops the daemon and waits")
	startCmd       = flag.String("start-cmd", "", "restart: shell command that starts the daemon")
	du             = flag.String("du", "", "directories whose disk use is reported, comma separated")
	label          = flag.String("label", "", "free text copied to the output")
	stopCtr        = flag.Bool("stop-container", true, "StopContainer(0) before StopPodSandbox, as kubelet does")
	samples        = flag.Bool("samples", false, "every single time too, for pooling of several runs")
	manyPods       = flag.Int("pods", 100, "lists: running pods")
	manyContainers = flag.Int("containers", 1000, "lists: containers on the node")
	size           = flag.Int64("bytes", 50<<20, "stream: bytes of one transfer")
	protocol       = flag.String("protocol", "", "stream, sessions, leak: spdy or websocket (default: both)")
	perPod         = flag.Int("per-pod", 100, "sessions: sessions of one container")
	daemon         = flag.String("daemon", "", "sessions, leak: the daemon's command line, a regular expression")

	timeout = flag.Duration("timeout", 120*time.Second, "per call")

	runtimes cri.RuntimeServiceClient
	images   cri.ImageServiceClient
)

type obj = map[string]any

// modes fill the output object and the series of times.
var modes = map[string]func(out obj, s *series){
	"lifecycle": lifecycle,
	"density":   density,
	"exec":      execMode,
	"list":      list,
	"lists":     lists,
	"pull":      pull,
	"restart":   restart,
	"stream":    streamMode,
	"sessions":  sessionsMode,
	"leak":      leakMode,
	"cleanup":   cleanup,
}

func main() {
	flag.Parse()
	run, ok := modes[*mode]
	if !ok {
		die("no mode", *mode)
	}
	if *imageEP == "" {
		*imageEP = *endpoint
	}
	runtimes = cri.NewRuntimeServiceClient(dial(*endpoint))
	images = cri.NewImageServiceClient(dial(*imageEP))
	c, cancel := deadline()
	v, err := runtimes.Version(c, &cri.VersionRequest{})
	cancel()
	if err != nil {
		die(err)
	}
	out := obj{"runtime": v.RuntimeName + " " + v.RuntimeVersion, "mode": *mode, "label": *label, "handler": *handler,
		"hostnet": *hostNet, "workers": *workers, "load_start": load(), "time": time.Now().UTC().Format(time.RFC3339)}
	s := newSeries()
	run(out, s)
	out["ms"], out["load_end"] = s.out(), load()
	if *samples {
		out["samples"] = s.ms
	}
	b, _ := json.MarshalIndent(out, "", " ")
	fmt.Println(string(b))
}

func dial(endpoint string) *grpc.ClientConn {
	c, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		die(err)
	}
	return c
}

func die(a ...any) {
	fmt.Fprintln(os.Stderr, append([]any{"cribench:"}, a...)...)
	os.Exit(1)
}

func deadline() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), *timeout)
}
