package main

import (
	"context"
	"fmt"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// lists measures what a kubelet asks for again and again: the stats of -pods running pods, then ListContainers with
// -containers of them on the node. Those beyond the pods' own are created and not started: a list has them just the same.
func lists(out obj, s *series) {
	ensureImage()
	parallel(*manyPods, *workers, func(int) {
		if _, err := startPod(newSeries()); err != nil {
			die("pod", err)
		}
	})
	for range *warmup {
		listStats(newSeries())
	}
	for range *n {
		listStats(s)
		s.call("ListPodSandboxMetrics", func(c context.Context) error {
			_, e := runtimes.ListPodSandboxMetrics(c, &cri.ListPodSandboxMetricsRequest{})
			return e
		})
		s.call("ListPodSandbox", func(c context.Context) error {
			_, e := runtimes.ListPodSandbox(c, &cri.ListPodSandboxRequest{})
			return e
		})
	}
	owner := createMore(*manyContainers - *manyPods)
	count := 0
	listContainers := func(s *series) {
		s.call("ListContainers", func(c context.Context) error {
			r, e := runtimes.ListContainers(c, &cri.ListContainersRequest{})
			if e == nil {
				count = len(r.Containers)
			}
			return e
		})
	}
	for range *warmup {
		listContainers(newSeries())
	}
	for range *n {
		listContainers(s)
	}
	out["pods"], out["containers"] = *manyPods, count
	out["owner"] = owner
	endAll(newSeries(), ownPods())
}

// createMore makes a pod with that many containers that are never started.
func createMore(count int) string {
	p := &pod{cfg: podConfig()}
	c, cancel := deadline()
	defer cancel()
	r, err := runtimes.RunPodSandbox(c, &cri.RunPodSandboxRequest{Config: p.cfg, RuntimeHandler: *handler})
	if err != nil {
		die("pod", err)
	}
	parallel(count, *workers, func(i int) {
		config := p.containerConfig()
		config.Metadata.Name = fmt.Sprintf("c%d", i)
		c, cancel := deadline()
		defer cancel()
		if _, err := runtimes.CreateContainer(c, &cri.CreateContainerRequest{PodSandboxId: r.PodSandboxId, SandboxConfig: p.cfg, Config: config}); err != nil {
			die("container", err)
		}
	})
	return r.PodSandboxId
}
