package egress_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wandns/wandns/pkg/egress"
)

// Requests that a library makes without its context belong to the use that took them, one use at a
// time, and end with it.
func TestTakeStrays(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	defer server.Close()
	before := http.DefaultTransport
	out := egress.New(egress.Options{UserAgent: "wandns/test"})
	http.DefaultTransport = out
	defer func() { http.DefaultTransport = before; out.Release() }()

	call := &egress.Call{Path: egress.Path{InsecureHTTP: true}}
	ctx, cancel := context.WithCancel(call.Context(context.Background()))
	release, err := egress.TakeStrays(ctx)
	if err != nil {
		t.Fatal(err)
	}
	get := func() error {
		resp, err := http.Get(server.URL) //nolint:noctx // that is what this is about
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	if err := get(); err != nil {
		t.Fatal(err)
	}
	if x := call.Exchanges(); len(x) != 1 || x[0].Status != http.StatusTeapot {
		t.Fatalf("the call has %+v", x)
	}

	short, stop := context.WithCancel(context.Background())
	stop()
	if _, err := egress.TakeStrays(short); !errors.Is(err, context.Canceled) {
		t.Errorf("taken twice: %v", err)
	}
	next := make(chan func())
	go func() {
		r, err := egress.TakeStrays(context.Background())
		if err != nil {
			t.Error(err)
		}
		next <- r
	}()
	cancel()
	if err := get(); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of the use: %v", err)
	}
	release()
	(<-next)()
	if err := get(); err == nil || len(call.Exchanges()) != 2 {
		t.Errorf("nobody's request: %v, %d exchanges", err, len(call.Exchanges()))
	}
}
