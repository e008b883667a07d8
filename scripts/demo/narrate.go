package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/netwatch"
	"github.com/wandns/wandns/scripts/lab/double"
)

// reorder is how long a row waits for an earlier one from another source.
const reorder = 40 * time.Millisecond

// narrate writes the rows after the first so many as they come, in the order of their times,
// until the context ends; then the rest.
func (s *stage) narrate(ctx context.Context, from int, began time.Time) {
	tick := time.NewTicker(reorder / 2)
	defer tick.Stop()
	written := 0
	for ended := false; !ended; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			ended = true
		}
		rows, _ := s.journal.since(from)
		fresh := rows[written:]
		if !ended {
			young := slices.IndexFunc(fresh, func(r row) bool { return time.Since(r.at) < reorder })
			if young >= 0 {
				fresh = fresh[:young]
			}
		}
		written += len(fresh)
		slices.SortStableFunc(fresh, func(a, b row) int { return a.at.Compare(b.at) })
		for _, r := range fresh {
			s.tell(r, r.at.Sub(began))
		}
	}
}

// tell writes a row, if it is one that a reader wants to see.
func (s *stage) tell(r row, after time.Duration) {
	after = max(after, 0)
	switch r.kind {
	case fromKernel:
		s.page.event(after, blue, "kernel", kernelWords(r.change))
	case fromService:
		s.page.event(after, amber, "sent", requestWords(r.service, r.request))
	case fromDaemon:
		if s.page.log {
			s.page.event(after, dim, "log", r.line)
		}
		if who, text := s.logWords(r.line); text != "" {
			s.page.event(after, logStyles[who], who, text)
		}
	}
}

// changeWords are what the kernel's changes are called; what is not here is called by its name.
var changeWords = map[netwatch.What]string{
	netwatch.AddressAdded: "has", netwatch.AddressRemoved: "no longer has", netwatch.AddressChanged: "has",
	netwatch.LinkUp: "has a carrier", netwatch.LinkDown: "has no carrier",
}

func kernelWords(c netwatch.Change) string {
	word, ok := changeWords[c.What]
	if !ok {
		return c.String()
	}
	text := c.Link + " " + word
	if !c.Addr.IsValid() {
		return text
	}
	text += " " + c.Addr.String()
	if c.Detail == "" {
		return text
	}
	before, now, changed := strings.Cut(c.Detail, " -> ")
	if !changed {
		return text + ", " + flagWords(c.Detail)
	}
	return text + ", " + flagWords(now) + " (was " + flagWords(before) + ")"
}

// flagWords leaves out the flag that says that an address has no end, which is no news.
func flagWords(flags string) string {
	words := slices.DeleteFunc(strings.Split(flags, ","), func(w string) bool { return w == "permanent" })
	if len(words) == 0 {
		return "valid"
	}
	return strings.Join(words, ", ")
}

// shown are the parameters of requests that are shown, in this order: none of them is a secret.
var shown = []string{"name", "name.exact", "domains", "hostname", "type", "ip", "ipv6", "myip", "myipv6"}

// requestWords is a request as it was sent, without secrets and long identifiers.
func requestWords(service string, r double.Request) string {
	words := []string{r.Method, r.Host + shortPath(r.Path)}
	for _, key := range shown {
		if v := r.Query.Get(key); v != "" {
			words = append(words, v)
		}
	}
	if service == cloudflare {
		for _, key := range []string{"type", "content"} {
			if _, v, ok := strings.Cut(r.Body, `"`+key+`":"`); ok {
				v, _, _ = strings.Cut(v, `"`)
				words = append(words, v)
			}
		}
	}
	return strings.Join(words, " ")
}

// shortPath puts a dot where an identifier of 32 digits stands.
func shortPath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if len(p) == 32 {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// The daemon's log makes rows of three kinds.
const (
	recordRow = "record" // what a record is now
	wandnsRow = "wandns" // what is not as it should be
	lifeRow   = "daemon" // that it begins and ends
)

var logStyles = map[string]style{recordRow: green, wandnsRow: red, lifeRow: plain}

// logWords says what a line of the daemon's log means for its reader. Most lines say nothing
// that the other rows do not.
func (s *stage) logWords(line string) (who, text string) {
	f := fields(line)
	what := f["hostname"] + " " + f["type"]
	switch {
	case strings.HasPrefix(line, "info published "):
		for n, addr := range s.holds() {
			if n.host == f["hostname"] && n.rrtype == f["type"] {
				return recordRow, what + " is " + addr.String() + " at " + n.service
			}
		}
		return wandnsRow, what + " is said to be published, and is not there"
	case strings.HasPrefix(line, "warn not published "):
		text = what + " not published: " + f["reason"]
		if f["next"] != "" {
			text += "; next try in " + f["next"]
		}
		return wandnsRow, text
	case strings.HasPrefix(line, "error held "):
		return wandnsRow, what + " held: " + f["reason"]
	case strings.HasPrefix(line, "info no address "):
		return wandnsRow, "no " + f["family"] + " address for '" + f["record"] + "': " + f["reason"]
	case strings.HasPrefix(line, "info started "):
		return lifeRow, "started"
	case line == "info stopped":
		return lifeRow, "stopped"
	}
	return "", ""
}

// fields reads the key=value pairs of a log line; values with blanks in them are quoted.
func fields(line string) map[string]string {
	out := map[string]string{}
	for line != "" {
		before, rest, ok := strings.Cut(line, "=")
		if !ok {
			break
		}
		key := before[strings.LastIndexByte(before, ' ')+1:]
		value, err := strconv.QuotedPrefix(rest)
		if err != nil {
			value, _, _ = strings.Cut(rest, " ")
			out[key] = value
		} else {
			out[key], _ = strconv.Unquote(value) // it is a quoted prefix, so it can be
		}
		line = rest[len(value):]
	}
	return out
}
