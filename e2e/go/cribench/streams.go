package main

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// protocols are the two ways a client of Kubernetes comes for a stream.
var protocols = []string{"spdy", "websocket"}

// executor of client-go for a streaming URL; SPDY is spoken as v4, WebSocket as v5.
func executor(protocol, raw string) (remotecommand.Executor, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	config := &rest.Config{Host: u.Scheme + "://" + u.Host}
	if protocol == "spdy" {
		return remotecommand.NewSPDYExecutor(config, "POST", u)
	}
	return remotecommand.NewWebSocketExecutor(config, "GET", raw)
}

// runStream executes a command in the container over the protocol; the time is that of the stream alone.
func runStream(protocol, container string, command []string, o remotecommand.StreamOptions) (time.Duration, error) {
	c, cancel := deadline()
	defer cancel()
	r, err := runtimes.Exec(c, &cri.ExecRequest{ContainerId: container, Cmd: command,
		Stdin: o.Stdin != nil, Stdout: o.Stdout != nil, Stderr: o.Stderr != nil})
	if err != nil {
		return 0, err
	}
	e, err := executor(protocol, r.Url)
	if err != nil {
		return 0, err
	}
	t := time.Now()
	err = e.StreamWithContext(c, o)
	return time.Since(t), err
}

type counter struct{ bytes int64 }

func (c *counter) Write(p []byte) (int, error) { c.bytes += int64(len(p)); return len(p), nil }

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// streamMode sends -bytes out of and into a container, -n times each way, over every protocol.
func streamMode(out obj, s *series) {
	ensureImage()
	p, err := startPod(newSeries())
	if err != nil {
		die(err)
	}
	rates, cpu := map[string][]float64{}, map[string][]float64{}
	for i := range *n {
		for _, protocol := range streamProtocols() {
			for _, direction := range []string{"stdout", "stdin"} {
				name := protocol + " " + direction
				before := cpuOfDaemon()
				took, err := transfer(protocol, direction, p.ctr)
				s.add(name, took, err)
				if err == nil && (*n == 1 || i > 0) { // the first of several warms up
					rates[name] = append(rates[name], float64(*size)/1e6/took.Seconds())
					cpu[name] = append(cpu[name], cpuOfDaemon()-before)
				}
			}
		}
	}
	out["bytes"], out["mb_per_s"], out["daemon_cpu_s"] = *size, medians(rates), medians(cpu)
	endPod(newSeries(), p.id, p.ctr)
}

func medians(of map[string][]float64) obj {
	o := obj{}
	for name, v := range of {
		sort.Float64s(v)
		o[name] = r2(quantile(v, .5))
	}
	return o
}

func cpuOfDaemon() float64 {
	s, _ := daemonUse()["cpu_s"].(float64)
	return s
}

// transfer uses commands that read and write whole blocks: busybox' head and wc go byte by byte, slower than any stream.
func transfer(protocol, direction, container string) (time.Duration, error) {
	const block = 64 << 10
	var got counter
	if direction == "stdout" {
		count := strconv.FormatInt(*size/block, 10)
		took, err := runStream(protocol, container, []string{"dd", "if=/dev/zero", "bs=65536", "count=" + count},
			remotecommand.StreamOptions{Stdout: &got})
		if err == nil && got.bytes != *size/block*block {
			err = fmt.Errorf("%d bytes of %d came", got.bytes, *size)
		}
		return took, err
	}
	var length strings.Builder
	took, err := runStream(protocol, container,
		[]string{"sh", "-c", "cat >/dev/shm/in; stat -c %s /dev/shm/in; rm /dev/shm/in"}, // memory: 64 MiB of it
		remotecommand.StreamOptions{Stdin: io.LimitReader(zeros{}, *size), Stdout: &length})
	if err == nil && strings.TrimSpace(length.String()) != strconv.FormatInt(*size, 10) {
		err = fmt.Errorf("%s bytes of %d came", strings.TrimSpace(length.String()), *size)
	}
	return took, err
}

func streamProtocols() []string {
	if *protocol == "" {
		return protocols
	}
	return strings.Split(*protocol, ",")
}

