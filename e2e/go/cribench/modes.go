package main

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// ensureImage pulls -image unless it is there.
func ensureImage() {
	c, cancel := deadline()
	defer cancel()
	spec := &cri.ImageSpec{Image: *image}
	if st, err := images.ImageStatus(c, &cri.ImageStatusRequest{Image: spec}); err == nil && st.Image != nil {
		return
	}
	if _, err := images.PullImage(c, &cri.PullImageRequest{Image: spec}); err != nil {
		die("pull", err)
	}
}

// cycle takes a pod through start, exec and end.
func cycle(s *series) error {
	p, err := startPod(s)
	if err == nil {
		execPod(s, p)
	} else {
		s.add("Pod", 0, err)
	}
	if p.id != "" {
		endPod(s, p.id, p.ctr)
	}
	return err
}

func lifecycle(out obj, s *series) {
	ensureImage()
	parallel(*warmup, 1, func(int) {
		if err := cycle(newSeries()); err != nil {
			die(err)
		}
	})
	t := time.Now()
	parallel(*n, *workers, func(int) { cycle(s) })
	w := time.Since(t).Seconds()
	out["wall_s"], out["pods_per_s"] = r2(w), r2(float64(*n)/w)
}

func execMode(_ obj, s *series) {
	ensureImage()
	p, err := startPod(newSeries())
	if err != nil {
		die(err)
	}
	parallel(*n, *workers, func(int) { execPod(s, p) })
	endPod(newSeries(), p.id, p.ctr)
}

func density(out obj, s *series) {
	ensureImage()
	var found []obj
	var mu sync.Mutex
	var ids []string
	have := len(ownPods())
	for _, level := range strings.Split(*levels, ",") {
		want, err := strconv.Atoi(level)
		if err != nil {
			die("levels:", err)
		}
		before := scan()
		t := time.Now()
		parallel(want-have, *workers, func(int) {
			p, e := startPod(s)
			if e != nil {
				s.add("Pod", 0, e)
			}
			if p.id != "" {
				mu.Lock()
				ids = append(ids, p.id)
				mu.Unlock()
			}
		})
		took := time.Since(t).Seconds()
		after := scan()
		time.Sleep(*settle)
		o := levelOf(before, after, scan())
		o["pods"], o["created"], o["create_s"] = want, want-have, r2(took)
		found = append(found, o)
		have = want
	}
	out["levels"] = found
	if !*keep {
		endAll(s, ids)
	}
}

// levelOf sums up the process classes: use now, CPU while creating (before to after) and while idle.
func levelOf(before, after, now map[string]*use) obj {
	o := obj{"meminfo": meminfo(), "disk": diskUse()}
	var rss, pss, priv int64
	var made, idle float64
	for k, u := range now {
		o[k] = obj{"procs": u.count, "rss_kb": u.rssKB, "pss_kb": u.pssKB, "private_kb": u.privKB, "threads": u.threads}
		rss += u.rssKB
		pss += u.pssKB
		priv += u.privKB
		made += after[k].cpuS - before[k].cpuS
		idle += u.cpuS - after[k].cpuS
	}
	o["total"] = obj{"rss_kb": rss, "pss_kb": pss, "private_kb": priv}
	o["cpu_s_creating"], o["idle_cpu_pct"] = r2(made), r2(idle/settle.Seconds()*100)
	return o
}

func list(out obj, s *series) {
	for i := range *n {
		s.call("ListPodSandbox", func(c context.Context) error {
			_, e := runtimes.ListPodSandbox(c, &cri.ListPodSandboxRequest{})
			return e
		})
		s.call("ListContainers", func(c context.Context) error {
			_, e := runtimes.ListContainers(c, &cri.ListContainersRequest{})
			return e
		})
		s.call("ListImages", func(c context.Context) error { _, e := images.ListImages(c, &cri.ListImagesRequest{}); return e })
		s.call("Status", func(c context.Context) error { _, e := runtimes.Status(c, &cri.StatusRequest{}); return e })
		s.call("Version", func(c context.Context) error { _, e := runtimes.Version(c, &cri.VersionRequest{}); return e })
		if i%10 == 0 {
			listStats(s)
		}
	}
	out["pods"] = len(ownPods())
}

