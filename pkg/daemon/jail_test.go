package daemon_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/wandns/wandns/pkg/daemon"
)

const jailDir = "WANDNS_TEST_JAIL_DIR"

// procd's jail gives the daemon a process number of its own: 1, which is somebody else outside.
func TestLock_tells_the_process_in_a_jail(t *testing.T) {
	if dir := os.Getenv(jailDir); dir != "" {
		inJail(t, dir)
		return
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), jailDir+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "locked as 1\n" {
		t.Fatalf("the jail says %q, %v", line, err)
	}
	written, err := os.ReadFile(filepath.Join(dir, "wandns.pid"))
	if err != nil || strings.TrimSpace(string(written)) != "1" {
		t.Errorf("the file has %q, %v", written, err)
	}
	p, err := daemon.Running(dir)
	if err != nil || p.Pid != cmd.Process.Pid {
		t.Errorf("running is %v, %v; want process %d", p, err, cmd.Process.Pid)
	}
	if err := stdin.Close(); err != nil { // which ends it
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func inJail(t *testing.T, dir string) {
	t.Helper()
	f, err := daemon.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if os.Getpid() == 1 {
		os.Stdout.WriteString("locked as 1\n")
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the other side is done
}
