package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/ubus"
)

// session is that of everybody who asks.
const session = "0123456789abcdef0123456789abcdef"

// bridge plays uhttpd and rpcd: files, and JSON-RPC to the bus within the page's access list.
type bridge struct {
	router *router
	root   string // of the repository
	luci   string // LuCI's own resources; empty: our stand-in

	staged   *staged
	readOnly atomic.Bool
	mu       sync.Mutex
	fakes    map[string]json.RawMessage // "object method": what it answers instead
	calls    []string                   // what was asked, as it came
}

// listen serves until the process ends, and tells where.
func (b *bridge) listen() (string, error) {
	b.staged = &staged{file: b.router.ConfigFile}
	b.fakes = map[string]json.RawMessage{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/ubus/", b.serveBus)
	mux.HandleFunc("/control/", b.serveControl)
	mux.HandleFunc("/cgi-bin/luci/admin/uci/", b.serveApply)
	mux.HandleFunc("/cgi-bin/luci/admin/translations/", b.serveTranslation)
	mux.HandleFunc("/cgi-bin/luci/admin/menu", func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{}) })
	mux.HandleFunc("/cgi-bin/luci/", b.serveView)
	mux.HandleFunc("/luci-static/", b.serveFile)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // until the process ends
	return "http://" + l.Addr().String(), nil
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the browser may be gone
}

// serveFile serves the page's own files, then LuCI's or those of the stand-in.
func (b *bridge) serveFile(w http.ResponseWriter, r *http.Request) {
	name := filepath.FromSlash(strings.TrimPrefix(filepath.Clean(r.URL.Path), "/luci-static/"))
	dirs := []string{filepath.Join(b.root, "luci-app/htdocs/luci-static"), filepath.Join(b.root, "scripts/page/luci-static")}
	if b.luci != "" {
		dirs[1] = b.luci
	}
	for _, dir := range dirs {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			http.ServeFile(w, r, filepath.Join(dir, name))
			return
		}
	}
	http.NotFound(w, r)
}

// rpc is one JSON-RPC message.
type rpc struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

func (b *bridge) serveBus(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	var batch []rpc
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		err = json.Unmarshal(text, &batch)
	} else {
		batch = make([]rpc, 1)
		err = json.Unmarshal(text, &batch[0])
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var out []map[string]any
	for _, m := range batch {
		out = append(out, b.answer(r.Context(), m))
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		reply(w, out)
		return
	}
	reply(w, out[0])
}

func (b *bridge) answer(ctx context.Context, m rpc) map[string]any {
	out := map[string]any{"jsonrpc": "2.0", "id": m.ID}
	if m.Method != "call" || len(m.Params) != 4 {
		out["result"] = map[string]any{}
		return out
	}
	var object, method string
	if json.Unmarshal(m.Params[1], &object) != nil || json.Unmarshal(m.Params[2], &method) != nil {
		out["error"] = map[string]any{"code": -32602, "message": "Invalid parameters"}
		return out
	}
	b.mu.Lock()
	b.calls = append(b.calls, object+" "+method+" "+string(m.Params[3]))
	fake, faked := b.fakes[object+" "+method]
	b.mu.Unlock()
	if !b.mayCall(object, method) {
		out["error"] = map[string]any{"code": -32002, "message": "Access denied"}
		return out
	}
	var data any = fake
	var err error
	if !faked {
		data, err = b.call(ctx, object, method, m.Params[3])
	}
	switch {
	case errors.Is(err, errAbsent):
		out["error"] = map[string]any{"code": -32000, "message": "Object not found"}
	case errors.Is(err, errDenied):
		out["result"] = []any{int(ubus.PermissionDenied)}
	case errors.Is(err, os.ErrNotExist):
		out["result"] = []any{int(ubus.NotFound)}
	case err != nil:
		out["result"] = []any{int(max(ubus.StatusOf(err), ubus.UnknownError))}
	case data == nil:
		out["result"] = []any{0}
	default:
		out["result"] = []any{0, data}
	}
	return out
}

var (
	errAbsent = errors.New("no such object")
	errDenied = errors.New("not allowed")
)

// call calls what is called that; those that are not ours go to the bus.
func (b *bridge) call(ctx context.Context, object, method string, args json.RawMessage) (any, error) {
	switch object {
	case "session":
		return map[string]any{"access": true}, nil
	case "luci":
		return map[string]any{}, nil
	case "uci":
		return b.uci(method, args)
	case "luci.wandns":
		return b.staged.masked(isOpen)
	case "log":
		return map[string]any{"log": b.router.logged()}, nil
	case "file":
		return b.exec(ctx, args)
	}
	timed, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	m, err := b.router.client.Call(timed, object, method, func(out *ubus.Builder) { _ = out.JSON(string(args)) }) // it was parsed
	switch {
	case ubus.StatusOf(err) == ubus.NotFound && method == "status", errors.Is(err, ubus.ErrNotConnected):
		return nil, errAbsent
	case err != nil:
		return nil, err
	}
	return json.RawMessage(m.String()), nil
}

func (b *bridge) uci(method string, args json.RawMessage) (any, error) {
	var c uciCall
	if err := json.Unmarshal(args, &c); err != nil {
		return nil, err
	}
	switch {
	case method == "changes":
		return map[string]any{"changes": map[string]any{}}, nil // nothing that this session may read
	case method == "get" && c.Config != "wandns":
		return map[string]any{"values": map[string]any{}}, nil
	case method == "get", b.readOnly.Load(), c.Config != "wandns":
		return nil, errDenied
	}
	switch method {
	case "add":
		name, err := b.staged.add(c)
		return map[string]any{"section": name}, err
	case "set":
		return nil, b.staged.set(c)
	case "delete":
		return nil, b.staged.remove(c)
	case "order":
		return nil, b.staged.order(c)
	case "revert":
		b.staged.revert()
		return nil, nil
	}
	return nil, fmt.Errorf("uci has no %s", method)
}

// isOpen says whether a page may see an option of an account.
func isOpen(service, option string) bool {
	for _, o := range config.Options("account") {
		if o.Name == option {
			return !o.Secret
		}
	}
	for _, p := range provider.All() {
		i := slices.IndexFunc(p.Options, func(o provider.Option) bool { return o.Name == option })
		if p.Name == service && i >= 0 {
			return !p.Options[i].Secret
		}
	}
	return false
}

// exec runs what the access list names, the program's part of it for real.
func (b *bridge) exec(ctx context.Context, args json.RawMessage) (any, error) {
	var c struct {
		Command string
		Params  []string
	}
	if err := json.Unmarshal(args, &c); err != nil {
		return nil, err
	}
	line := strings.Join(append([]string{c.Command}, c.Params...), " ")
	if !b.mayExec(line) {
		return nil, errDenied
	}
	switch line {
	case "/etc/init.d/wandns start":
		return map[string]any{"code": 0}, b.router.start()
	case "/etc/init.d/wandns reload":
		return map[string]any{"code": 0}, b.router.reload()
	case "/etc/init.d/ddns stop", "/etc/init.d/ddns disable":
		return map[string]any{"code": 0}, nil
	}
	words := append(c.Params, filepath.Join(b.router.Dir, "ddns"), "--config", b.router.ConfigFile)
	cmd := exec.CommandContext(ctx, b.router.program, words...)
	var out, bad bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &bad
	_ = cmd.Run() // its code is in the answer
	return map[string]any{"code": cmd.ProcessState.ExitCode(), "stdout": out.String(), "stderr": bad.String()}, nil
}
