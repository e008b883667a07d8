package main

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// access is one half of the page's access list.
type access struct {
	Ubus map[string][]string
	File map[string][]string
}

// granted is the page's access list as the package installs it; a session with read rights has
// the first half of it.
func (b *bridge) granted() []access {
	text, err := os.ReadFile(filepath.Join(b.root, "luci-app/root/usr/share/rpcd/acl.d/luci-app-wandns.json"))
	if err != nil {
		return nil
	}
	var list map[string]struct{ Read, Write json.RawMessage }
	if json.Unmarshal(text, &list) != nil {
		return nil
	}
	group := list["luci-app-wandns"]
	halves := []json.RawMessage{group.Read}
	if !b.readOnly.Load() {
		halves = append(halves, group.Write)
	}
	var out []access
	for _, half := range halves {
		var a access
		_ = json.Unmarshal(half, &a) // what is not read is not granted
		out = append(out, a)
	}
	return out
}

// ofEverybody are the objects that LuCI's own access lists grant; what they do is judged there.
var ofEverybody = []string{"session", "luci", "uci", "file"}

func (b *bridge) mayCall(object, method string) bool {
	return slices.Contains(ofEverybody, object) || slices.ContainsFunc(b.granted(), func(a access) bool {
		return slices.Contains(a.Ubus[object], method)
	})
}

func (b *bridge) mayExec(line string) bool {
	return slices.ContainsFunc(b.granted(), func(a access) bool { return slices.Contains(a.File[line], "exec") })
}

// serveApply is LuCI's own way to apply and to confirm.
func (b *bridge) serveApply(w http.ResponseWriter, r *http.Request) {
	switch filepath.Base(r.URL.Path) {
	case "apply_rollback", "apply_unchecked":
		changed, err := b.staged.apply()
		switch {
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		case !changed:
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if err := b.router.reload(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		reply(w, map[string]any{"token": session})
	case "revert":
		b.staged.revert()
		w.WriteHeader(http.StatusOK)
	default:
		w.WriteHeader(http.StatusOK)
	}
}

// serveTranslation is LuCI's script of messages, of our own ones.
func (b *bridge) serveTranslation(w http.ResponseWriter, r *http.Request) {
	lang := filepath.Base(r.URL.Path)
	messages, err := readPO(filepath.Join(b.root, "luci-app/po", lang, "wandns.po"))
	if err != nil {
		messages = map[string]string{}
	}
	text, _ := json.Marshal(messages) // strings
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	fmt.Fprintf(w, "window.PAGE_TR = %s;\n", text)
	if b.luci != "" {
		fmt.Fprint(w, "window.TR = {}; window._ = function(s) { return window.PAGE_TR[s] || s; };\n")
	}
}

// pages are the views by their place in the menu.
var pages = map[string]string{"overview": "wandns/overview", "config": "wandns/config", "log": "wandns/log", "import": "wandns/import"}

const document = `<!DOCTYPE html>
<html lang="%[1]s" data-darkmode="%[2]s"><head><meta charset="utf-8"><title>wandns</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/luci-static/bootstrap/cascade.css">
<script src="/cgi-bin/luci/admin/translations/%[1]s"></script>
<script src="/luci-static/resources/cbi.js"></script></head>
<body class="lang_%[1]s"><header><a class="brand" href="/">OpenWrt</a><ul class="nav" id="topmenu"></ul>
<div id="indicators" class="pull-right"></div></header>
<main id="maincontent" class="container"><div id="tabmenu"></div>
<script src="/luci-static/resources/luci.js"></script>
<script>L = new LuCI(%[3]s);</script>
<div id="view"><div class="spinning">Loading view…</div>
<script>L.require('ui').then(ui => ui.instantiateView('%[4]s'));</script></div></main></body></html>
`

// serveView is the document that LuCI's templates make around a view.
func (b *bridge) serveView(w http.ResponseWriter, r *http.Request) {
	name := filepath.Base(r.URL.Path)
	view, ok := pages[name]
	if strings.HasSuffix(r.URL.Path, "/status") {
		view, ok = "status/index", true
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/cgi-bin/luci/"), "/")
	env, _ := json.Marshal(map[string]any{ // plain values
		"media": "/luci-static/bootstrap", "resource": "/luci-static/resources", "scriptname": "/cgi-bin/luci",
		"pathinfo": "/" + strings.Join(path, "/"), "documentroot": "/www", "requestpath": path, "dispatchpath": path,
		"pollinterval": 5, "ubuspath": "/ubus/", "sessionid": session, "token": session,
		"nodespec":       map[string]any{"satisfied": true, "readonly": b.readOnly.Load()},
		"apply_rollback": 90, "apply_holdoff": 1, "apply_timeout": 5, "apply_display": 1, "rollback_token": nil,
	})
	lang := r.URL.Query().Get("lang")
	if lang == "" {
		lang = "en"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, document, html.EscapeString(lang), html.EscapeString(r.URL.Query().Get("dark")), env, view)
}

// serveControl is how a test acts on the router, and sees what was asked.
func (b *bridge) serveControl(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	what := filepath.Base(r.URL.Path)
	if err == nil {
		switch what {
		case "read-only":
			b.readOnly.Store(string(text) == "1")
		case "fake":
			b.mu.Lock()
			err = json.Unmarshal(text, &b.fakes)
			b.mu.Unlock()
		case "real":
			b.mu.Lock()
			clear(b.fakes)
			b.mu.Unlock()
		case "calls":
			b.mu.Lock()
			reply(w, b.calls)
			b.calls = nil
			b.mu.Unlock()
			return
		case "revert":
			b.staged.revert()
		case "config":
			text, err = os.ReadFile(b.router.ConfigFile)
			_, _ = w.Write(text)
		default:
			err = b.router.control(what, string(text))
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
