package main

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// class is a kind of process, told by its command line; the first class that matches counts it.
type class struct {
	name string
	re   *regexp.Regexp
}

func classes() (all []class) {
	for _, p := range strings.Split(*match, ";") {
		if name, re, ok := strings.Cut(p, "="); ok {
			all = append(all, class{name, regexp.MustCompile(re)})
		}
	}
	return
}

// use is what the processes of a class have taken together.
type use struct {
	count, threads       int64
	rssKB, pssKB, privKB int64
	cpuS                 float64
}

func scan() map[string]*use {
	found := map[string]*use{}
	all := classes()
	for _, c := range all {
		found[c.name] = &use{}
	}
	self := strconv.Itoa(os.Getpid())
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil || e.Name() == self {
			continue
		}
		dir := "/proc/" + e.Name()
		raw, err := os.ReadFile(dir + "/cmdline")
		if err != nil || len(raw) == 0 {
			continue
		}
		line := strings.TrimSpace(strings.ReplaceAll(string(raw), "\x00", " "))
		for _, c := range all {
			if c.re.MatchString(line) {
				found[c.name].add(dir)
				break
			}
		}
	}
	return found
}

func (u *use) add(dir string) {
	f, err := os.Open(dir + "/smaps_rollup")
	if err != nil {
		return // gone meanwhile
	}
	defer f.Close()
	u.count++
	for sc := bufio.NewScanner(f); sc.Scan(); {
		w := strings.Fields(sc.Text())
		if len(w) < 3 {
			continue
		}
		kb, _ := strconv.ParseInt(w[1], 10, 64)
		switch w[0] {
		case "Rss:":
			u.rssKB += kb
		case "Pss:":
			u.pssKB += kb
		case "Private_Clean:", "Private_Dirty:":
			u.privKB += kb
		}
	}
	u.addStat(dir)
}

// addStat reads proc(5) stat after the command name: fields 14-17 are the CPU ticks, own and of
// waited-for children, 20 the threads.
func (u *use) addStat(dir string) {
	st, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return
	}
	w := strings.Fields(string(st[strings.LastIndexByte(string(st), ')')+1:]))
	for _, ticks := range w[11:15] {
		v, _ := strconv.ParseFloat(ticks, 64)
		u.cpuS += v / 100
	}
	t, _ := strconv.ParseInt(w[17], 10, 64)
	u.threads += t
}

func meminfo() obj {
	b, _ := os.ReadFile("/proc/meminfo")
	o := obj{}
	for _, l := range strings.Split(string(b), "\n") {
		w := strings.Fields(l)
		if len(w) > 1 && (w[0] == "MemAvailable:" || w[0] == "Slab:" || w[0] == "AnonPages:") {
			v, _ := strconv.Atoi(w[1])
			o[strings.TrimSuffix(w[0], ":")+"KB"] = v
		}
	}
	return o
}

func load() string {
	b, _ := os.ReadFile("/proc/loadavg")
	return strings.TrimSpace(string(b))
}

// diskUse of the -du directories; a hard-linked file counts once.
func diskUse() obj {
	o := obj{}
	for _, d := range strings.Split(*du, ",") {
		if d == "" {
			continue
		}
		var bytes, files int64
		seen := map[uint64]bool{}
		filepath.WalkDir(d, func(_ string, e fs.DirEntry, err error) error {
			if err != nil {
				return nil
			}
			if i, err := e.Info(); err == nil {
				if st := i.Sys().(*syscall.Stat_t); !seen[st.Ino] {
					seen[st.Ino] = true
					bytes += st.Blocks * 512
					files++
				}
			}
			return nil
		})
		o[d] = obj{"MB": r2(float64(bytes) / 1e6), "inodes": files}
	}
	return o
}
