package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// waitForClock returns when the wall clock shows at least t, or ctx ends. A router has no clock at
// boot: until NTP sets it, every certificate looks wrong. The kernel wakes the timer both when
// the time comes by itself and when the clock is stepped (timerfd_create(2),
// TFD_TIMER_CANCEL_ON_SET), so nothing polls.
func waitForClock(ctx context.Context, t time.Time) error {
	for time.Now().Before(t) {
		if err := oneWait(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func oneWait(ctx context.Context, t time.Time) error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("making a timer: %w", err)
	}
	timer := os.NewFile(uintptr(fd), "timerfd")
	defer timer.Close()
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(t.UnixNano())}
	if err := unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &spec, nil); err != nil {
		return fmt.Errorf("setting a timer: %w", err)
	}
	if !time.Now().Before(t) { // set before the timer was
		return nil
	}
	defer context.AfterFunc(ctx, func() { _ = timer.SetReadDeadline(time.Unix(1, 0)) })() // wakes the read; a file that is closed needs no waking
	var buf [8]byte
	_, err = timer.Read(buf[:])
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !os.IsTimeout(err) && !canceled(err) {
		return fmt.Errorf("waiting for the clock: %w", err)
	}
	return nil
}

// canceled is how the kernel says that the clock was stepped.
func canceled(err error) bool { return errors.Is(err, unix.ECANCELED) }
