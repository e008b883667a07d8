package wholefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/wandns/wandns/pkg/wholefile"
)

func TestWrite_readers_see_old_or_new(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	texts := []string{strings.Repeat("a", 100_000), strings.Repeat("b", 50_000)}
	if err := wholefile.Write(path, []byte(texts[0]), 0o600, true); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := range 200 {
			if err := wholefile.Write(path, []byte(texts[i%2]), 0o600, false); err != nil {
				t.Error(err)
			}
		}
	}()
	for range 500 {
		got, err := wholefile.Read(path, 1<<20)
		if err != nil || string(got) != texts[0] && string(got) != texts[1] {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	wg.Wait()
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Fatalf("left behind: %v %v", left, err)
	}
}

func TestWrite_keeps_the_old_file_when_it_cannot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d")
	if err := os.Mkdir(path, 0o700); err != nil { // a directory cannot be replaced by a file
		t.Fatal(err)
	}
	if err := wholefile.Write(path, []byte("x"), 0o600, false); err == nil {
		t.Fatal("no error")
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 || !left[0].IsDir() {
		t.Fatalf("left behind: %v %v", left, err)
	}
}

func TestRead_refuses_more_than_the_limit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 11), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := wholefile.Read(path, 10); err == nil {
		t.Fatal("no error")
	}
	if got, err := wholefile.Read(path, 11); err != nil || len(got) != 11 {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
}

func TestSetAside_keeps_the_text(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("odd"), 0o600); err != nil {
		t.Fatal(err)
	}
	wholefile.SetAside(path, os.ErrInvalid)
	if got, err := os.ReadFile(path + ".bad"); err != nil || string(got) != "odd" {
		t.Fatalf("%q %v", got, err)
	}
}

func TestTidy_removes_what_a_killed_writer_left_and_nothing_else(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b") // a name that a pattern would not match
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".new-123", "state", "state.bad"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wholefile.Tidy(dir)
	wholefile.Tidy(filepath.Join(dir, "nowhere"))
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 || left[0].Name() != "state" || left[1].Name() != "state.bad" {
		t.Fatalf("left %v, %v", left, err)
	}
}
