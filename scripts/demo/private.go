package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/wandns/wandns/scripts/lab"
)

// dirEnv tells the inner process that it is one, and which directory is its own.
const dirEnv = "WANDNS_DEMO_DIR"

// enter runs this program again with a network of its own, and waits. Root goes on where user
// namespaces are switched off: it may have a network without one.
func enter(dir string, args []string) error {
	err := inner(dir, args).Run()
	if _, ran := err.(*exec.ExitError); ran || err == nil || os.Getuid() != 0 {
		return err
	}
	cmd := inner(dir, args)
	cmd.SysProcAttr.Cloneflags &^= syscall.CLONE_NEWUSER
	cmd.SysProcAttr.UidMappings, cmd.SysProcAttr.GidMappings = nil, nil
	return cmd.Run()
}

func inner(dir string, args []string) *exec.Cmd {
	cmd := lab.Command(dirEnv+"="+dir, args...)
	cmd.Env = append(cmd.Env, "TMPDIR="+dir) // all that is made goes when dir goes
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

// settle makes the namespaces ready; EPERM is among its errors when they have no power.
func settle() error {
	if err := lab.Settle(); err != nil {
		return err
	}
	if _, err := os.Stat("/proc/sys/net/ipv6"); err != nil {
		return fmt.Errorf("this kernel runs without IPv6, which half of the demo is about (%w)", err)
	}
	return nil
}

// gates are the settings by which systems keep people from having a network of their own.
var gates = []struct{ file, shut, open string }{
	{"kernel/unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1"},
	{"kernel/apparmor_restrict_unprivileged_userns", "1", "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"},
	{"user/max_user_namespaces", "0", "sudo sysctl user.max_user_namespaces=10000"},
}

// explain says what to do when the kernel did not give the demo a network.
func explain(err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "demo: this machine does not let you have a private network (%v).\n", err)
	for _, g := range gates {
		is, err := os.ReadFile("/proc/sys/" + g.file)
		if err == nil && strings.TrimSpace(string(is)) == g.shut {
			fmt.Fprintf(&b, "  allow it:       %s\n", g.open)
		}
	}
	if os.Getuid() == 0 {
		b.WriteString("  in a container: start it with the capability to make namespaces (CAP_SYS_ADMIN)")
	} else {
		fmt.Fprintf(&b, "  or run as root: sudo %s", strings.Join(os.Args, " "))
	}
	return b.String()
}
