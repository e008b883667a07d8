package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/daemon"
	"github.com/wandns/wandns/pkg/publish"
)

// status shows what the daemon last wrote.
func status(i *invocation) error {
	s, running, err := daemon.ReadStatus(i.runDir)
	if err != nil {
		return err
	}
	if err := i.show(s); err != nil {
		return err
	}
	if !running {
		return fmt.Errorf("%w; this is how it stood at %s", daemon.ErrNotRunning, s.Written.Local().Format(time.DateTime))
	}
	return nil
}

// show prints a status, for people or as JSON.
func (i *invocation) show(s daemon.Status) error {
	if i.json {
		return writeJSON(i.out, s)
	}
	if s.Error != "" {
		fmt.Fprintln(i.out, "The configuration in the file is not in use:", s.Error)
	}
	for _, p := range s.Problems {
		fmt.Fprintln(i.out, p.Error())
	}
	if !s.Enabled {
		fmt.Fprintln(i.out, "wandns is switched off: option enabled '0' in the main section")
	}
	if s.Waiting != "" {
		fmt.Fprintln(i.out, s.Waiting)
	}
	rows := [][]string{{"RECORD", "NAME", "TYPE", "STATE", "ADDRESS", "SINCE", ""}}
	for _, r := range s.Records {
		if !r.Enabled {
			rows = append(rows, []string{r.Name, "", "", "disabled", "", "", ""})
		}
		for _, n := range r.Names {
			rows = append(rows, []string{r.Name, n.Hostname, n.Type, stateWord(n), addresses(n), since(n.Changed, s.Written), detail(n, s.Written)})
		}
	}
	if len(rows) == 1 {
		fmt.Fprintln(i.out, "no records are configured")
		return nil
	}
	writeTable(i.out, rows)
	for _, n := range s.Interfaces {
		if n.NATText != "" {
			fmt.Fprintf(i.out, "\n%s: %s\n", n.Name, n.NATText)
		}
	}
	return nil
}

func stateWord(n daemon.Name) string {
	if n.State == publish.Idle {
		return "no address"
	}
	return string(n.State)
}

// addresses shows what is published, and what should be when that is something else.
func addresses(n daemon.Name) string {
	held, wanted := join(n.Published), join(n.Wanted)
	switch {
	case held == wanted || wanted == "":
		return orDash(held)
	case !n.Known || held == "":
		return "→ " + wanted
	}
	return held + " → " + wanted
}

func detail(n daemon.Name, now time.Time) string {
	text := n.Reason
	if n.State == publish.Current && n.Code == "" {
		text = ""
	}
	if n.Next != nil && n.State != publish.Current {
		text = strings.TrimSuffix(text, ".")
		text += "; next try " + in(n.Next.Sub(now))
	}
	return strings.TrimPrefix(text, "; ")
}

func since(t *time.Time, now time.Time) string {
	if t == nil {
		return "-"
	}
	return span(now.Sub(*t)) + " ago"
}

func in(d time.Duration) string {
	if d <= 0 {
		return "now"
	}
	return "in " + span(d)
}

// span is a duration in its two largest units at the most: "3 min", "2 d 4 h".
func span(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", max(0, s))
	case s < 3600:
		return fmt.Sprintf("%d min", s/60)
	case s < 48*3600:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	}
	return fmt.Sprintf("%d d %d h", s/86400, s%86400/3600)
}

func join(addrs []netip.Addr) string {
	s := make([]string, len(addrs))
	for i, a := range addrs {
		s[i] = a.String()
	}
	return strings.Join(s, " ")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// writeTable writes columns two spaces apart. The last one may be as long as it is.
func writeTable(w io.Writer, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for c, cell := range row {
			width[c] = max(width[c], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		line := ""
		for c, cell := range row {
			line += cell
			if c < len(row)-1 {
				line += strings.Repeat(" ", width[c]-len([]rune(cell))+2)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// allConfirmed says that every name that has an address is as it should be, and that every
// record has one.
func allConfirmed(s daemon.Status) bool {
	if s.Error != "" || s.Waiting != "" || len(s.Problems) > 0 {
		return false
	}
	for _, r := range s.Records {
		current := 0
		for _, n := range r.Names {
			switch n.State {
			case publish.Current:
				current++
			case publish.Idle:
			default:
				return false
			}
		}
		if r.Enabled && current == 0 {
			return false
		}
	}
	return true
}

// update leaves a wish for the daemon.
func update(i *invocation) error {
	record := ""
	if len(i.args) == 1 {
		record = i.args[0]
		s, _, err := daemon.ReadStatus(i.runDir)
		if err != nil {
			return err
		}
		if err := knownRecord(s, record); err != nil {
			return err
		}
	}
	return daemon.Wish(i.runDir, record)
}

func knownRecord(s daemon.Status, record string) error {
	var names []string
	for _, r := range s.Records {
		switch {
		case r.Name == record && r.Enabled:
			return nil
		case r.Name == record:
			return fmt.Errorf("record '%s' is disabled", record)
		}
		names = append(names, "'"+r.Name+"'")
	}
	return fmt.Errorf("there is no record '%s'; there are %s", record, strings.Join(names, ", "))
}

// check reads the configuration and says what is wrong with it.
func check(i *invocation) error {
	cfg, err := config.LoadCopy(i.config, i.edited(), i.catalog().Lookup)
	if err != nil {
		return err
	}
	if i.json {
		if err := writeJSON(i.out, append([]config.Problem{}, cfg.Problems...)); err != nil {
			return err
		}
	} else {
		for _, p := range cfg.Problems {
			fmt.Fprintln(i.out, p.Error())
		}
	}
	if len(cfg.Problems) > 0 {
		return errNotDone
	}
	if !i.json {
		fmt.Fprintf(i.out, "%s is right: %d accounts, %d records\n", i.config, len(cfg.Accounts), len(cfg.Records))
	}
	return nil
}

// providers lists the services.
func providers(i *invocation) error {
	all, wrong := i.catalog().All()
	if i.json {
		return errors.Join(writeJSON(i.out, all), wrong)
	}
	rows := [][]string{{"PROVIDER", "SERVICE", "OPTIONS (* needed)"}}
	for _, p := range all {
		var options []string
		for _, o := range p.Options {
			name := o.Name
			if o.Required {
				name += "*"
			}
			options = append(options, name)
		}
		rows = append(rows, []string{p.Name, p.Title, strings.Join(options, " ")})
	}
	writeTable(i.out, rows)
	return wrong
}
