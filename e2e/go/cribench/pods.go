package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

type pod struct {
	id, ctr string
	cfg     *cri.PodSandboxConfig
}

var podNumber atomic.Int64

func podConfig() *cri.PodSandboxConfig {
	name := fmt.Sprintf("cribench-%d-%d", os.Getpid(), podNumber.Add(1))
	dir := filepath.Join(*logDir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		die(err)
	}
	c := &cri.PodSandboxConfig{
		Metadata: &cri.PodSandboxMetadata{Name: name, Uid: name + "-uid", Namespace: "bench"},
		Hostname: "bench", LogDirectory: dir, Labels: map[string]string{"app": "cribench"},
		Linux: &cri.LinuxPodSandboxConfig{CgroupParent: *cgParent, SecurityContext: &cri.LinuxSandboxSecurityContext{
			NamespaceOptions: &cri.NamespaceOption{Pid: cri.NamespaceMode_CONTAINER}}}}
	if *hostNet {
		c.Linux.SecurityContext.NamespaceOptions.Network = cri.NamespaceMode_NODE
		c.Hostname = ""
	}
	return c
}

func (p *pod) containerConfig() *cri.ContainerConfig {
	return &cri.ContainerConfig{
		Metadata: &cri.ContainerMetadata{Name: "c"},
		Image:    &cri.ImageSpec{Image: *image, UserSpecifiedImage: *image},
		Command:  strings.Split(*command, ","),
		LogPath:  "c.log",
		Linux: &cri.LinuxContainerConfig{
			Resources: &cri.LinuxContainerResources{CpuShares: 102, MemoryLimitInBytes: 128 << 20},
			SecurityContext: &cri.LinuxContainerSecurityContext{
				NamespaceOptions: p.cfg.Linux.SecurityContext.NamespaceOptions}}}
}

// startPod takes a pod to "container running", as kubelet does. The pod's id is set as soon as
// there is a sandbox to remove, also when an error is returned.
func startPod(s *series) (*pod, error) {
	p := &pod{cfg: podConfig()}
	t := time.Now()
	err := s.call("RunPodSandbox", func(c context.Context) error {
		r, e := runtimes.RunPodSandbox(c, &cri.RunPodSandboxRequest{Config: p.cfg, RuntimeHandler: *handler})
		if e == nil {
			p.id = r.PodSandboxId
		}
		return e
	})
	if err != nil || *noCtr {
		return p, err
	}
	err = s.call("CreateContainer", func(c context.Context) error {
		r, e := runtimes.CreateContainer(c, &cri.CreateContainerRequest{PodSandboxId: p.id, SandboxConfig: p.cfg, Config: p.containerConfig()})
		if e == nil {
			p.ctr = r.ContainerId
		}
		return e
	})
	if err != nil {
		return p, err
	}
	err = s.call("StartContainer", func(c context.Context) error {
		_, e := runtimes.StartContainer(c, &cri.StartContainerRequest{ContainerId: p.ctr})
		return e
	})
	if err != nil {
		return p, err
	}
	if err = p.awaitRunning(); err == nil {
		s.add("PodToRunning", time.Since(t), nil)
	}
	return p, err
}

// awaitRunning asks until the container runs; every runtime measured so far says so at once.
func (p *pod) awaitRunning() error {
	for {
		c, cancel := deadline()
		r, err := runtimes.ContainerStatus(c, &cri.ContainerStatusRequest{ContainerId: p.ctr})
		cancel()
		if err != nil {
			return err
		}
		switch r.Status.State {
		case cri.ContainerState_CONTAINER_RUNNING:
			return nil
		case cri.ContainerState_CONTAINER_EXITED:
			return fmt.Errorf("container exited: %v %s", r.Status.ExitCode, r.Status.Message)
		}
		time.Sleep(time.Millisecond)
	}
}

func execPod(s *series, p *pod) {
	s.call("ExecSync", func(c context.Context) error {
		r, e := runtimes.ExecSync(c, &cri.ExecSyncRequest{ContainerId: p.ctr, Cmd: strings.Split(*execCmd, ","), Timeout: 30})
		if e == nil && r.ExitCode != 0 {
			e = fmt.Errorf("exit %d %s", r.ExitCode, r.Stderr)
		}
		return e
	})
}

func endPod(s *series, id, ctr string) {
	t := time.Now()
	var failed error
	keep := func(err error) {
		if err != nil {
			failed = err
		}
	}
	if *stopCtr && ctr != "" {
		keep(s.call("StopContainer", func(c context.Context) error {
			_, e := runtimes.StopContainer(c, &cri.StopContainerRequest{ContainerId: ctr})
			return e
		}))
	}
	keep(s.call("StopPodSandbox", func(c context.Context) error {
		_, e := runtimes.StopPodSandbox(c, &cri.StopPodSandboxRequest{PodSandboxId: id})
		return e
	}))
	keep(s.call("RemovePodSandbox", func(c context.Context) error {
		_, e := runtimes.RemovePodSandbox(c, &cri.RemovePodSandboxRequest{PodSandboxId: id})
		return e
	}))
	s.add("PodTeardown", time.Since(t), failed)
}

// ownPods returns the ids of all pods that a cribench made.
func ownPods() (ids []string) {
	c, cancel := deadline()
	defer cancel()
	r, err := runtimes.ListPodSandbox(c, &cri.ListPodSandboxRequest{})
	if err != nil {
		die(err)
	}
	for _, p := range r.Items {
		if strings.HasPrefix(p.Metadata.Name, "cribench-") {
			ids = append(ids, p.Id)
		}
	}
	return
}

// ctrOf returns the first container of a pod, or "".
func ctrOf(id string) string {
	c, cancel := deadline()
	defer cancel()
	r, err := runtimes.ListContainers(c, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{PodSandboxId: id}})
	if err != nil || len(r.Containers) == 0 {
		return ""
	}
	return r.Containers[0].Id
}

func endAll(s *series, ids []string) {
	parallel(len(ids), *workers, func(i int) { endPod(s, ids[i], ctrOf(ids[i])) })
}

// parallel runs f(0)..f(count-1) on the given number of workers.
func parallel(count, workers int, f func(int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for j := int(next.Add(1)) - 1; j < count; j = int(next.Add(1)) - 1 {
				f(j)
			}
		})
	}
	all.Wait()
}