// listStats are the calls that the kubelet makes ten times less often.
func listStats(s *series) {
	s.call("ListContainerStats", func(c context.Context) error {
		_, e := runtimes.ListContainerStats(c, &cri.ListContainerStatsRequest{})
		return e
	})
	s.call("ListPodSandboxStats", func(c context.Context) error {
		_, e := runtimes.ListPodSandboxStats(c, &cri.ListPodSandboxStatsRequest{})
		return e
	})
	s.call("ImageFsInfo", func(c context.Context) error {
		_, e := images.ImageFsInfo(c, &cri.ImageFsInfoRequest{})
		return e
	})
}

func pull(out obj, s *series) {
	spec := &cri.ImageSpec{Image: *image}
	for range *n {
		newSeries().call("RemoveImage", func(c context.Context) error {
			_, e := images.RemoveImage(c, &cri.RemoveImageRequest{Image: spec})
			return e
		})
		time.Sleep(*settle)
		syscall.Sync()
		out["disk_before"] = diskUse()
		if s.call("PullImage", func(c context.Context) error {
			_, e := images.PullImage(c, &cri.PullImageRequest{Image: spec})
			return e
		}) != nil {
			continue
		}
		newSeries().call("ImageStatus", func(c context.Context) error {
			r, e := images.ImageStatus(c, &cri.ImageStatusRequest{Image: spec})
			if e == nil && r.Image != nil {
				out["image_size_mb"] = r2(float64(r.Image.Size) / 1e6)
			}
			return e
		})
	}
	syscall.Sync()
	out["disk_after"] = diskUse()
}

func restart(out obj, s *series) {
	pods, containers := ready(runtimes)
	for range *n {
		t := time.Now()
		err := exec.Command("sh", "-c", *stopCmd).Run()
		s.add("Stop", time.Since(t), err)
		t = time.Now()
		if err := exec.Command("sh", "-c", *startCmd+" &").Start(); err != nil {
			die(err)
		}
		awaitBack(s, t, pods, containers)
	}
	out["pods"], out["containers"] = pods, containers
}

// awaitBack measures from the start of the daemon to its first answer and to all pods being listed.
func awaitBack(s *series, start time.Time, pods, containers int) {
	answered := false
	for time.Since(start) < *timeout {
		conn := dial(*endpoint)
		r := cri.NewRuntimeServiceClient(conn)
		c, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		_, err := r.Version(c, &cri.VersionRequest{})
		cancel()
		if err == nil && !answered {
			s.add("StartToVersion", time.Since(start), nil)
			answered = true
		}
		if err == nil {
			if p, k := ready(r); p >= pods && k >= containers {
				s.add("StartToAllPods", time.Since(start), nil)
				conn.Close()
				return
			}
		}
		conn.Close()
		time.Sleep(5 * time.Millisecond)
	}
	s.add("StartToAllPods", 0, context.DeadlineExceeded)
}

// ready counts READY sandboxes and running containers.
func ready(r cri.RuntimeServiceClient) (pods, containers int) {
	c, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	p, err := r.ListPodSandbox(c, &cri.ListPodSandboxRequest{Filter: &cri.PodSandboxFilter{
		State: &cri.PodSandboxStateValue{State: cri.PodSandboxState_SANDBOX_READY}}})
	if err != nil {
		return -1, -1
	}
	k, err := r.ListContainers(c, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{
		State: &cri.ContainerStateValue{State: cri.ContainerState_CONTAINER_RUNNING}}})
	if err != nil {
		return -1, -1
	}
	return len(p.Items), len(k.Containers)
}

func cleanup(out obj, s *series) {
	ids := ownPods()
	endAll(s, ids)
	out["pods"] = len(ids)
}
