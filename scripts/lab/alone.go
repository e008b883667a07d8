// Package lab gives tests, the demo and the benchmarks real parts to work with: a kernel
// network of their own, certificates from an authority of their own, and doubles of the
// services. Nothing of it is in the router's binary.
package lab

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
)

const insideEnv = "WANDNS_LAB_INSIDE"

// Alone runs the calling top-level test by itself in a child process with its own user,
// network and mount namespaces, and reports how that ended. It returns true in the child,
// where the test goes on as root of an empty network with the loopback device up, and false
// in the parent, where the test must return:
//
//	if !lab.Alone(t) {
//		return
//	}
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideEnv) == t.Name() {
		if err := Settle(); err != nil {
			t.Fatal(err)
		}
		return true
	}
	args := []string{"-test.run=^" + t.Name() + "$", "-test.count=1"}
	for _, a := range os.Args[1:] {
		if strings.HasPrefix(a, "-test.v") || strings.HasPrefix(a, "-test.timeout") || strings.HasPrefix(a, "-test.short") {
			args = append(args, a)
		}
	}
	cmd := Command(insideEnv+"="+t.Name(), args...)
	out, err := cmd.CombinedOutput()
	for _, line := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		t.Log(line)
	}
	if err != nil {
		t.Fatalf("in its own namespace: %v", err)
	}
	if !strings.Contains(string(out), "PASS") {
		t.Fatal("in its own namespace: the test did not run")
	}
	return false
}

// Command is this same program in fresh user, network and mount namespaces, as root there,
// with one more environment variable. It dies with its parent.
func Command(env string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	// The race detector sleeps a second at the end of every process, for reports of others.
	cmd.Env = append(os.Environ(), env, "GORACE=atexit_sleep_ms=10")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
	}
	return cmd
}

// Settle is the first thing to do inside Command's namespaces: it brings lo up, and keeps mounts
// made from now on to this process and its children.
func Settle() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("finding lo: %w", err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return fmt.Errorf("setting lo up: %w", err)
	}
	return nil
}

// ReplaceFile lays a file with this text over path (which must exist) for this process and its
// children, for as long as they live: /etc/hosts, /etc/resolv.conf, the system's certificates.
func ReplaceFile(path, text string) error {
	file, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "wandns-lab")
	if err != nil {
		return err
	}
	defer os.Remove(dir)
	// A file system of its own, which goes with the last mount of a file of it. (A file that was
	// removed could not be laid over again.)
	if err := syscall.Mount("wandns-lab", dir, "tmpfs", 0, ""); err != nil {
		return fmt.Errorf("mounting a tmpfs: %w", err)
	}
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	over := filepath.Join(dir, filepath.Base(path))
	if err := os.WriteFile(over, []byte(text), 0o644); err != nil {
		return err
	}
	if err := syscall.Mount(over, file, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("laying a file over %s: %w", path, err)
	}
	return nil
}

// Veth makes a pair of devices, both up: name is the router's side, peer the ISP's.
func Veth(name, peer string) (*netlink.Veth, error) {
	v := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: peer}
	if err := netlink.LinkAdd(v); err != nil {
		return nil, fmt.Errorf("adding veth %s: %w", name, err)
	}
	for _, n := range []string{name, peer} {
		l, err := netlink.LinkByName(n)
		if err != nil {
			return nil, err
		}
		if err := netlink.LinkSetUp(l); err != nil {
			return nil, fmt.Errorf("setting %s up: %w", n, err)
		}
	}
	return v, nil
}

// Addr parses "192.88.99.7/24" for the netlink library. IPv6 addresses skip duplicate
// address detection, so that they are there at once.
func Addr(cidr string) *netlink.Addr {
	ip, n, err := net.ParseCIDR(cidr)
	if err != nil {
		panic(err)
	}
	n.IP = ip
	a := &netlink.Addr{IPNet: n}
	if ip.To4() == nil {
		a.Flags = 0x02 // IFA_F_NODAD
	}
	return a
}
