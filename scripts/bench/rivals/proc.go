package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// memory is what a process has, in KiB.
type memory struct {
	RSS       int // resident
	Anonymous int // of that, what is in no file, and so cannot be dropped and read again
	Peak      int // the most that was resident
}

// memoryOf reads a process's memory (Documentation/filesystems/proc.rst).
func memoryOf(pid int) (m memory, err error) {
	rollup, err := procFile(pid, "smaps_rollup")
	if err != nil {
		return m, err
	}
	status, err := procFile(pid, "status")
	if err != nil {
		return m, err
	}
	for key, to := range map[string]*int{"Rss": &m.RSS, "Anonymous": &m.Anonymous} {
		if *to, err = field(rollup, key); err != nil {
			return m, err
		}
	}
	m.Peak, err = field(status, "VmHWM")
	return m, err
}

// activity is what a process has done since it started.
type activity struct {
	cpu      time.Duration // of its threads that live, and of its children that ended
	switches int           // of its threads that live: how often they went to sleep
}

// activityOf reads what a process has done.
func activityOf(pid int) (a activity, err error) {
	threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*"))
	if err != nil {
		return a, err
	}
	for _, dir := range threads {
		switches, spent, err := threadOf(dir)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it ended meanwhile
		}
		if err != nil {
			return a, err
		}
		a.switches += switches
		a.cpu += spent
	}
	stat, err := procFile(pid, "stat")
	if err != nil {
		return a, err
	}
	children, err := childrenCPU(stat)
	a.cpu += children
	return a, err
}

// threadOf reads what a thread has done, in its directory of /proc.
func threadOf(dir string) (switches int, spent time.Duration, err error) {
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return 0, 0, err
	}
	times, err := os.ReadFile(filepath.Join(dir, "schedstat"))
	if err != nil {
		return 0, 0, err
	}
	if switches, err = field(string(status), "voluntary_ctxt_switches"); err != nil {
		return 0, 0, err
	}
	spent, err = onCPU(string(times))
	return switches, spent, err
}

// mappedBy is every file that a process has mapped, its program and libraries among them.
func mappedBy(pid int) ([]string, error) {
	maps, err := procFile(pid, "maps")
	return mapped(maps), err
}

func procFile(pid int, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name))
	return string(text), err
}

// field is the number of a line "key: number", with or without a unit.
func field(text, key string) (int, error) {
	for _, line := range strings.Split(text, "\n") {
		name, rest, _ := strings.Cut(line, ":")
		words := strings.Fields(rest)
		if name == key && len(words) > 0 {
			return strconv.Atoi(words[0])
		}
	}
	return 0, fmt.Errorf("no %s in %q", key, text)
}

// onCPU is the first number of a schedstat, the nanoseconds that a thread ran
// (Documentation/scheduler/sched-stats.rst).
func onCPU(schedstat string) (time.Duration, error) {
	words := strings.Fields(schedstat)
	if len(words) != 3 {
		return 0, fmt.Errorf("%q is no schedstat", schedstat)
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	return time.Duration(n), err
}

// tick is the unit of times in /proc/PID/stat: USER_HZ is 100 on every architecture of Go's.
const tick = 10 * time.Millisecond

// childrenCPU reads cutime and cstime, the 16th and 17th value of /proc/PID/stat. The second is the
// program's name in parentheses, which may hold spaces and parentheses.
func childrenCPU(stat string) (time.Duration, error) {
	const user, system = 16 - 3, 17 - 3
	_, rest, ok := cutLast(stat, ")")
	words := strings.Fields(rest)
	if !ok || len(words) <= system {
		return 0, fmt.Errorf("%q is no stat", stat)
	}
	var sum time.Duration
	for _, i := range []int{user, system} {
		n, err := strconv.ParseInt(words[i], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the times of children: %w", err)
		}
		sum += time.Duration(n) * tick
	}
	return sum, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// mapped are the files in the text of /proc/PID/maps, sorted, each once.
func mapped(maps string) (files []string) {
	for _, line := range strings.Split(maps, "\n") {
		_, file, ok := strings.Cut(line, " /")
		file = "/" + strings.TrimSpace(file)
		if ok && !strings.HasSuffix(file, " (deleted)") && !strings.HasPrefix(file, "/dev/") {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}