// sessionsMode keeps -n sessions to cat open at once, in a pod each -per-pod of them, and asks each for an echo.
func sessionsMode(out obj, s *series) {
	ensureImage()
	pods := make([]*pod, (*n+*perPod-1) / *perPod)
	for i := range pods {
		p, err := startPod(newSeries())
		if err != nil {
			die(err)
		}
		pods[i] = p
	}
	before := daemonUse()
	open := make([]*session, *n)
	parallel(*n, *workers, func(i int) {
		protocols := streamProtocols()
		open[i] = openSession(protocols[i%len(protocols)], pods[i / *perPod].ctr)
		s.add("Open", open[i].took, open[i].err)
	})
	during := daemonUse()
	parallel(*n, *workers, func(i int) {
		t := time.Now()
		err := open[i].echo(fmt.Sprintf("again %d", i))
		s.add("Echo", time.Since(t), err)
	})
	parallel(*n, *workers, func(i int) { s.add("End", 0, open[i].end()) })
	out["before"], out["during"], out["after"] = before, during, daemonUse()
	for _, p := range pods {
		endPod(newSeries(), p.id, p.ctr)
	}
}

// session is a live `cat`.
type session struct {
	stdin *io.PipeWriter
	lines *bufio.Reader
	done  chan error
	took  time.Duration
	err   error
}

func openSession(protocol, container string) *session {
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	o := &session{stdin: stdin, lines: bufio.NewReader(stdout), done: make(chan error, 1)}
	t := time.Now()
	go func() {
		_, err := runStream(protocol, container, []string{"cat"}, remotecommand.StreamOptions{Stdin: in, Stdout: out})
		out.CloseWithError(io.EOF)
		in.CloseWithError(io.EOF)
		o.done <- err
	}()
	o.err = o.echo("first")
	o.took = time.Since(t)
	return o
}

func (o *session) echo(line string) error {
	if o.err != nil {
		return o.err
	}
	if _, err := fmt.Fprintln(o.stdin, line); err != nil {
		return err
	}
	got, err := o.lines.ReadString('\n')
	if err == nil && got != line+"\n" {
		err = fmt.Errorf("%q came back for %q", got, line)
	}
	return err
}

func (o *session) end() error {
	o.stdin.Close()
	return <-o.done
}

// leakMode runs -n execs, a tenth of them streamed, after a warm-up of a tenth, and looks at the daemon before and after.
func leakMode(out obj, s *series) {
	ensureImage()
	p, err := startPod(newSeries())
	if err != nil {
		die(err)
	}
	all := streamProtocols()
	execs := func(count int, s *series) {
		parallel(count, *workers, func(i int) {
			if i%10 != 0 {
				execPod(s, p)
				return
			}
			took, err := runStream(all[i/10%len(all)], p.ctr, strings.Split(*execCmd, ","),
				remotecommand.StreamOptions{Stdout: io.Discard})
			s.add("Exec", took, err)
		})
	}
	execs(*n/10, newSeries())
	time.Sleep(*settle)
	before := daemonUse()
	execs(*n, s)
	time.Sleep(*settle)
	out["execs"], out["before"], out["after"] = *n, before, daemonUse()
	endPod(newSeries(), p.id, p.ctr)
}

// daemonUse is what the process whose command line -daemon matches has now.
func daemonUse() obj {
	if *daemon == "" {
		return obj{}
	}
	re := regexp.MustCompile(*daemon)
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		dir := "/proc/" + e.Name()
		raw, err := os.ReadFile(dir + "/cmdline")
		if err != nil || len(raw) == 0 || e.Name() == strconv.Itoa(os.Getpid()) ||
			!re.MatchString(strings.ReplaceAll(string(raw), "\x00", " ")) {
			continue
		}
		u := &use{}
		u.add(dir)
		fds, _ := os.ReadDir(filepath.Join(dir, "fd"))
		return obj{"rss_kb": u.rssKB, "threads": u.threads, "fds": len(fds), "cpu_s": u.cpuS}
	}
	return obj{}
}
