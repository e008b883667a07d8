// Package wholefile reads and replaces small files as wholes.
//
// In comes a path and a text; out goes a file that every reader sees either as it was or as it
// is to be, whatever happens in between, or the text of one that is not larger than expected.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Durable says whether a write must survive a power cut.
type Durable bool

// unfinished begins the names of the files that Write has not yet renamed.
const unfinished = ".new-"

// Tidy removes what writers left in a directory that were killed in the middle of Write. Nobody
// may be writing there now.
func Tidy(dir string) {
	files, _ := os.ReadDir(dir) // what cannot be read now fails elsewhere, with a message
	for _, f := range files {
		if strings.HasPrefix(f.Name(), unfinished) {
			_ = os.Remove(filepath.Join(dir, f.Name())) // it is in nobody's way, only in memory
		}
	}
}

// Read returns the text of a file of at most limit bytes. A larger one is an error.
func Read(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", path, limit)
	}
	return text, err
}

// Write replaces the file at path. The text is in place, or the error says why not and the old
// file is untouched.
func Write(path string, text []byte, mode fs.FileMode, durable Durable) error {
	f, err := os.CreateTemp(filepath.Dir(path), unfinished+"*")
	if err != nil {
		return err
	}
	err = f.Chmod(mode)
	if err == nil {
		_, err = f.Write(text)
	}
	if err == nil && bool(durable) {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what is left of a failed attempt
		return err
	}
	if durable {
		return syncDir(filepath.Dir(path))
	}
	return nil
}

// syncDir makes the renaming itself durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// SetAside moves a file that cannot be used to path.bad, where the owner can look at it. The
// message tells what was done and why.
func SetAside(path string, why error) (message string) {
	if err := os.Rename(path, path+".bad"); err != nil {
		return fmt.Sprintf("%s could not be used (%v) nor set aside (%v)", path, why, err)
	}
	return fmt.Sprintf("%s could not be used (%v) and was set aside as %s.bad", path, why, filepath.Base(path))
}
