//go:build !minimal

package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// Bounds of what the owner of a router can describe.
const (
	maxOwnFiles = 100
	maxOwnFile  = 32 << 10 // bytes
)

// Catalog is the services that wandns knows and those that the owner of the router described in
// the directory Dir, one file NAME.json each: a JSON object with the fields of services.txt,
// whose values are texts, yes or no, numbers, or lists of texts. A file comes before a service
// of the same name that wandns knows. The zero Catalog has no directory.
//
// The directory is read when a service is asked for, so a reload sees what changed.
type Catalog struct{ Dir string }

// Lookup is the service of that name, or nil. When its file is wrong, or it is a service that
// ended, the Info has nothing but its name and Err, which says what would be right.
func (c Catalog) Lookup(name string) *Info {
	var own *Info
	if c.Dir != "" && ownName(name) {
		own = c.own(name)
	}
	var unread *fs.PathError // no way to the file: that must not take away what needs none
	if own != nil && !errors.As(own.Err, &unread) {
		return own
	}
	if i := Lookup(name); i != nil {
		return i
	}
	if own != nil {
		return own
	}
	if reason, dead := Dead(name); dead {
		return unusable(name, errors.New(reason))
	}
	return nil
}

// All are the services that can be used, sorted by name. The error says which files are wrong.
func (c Catalog) All() ([]*Info, error) {
	names, err := c.names()
	errs := []error{err}
	all := All()
	for _, name := range names {
		i := c.own(name)
		switch {
		case i == nil: // gone since
			continue
		case i.Err != nil:
			errs = append(errs, i.Err)
			continue
		}
		all = append(slices.DeleteFunc(all, func(old *Info) bool { return old.Name == name }), i)
	}
	return sorted(all), errors.Join(errs...)
}

// names are those that the files of the directory describe.
func (c Catalog) names() ([]string, error) {
	if c.Dir == "" {
		return nil, nil
	}
	d, err := os.Open(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading descriptions of services: %w", err)
	}
	defer d.Close()
	files, err := d.Readdirnames(maxOwnFiles + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading descriptions of services: %w", err)
	}
	if len(files) > maxOwnFiles {
		return nil, fmt.Errorf("%s holds more than %d files; take out what is not used", c.Dir, maxOwnFiles)
	}
	var names []string
	var errs []error
	for _, file := range files {
		name, ok := strings.CutSuffix(file, ".json")
		switch {
		case !ok: // an editor's copy, or the package manager's
		case !ownName(name):
			errs = append(errs, fmt.Errorf("%s: call the file NAME.json, where NAME is small letters, digits and -", filepath.Join(c.Dir, file)))
		default:
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names, errors.Join(errs...)
}

// ownName says whether a service may be called so: it is a part of a path.
func ownName(name string) bool {
	return name != "" && len(name) <= 40 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// own is the service that a file describes, or nil when there is no such file.
func (c Catalog) own(name string) *Info {
	path := filepath.Join(c.Dir, name+".json")
	text, err := readOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var i *Info
	if err == nil {
		i, err = Describe(name, text)
	}
	if err != nil {
		return unusable(name, fmt.Errorf("reading %s: %w", path, err))
	}
	return i
}

func unusable(name string, err error) *Info {
	return &Info{Name: name, Title: name, Err: err, New: func(Settings) (Driver, error) { return nil, err }}
}

// readOwn reads a file of bounded size, and no device or pipe that would block.
func readOwn(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxOwnFile+1))
	if err == nil && len(text) > maxOwnFile {
		err = fmt.Errorf("it has more than %d bytes", maxOwnFile)
	}
	return text, err
}

// Describe reads the JSON form of a service's description; the format is that of a Catalog's
// files. The error names the field that is wrong and says what would be right.
func Describe(name string, text []byte) (*Info, error) {
	d := description{Name: name}
	fields := json.NewDecoder(bytes.NewReader(text))
	if start, err := fields.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("it must be a JSON object: { \"title\": \"...\", \"url\": \"...\" }")
	}
	seen := map[string]bool{}
	for fields.More() {
		token, err := fields.Token()
		if err != nil {
			return nil, notJSON(text, err)
		}
		key, _ := token.(string)
		if seen[key] {
			return nil, fmt.Errorf("field %s: it is there twice; a list of texts holds several values", key)
		}
		seen[key] = true
		var value any
		if err := fields.Decode(&value); err != nil {
			return nil, notJSON(text, err)
		}
		if err := d.setJSON(key, value); err != nil {
			return nil, fmt.Errorf("field %s: %w", key, err)
		}
	}
	if _, err := fields.Token(); err != nil {
		return nil, notJSON(text, err)
	}
	if _, err := fields.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object; there is one service in a file")
	}
	i := d.info()
	return i, i.Err
}

// notJSON says in which line the text is no JSON.
func notJSON(text []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := text[:max(0, min(syntax.Offset, int64(len(text))))]
		return fmt.Errorf("line %d: it is no JSON: %w", 1+bytes.Count(before, []byte("\n")), err)
	}
	return errors.New("it is no JSON: it ends in the middle")
}

// setJSON takes one field of the JSON form.
func (d *description) setJSON(key string, value any) error {
	switch v := value.(type) {
	case string:
		return d.set(key, v)
	case bool:
		if v {
			return d.set(key, "yes")
		}
		return d.set(key, "no")
	case float64:
		return d.set(key, fmt.Sprint(v))
	case []any:
		return d.setList(key, v)
	}
	return errors.New("it must be a text, true or false, a number, or a list of texts")
}

// setList takes several values: suffixes together, all others one after the other.
func (d *description) setList(key string, values []any) error {
	var texts []string
	for _, v := range values {
		text, ok := v.(string)
		if !ok {
			return errors.New("the list must hold texts")
		}
		texts = append(texts, text)
	}
	switch key {
	case "suffix":
		return d.set(key, strings.Join(texts, " "))
	case "option":
	default:
		if slices.ContainsFunc(descriptionKeys, func(k descriptionKey) bool { return k.key == key }) {
			return errors.New("it takes one text and no list")
		}
	}
	for _, text := range texts {
		if err := d.set(key, text); err != nil {
			return err
		}
	}
	return nil
}
