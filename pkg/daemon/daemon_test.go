package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/provider"
)

func parse(t *testing.T, text string) *config.Config {
	t.Helper()
	cfg, err := config.Parse("wandns", []byte(text), provider.Lookup)
	if err != nil || len(cfg.Problems) > 0 {
		t.Fatal(err, cfg)
	}
	return cfg
}

const deleting = `
config account 'cf'
	option provider 'cloudflare'
	option token '0123456789012345678901234567890123456789'
config record 'home'
	option account 'cf'
	option on_loss 'delete'
	list hostname 'home.example.org'
	list interface 'wan'
	list family 'ipv4'
`

var here = address.Decision{Addrs: []netip.Addr{netip.MustParseAddr("192.88.99.1")}, Device: "wan"}

// lossWait is how long an owner who says nothing about it is given.
const lossWait = 5 * time.Minute

func TestWants_deletes_only_after_a_certain_and_lasting_loss(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		code   address.Code
		after  time.Duration
		delete bool
	}{
		{"link-down-for-a-moment", address.LinkDown, lossWait - time.Second, false},
		{"link-down-for-long", address.LinkDown, lossWait, true},
		{"device-gone", address.NoDevice, lossWait, true},
		{"no-address", address.NoAddress, lossWait, true},
		{"still-being-checked", address.WaitingForDAD, time.Hour, false},
		{"private-address", address.PrivateAddress, time.Hour, false},
		{"carrier-grade-nat", address.CarrierGradeNAT, time.Hour, false},
		{"left-out-by-a-filter", address.Filtered, time.Hour, false},
		{"no-room-in-the-prefix", address.NoRoom, time.Hour, false},
		{"not-yet-known", address.NotYetKnown, time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := daemon.Follower{Config: parse(t, deleting), Family: address.IPv4}
			f.Next(here, start)
			_, again := f.Next(address.Decision{Code: c.code}, start)
			list, _ := f.Next(address.Decision{Code: c.code}, start.Add(c.after))
			if len(list) != 1 || list[0].Delete != c.delete {
				t.Fatalf("%+v", list)
			}
			if c.delete && !again.Equal(start.Add(lossWait)) {
				t.Fatalf("looks again at %v", again)
			}
			if list, _ := f.Next(here, start.Add(2*time.Hour)); list[0].Delete || len(list[0].Addrs) != 1 {
				t.Fatalf("when it is back: %+v", list)
			}
		})
	}
}

func TestWants_deletes_after_the_owner_s_time(t *testing.T) {
	f := daemon.Follower{Config: parse(t, deleting+"\toption loss_wait '1h'\n"), Family: address.IPv4}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Next(address.Decision{Code: address.LinkDown}, start)
	if list, again := f.Next(address.Decision{Code: address.NoAddress}, start.Add(time.Hour-1)); list[0].Delete || !again.Equal(start.Add(time.Hour)) {
		t.Fatalf("%+v, again at %v", list, again)
	}
	if list, _ := f.Next(address.Decision{Code: address.NoAddress}, start.Add(time.Hour)); !list[0].Delete {
		t.Fatalf("%+v", list)
	}
}

func TestWants_never_deletes_for_want_of_netifd(t *testing.T) {
	for _, code := range []address.Code{address.NoDevice, address.LinkDown, address.NoAddress} {
		f := daemon.Follower{Config: parse(t, deleting), Family: address.IPv4, Unnamed: true}
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		f.Next(address.Decision{Code: code}, start)
		if list, again := f.Next(address.Decision{Code: code}, start.Add(1000*time.Hour)); list[0].Delete || !again.IsZero() {
			t.Fatalf("%s: %+v, again at %v", code, list, again)
		}
		f.Unnamed = false // it has answered, and counts from now
		now := start.Add(1001 * time.Hour)
		if list, again := f.Next(address.Decision{Code: code}, now); list[0].Delete || !again.Equal(now.Add(lossWait)) {
			t.Fatalf("%s: %+v, again at %v", code, list, again)
		}
	}
}

func TestWants_keeps_by_default(t *testing.T) {
	f := daemon.Follower{Config: parse(t, strings.Replace(deleting, "option on_loss 'delete'", "", 1)), Family: address.IPv4}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Next(address.Decision{Code: address.NoDevice}, start)
	list, again := f.Next(address.Decision{Code: address.NoDevice}, start.Add(1000*time.Hour))
	if list[0].Delete || len(list[0].Addrs) != 0 || !again.IsZero() {
		t.Fatalf("%+v, again at %v", list, again)
	}
}

