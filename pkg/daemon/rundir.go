package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/wandns/wandns/pkg/wholefile"
)

// The files of a run directory, beside those of package publish.
const (
	lockFile   = "wandns.pid"
	statusFile = "status.json"
	wishFile   = "update"
)

// ErrRunning says that another wandns works in the run directory.
var ErrRunning = errors.New("wandns is running already")

// ErrNotRunning says that no wandns works in the run directory.
var ErrNotRunning = errors.New("wandns is not running")

// lock takes the run directory for this process until the file is closed. The lock is the
// kernel's: it ends with the process, however that ends. A second lock of the other kind
// (fcntl(2)) tells others which process it is: in a jail our own number for us means nothing
// outside, or somebody else.
func lock(runDir string) (*os.File, error) {
	if err := os.MkdirAll(runDir, 0o755); err != nil {
		return nil, fmt.Errorf("making the run directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(runDir, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the run directory: %w", err)
	}
	err = take(f)
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid())
	}
	if err == nil {
		mark := unix.Flock_t{Type: unix.F_WRLCK}
		err = unix.FcntlFlock(f.Fd(), unix.F_SETLK, &mark)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking %s: %w", f.Name(), err)
	}
	return f, nil
}

// take takes the lock. Somebody who only looks whether there is a process has it for a moment too, but
// not the second one.
func take(f *os.File) error {
	for tries := 0; ; tries++ {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return err
		}
		owner := unix.Flock_t{Type: unix.F_WRLCK}
		if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &owner); err != nil || owner.Type != unix.F_UNLCK || tries == lockTries {
			return ErrRunning
		}
		time.Sleep(lockPause)
	}
}

// lockTries is how often the lock is tried again, and lockPause how long after.
const (
	lockTries = 100
	lockPause = 10 * time.Millisecond
)

// Running finds the process that works in a run directory.
func Running(runDir string) (*os.Process, error) {
	f, err := os.Open(filepath.Join(runDir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil {
		return nil, ErrNotRunning // the number in the file is of a process that is gone
	}
	// The kernel gives the number that the process has here.
	owner := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &owner); err == nil && owner.Type != unix.F_UNLCK && owner.Pid > 1 {
		return os.FindProcess(int(owner.Pid))
	}
	text, err := wholefile.Read(f.Name(), 32)
	if err != nil {
		return nil, err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return nil, fmt.Errorf("%s does not hold a process number", f.Name())
	}
	return os.FindProcess(pid)
}

// Wish asks the daemon of a run directory to update a record (empty: all) now. Its answer is
// the status that follows.
func Wish(runDir, record string) error {
	p, err := Running(runDir)
	if err != nil {
		return err
	}
	// The directory belongs to the daemon's user, and root may be asking: no link is followed.
	f, err := os.OpenFile(filepath.Join(runDir, wishFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND|unix.O_NOFOLLOW, 0o644)
	if err != nil {
		return fmt.Errorf("asking for an update: %w", err)
	}
	_, err = fmt.Fprintln(f, record)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("asking for an update: %w", err)
	}
	return p.Signal(unix.SIGUSR1)
}

// takeWishes returns the records that people asked for since the last call.
func takeWishes(runDir string) []string {
	path := filepath.Join(runDir, wishFile)
	text, err := wholefile.Read(path, 64<<10)
	_ = os.Remove(path) // not there is as well
	if err != nil {
		return []string{""} // the signal without the file: all
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}
