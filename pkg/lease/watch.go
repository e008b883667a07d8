package lease

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// odhcpdHosts is a folder in which odhcpd writes when its leases change.
const odhcpdHosts = "/tmp/hosts"

// settle is how long a file that is being written is left alone.
const settle = 200 * time.Millisecond

// watcher tells of changes of files, by inotify(7): nothing is done while nothing changes.
type watcher struct{ file *os.File }

// newWatcher makes one that watches nothing yet. Without inotify, files are read when something
// else happens.
func newWatcher() watcher {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return watcher{}
	}
	return watcher{os.NewFile(uintptr(fd), "inotify")}
}

// watch looks after files and after what odhcpd writes. It is called again whenever the files have
// been read: one that was replaced is another one.
func (w watcher) watch(files []string) {
	conn, err := w.file.SyscallConn()
	if err != nil {
		return
	}
	const written = unix.IN_MODIFY | unix.IN_CLOSE_WRITE
	_ = conn.Control(func(fd uintptr) {
		for _, name := range files {
			_, err := unix.InotifyAddWatch(int(fd), name, written|unix.IN_MOVE_SELF|unix.IN_DELETE_SELF|unix.IN_ATTRIB)
			if err != nil { // it is not there yet
				_, _ = unix.InotifyAddWatch(int(fd), filepath.Dir(name), unix.IN_CREATE|unix.IN_MOVED_TO|unix.IN_ONLYDIR)
			}
		}
		_, _ = unix.InotifyAddWatch(int(fd), odhcpdHosts, unix.IN_CLOSE_WRITE|unix.IN_MOVED_TO|unix.IN_ONLYDIR)
	})
}

// run calls changed after each change, until ctx ends.
func (w watcher) run(ctx context.Context, changed func()) error {
	defer context.AfterFunc(ctx, func() { _ = w.file.Close() })()
	events := make([]byte, 4096)
	for {
		if _, err := w.file.Read(events); err != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(settle):
		}
		changed()
	}
}