func TestWants_binds_only_when_told(t *testing.T) {
	start := time.Now()
	for text, want := range map[string]string{deleting: "", strings.Replace(deleting, "option token", "option bind '1'\n\toption token", 1): "wan"} {
		f := daemon.Follower{Config: parse(t, text), Family: address.IPv4}
		if list, _ := f.Next(here, start); list[0].Device != want {
			t.Fatalf("device %q, want %q", list[0].Device, want)
		}
	}
}

func TestLogger_a_value_can_never_look_like_more_than_one(t *testing.T) {
	var b bytes.Buffer
	l := daemon.NewLogger(&b, false)
	l.Log(daemon.Info, "held", "reason", "a b\nerror forged=1", "empty", "", "plain", "x.example")
	want := `info held reason="a b\nerror forged=1" plain=x.example` + "\n"
	if b.String() != want {
		t.Fatalf("got  %q\nwant %q", b.String(), want)
	}
	b.Reset()
	l.Log(daemon.Debug, "not at this level")
	l.SetLevel(daemon.Error)
	l.Log(daemon.Warn, "nor this")
	if b.Len() != 0 {
		t.Fatalf("logged %q", b.String())
	}
}

func TestLock_one_process_at_a_time(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := daemon.Running(dir); !errors.Is(err, daemon.ErrNotRunning) {
		t.Fatalf("before: %v", err)
	}
	held, err := daemon.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := daemon.Lock(dir); !errors.Is(err, daemon.ErrRunning) {
		t.Fatalf("twice: %v", err)
	}
	if p, err := daemon.Running(dir); err != nil || p.Pid != os.Getpid() {
		t.Fatalf("running: %v %v", p, err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := daemon.Running(dir); !errors.Is(err, daemon.ErrNotRunning) {
		t.Fatalf("after: %v", err)
	}
}

// Running has the lock for a moment. A process that starts just then is not told that there is another.
func TestLock_waits_for_who_only_looks(t *testing.T) {
	dir := t.TempDir()
	held, err := daemon.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := held.Name()
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	looking, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(int(looking.Fd()), unix.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(30*time.Millisecond, func() { _ = looking.Close() })
	if held, err = daemon.Lock(dir); err != nil {
		t.Fatal(err)
	}
	_ = held.Close()
}

// A number left behind by a process that is gone must never be signalled.
func TestRunning_does_not_trust_an_old_number(t *testing.T) {
	dir := t.TempDir()
	sleeper := exec.Command("cat")
	in, err := sleeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		_ = sleeper.Wait()
	}()
	if err := os.WriteFile(filepath.Join(dir, "wandns.pid"), []byte("1234567\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wish(dir, "home"); !errors.Is(err, daemon.ErrNotRunning) {
		t.Fatalf("wish: %v", err)
	}
}

func TestTakeWishes_takes_each_once(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "update"), []byte("home\nnas\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := daemon.TakeWishes(dir); !slices.Equal(got, []string{"home", "nas"}) {
		t.Fatalf("%q", got)
	}
	if got := daemon.TakeWishes(dir); !slices.Equal(got, []string{""}) {
		t.Fatalf("a signal without a file: %q", got)
	}
}

func TestWaitForClock_returns_when_the_time_has_come(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	at := time.Now().Add(300 * time.Millisecond)
	if err := daemon.WaitForClock(ctx, at); err != nil {
		t.Fatal(err)
	}
	if late := time.Since(at); late < 0 || late > 5*time.Second {
		t.Fatalf("returned %v after", late)
	}
	if err := daemon.WaitForClock(ctx, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
}

func TestWaitForClock_ends_with_its_context(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- daemon.WaitForClock(ctx, time.Now().Add(1000*time.Hour)) }()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it goes on")
	}
}

func TestReadStatus_without_a_daemon(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := daemon.ReadStatus(dir); !errors.Is(err, daemon.ErrNotRunning) {
		t.Fatalf("%v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "status.json"), []byte(`{"version":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := daemon.ReadStatus(dir); err == nil {
		t.Fatal("half a status is no error")
	}
}
