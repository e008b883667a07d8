package daemon

import (
	"io"
	"log"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Level is how much is logged.
type Level int8

// The levels, in the order of the option log_level.
const (
	Error Level = iota
	Warn
	Info
	Debug
)

var levelNames = [...]string{"error", "warn", "info", "debug"}

func (l Level) String() string { return levelNames[l] }

// ParseLevel is the reverse of String; ok is false for a name that is none.
func ParseLevel(name string) (l Level, ok bool) {
	for i, n := range levelNames {
		if n == name {
			return Level(i), true
		}
	}
	return Info, false
}

// Logger writes lines of the form
//
//	info published hostname=home.example.org type=A address=192.88.99.7
//
// on the standard log: at the default level one for each change and each failure. It may be
// used from several goroutines.
type Logger struct {
	level  atomic.Int32
	out    *log.Logger
	system *systemLog // nil: only out
}

// NewLogger writes to w. With stamp, every line begins with date and time: for a terminal,
// since a system log has its own.
func NewLogger(w io.Writer, stamp bool) *Logger {
	flags := 0
	if stamp {
		flags = log.LstdFlags
	}
	l := &Logger{out: log.New(w, "", flags)}
	l.SetLevel(Info)
	return l
}

// NewSystemLogger writes to the system's log at socket (/dev/log), so that every line has its
// own priority there; and to fallback as long as nobody listens at the socket.
func NewSystemLogger(socket string, fallback io.Writer) *Logger {
	l := NewLogger(fallback, false)
	l.system = &systemLog{path: socket}
	return l
}

// SetLevel says from now on how much is logged.
func (l *Logger) SetLevel(level Level) { l.level.Store(int32(level)) }

// Log writes a line. what is a fixed phrase; pairs are keys and values, of which those with an
// empty value are left out.
func (l *Logger) Log(level Level, what string, pairs ...string) {
	if level > Level(l.level.Load()) {
		return
	}
	var b strings.Builder
	b.WriteString(what)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		b.WriteByte(' ')
		b.WriteString(pairs[i])
		b.WriteByte('=')
		b.WriteString(quoted(pairs[i+1]))
	}
	if l.system == nil || !l.system.write(level, b.String(), time.Now()) {
		l.out.Print(level.String() + " " + b.String())
	}
}

// quoted puts a value into quotes where a reader or a program could otherwise not tell where it
// ends, and shows control characters as what they are.
func quoted(v string) string {
	for _, r := range v {
		if r <= ' ' || r == '"' || r == '=' || r == '\\' || !strconv.IsPrint(r) {
			return strconv.Quote(v)
		}
	}
	return v
}
