package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"
)

// failure is an error for people: one line, no URL, no secret. What caused it can be asked for
// with errors.Is and errors.As.
type failure struct {
	kind Failure
	text string
	err  error
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.err }

// explain says what went wrong with a trip.
func (tr *trip) explain(err error) *failure {
	var f *failure
	if tr.ctx.Err() != nil {
		return tr.explainEnd(context.Cause(tr.ctx))
	}
	if errors.As(err, &f) {
		return f
	}
	for _, e := range [...]func(error) *failure{tr.explainName, tr.explainCertificate, tr.explainDial} {
		if f := e(err); f != nil {
			return f
		}
	}
	return tr.explainRest(err)
}

// explainEnd is for a trip that something else ended.
func (tr *trip) explainEnd(cause error) *failure {
	var f *failure
	var limit time.Duration
	switch {
	case errors.As(cause, &f):
		return f
	case cause == errLost:
		return &failure{AddressLost, fmt.Sprintf("our address%s is gone, and with it the connection to %s", tr.lostAddr(), tr.host), cause}
	case cause == errAgain:
		return tr.interrupted(nil)
	case cause == errConnect:
		limit = tr.t.opt.Connect
	case cause == errWhole:
		limit = tr.t.opt.Whole
	case errors.Is(cause, context.DeadlineExceeded):
		limit = time.Since(tr.ex.Started)
	default:
		return &failure{Canceled, "given up while " + tr.doing(), cause}
	}
	kind := Timeout
	if tr.phase.Load() == phaseLookup {
		kind = NameResolution
	}
	return &failure{kind, fmt.Sprintf("no end after %v while %s", limit.Round(time.Millisecond), tr.doing()), errors.Join(cause, context.DeadlineExceeded)}
}

// doing says how far the trip has come.
func (tr *trip) doing() string {
	return [...]string{
		phaseStart:   "starting",
		phaseLookup:  "looking up " + tr.next,
		phaseConnect: "connecting to " + tr.next,
		phaseProxy:   "asking " + tr.next + " for " + tr.host,
		phaseTLS:     "shaking hands (TLS) with " + tr.host,
		phaseSend:    "sending the request to " + tr.host,
		phaseAnswer:  "waiting for the answer of " + tr.host,
		phaseBody:    "reading the answer of " + tr.host,
	}[tr.phase.Load()]
}

func (tr *trip) lostAddr() string {
	tr.t.mu.Lock()
	a := tr.lost
	tr.t.mu.Unlock()
	if !a.IsValid() {
		tr.call.mu.Lock()
		a = tr.ex.Local
		tr.call.mu.Unlock()
	}
	if !a.IsValid() {
		return ""
	}
	return " " + a.String()
}

func (tr *trip) explainName(err error) *failure {
	var d *net.DNSError
	if !errors.As(err, &d) {
		return nil
	}
	why := clean(d.Err, 100)
	switch {
	case d.IsNotFound:
		why = "there is no such host"
	case d.IsTimeout:
		why = "the DNS server did not answer"
	}
	if d.Server != "" {
		why += " (asked " + d.Server + ")"
	}
	return &failure{NameResolution, "looking up " + tr.next + ": " + why, err}
}

func (tr *trip) explainCertificate(err error) *failure {
	var (
		host    x509.HostnameError
		invalid x509.CertificateInvalidError
		unknown x509.UnknownAuthorityError
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
	)
	text, kind := "", TLS
	switch {
	case errors.As(err, &host):
		text = "is for another name: " + certNames(host.Certificate)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		kind = ClockWrong
		text = tr.explainClock(invalid.Cert)
	case errors.As(err, &unknown):
		text = "is signed by an authority that the CA bundle does not have"
		if unknown.Cert != nil {
			text += ": " + clean(unknown.Cert.Issuer.String(), 100)
		}
	case errors.As(err, &verify):
		text = "is not valid: " + clean(verify.Err.Error(), 150)
	case errors.As(err, &record):
		return &failure{TLS, tr.host + " does not speak TLS on that port", err}
	default:
		return nil
	}
	return &failure{kind, "the certificate of " + tr.host + " " + text, err}
}

// explainClock compares a certificate's dates with our clock: either may be wrong.
func (tr *trip) explainClock(c *x509.Certificate) string {
	now := tr.t.opt.Now()
	clock := "; the clock here says " + now.UTC().Format("2006-01-02 15:04 UTC")
	if now.Before(c.NotBefore) {
		return "is not valid before " + c.NotBefore.UTC().Format("2006-01-02") + clock
	}
	return "expired on " + c.NotAfter.UTC().Format("2006-01-02") + clock
}

// certNames lists the first names of a certificate, which are whatever its owner wrote.
func certNames(c *x509.Certificate) string {
	const most = 4
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	for i, n := range names {
		names[i] = clean(n, 64)
	}
	if len(names) == 0 {
		return "it has none"
	}
	return strings.Join(names, ", ") + more
}

// dialReason is why no connection came about, in words; "" for the kernel's own.
func dialReason(no syscall.Errno) string {
	switch no {
	case syscall.ECONNREFUSED:
		return "connection refused"
	case syscall.ENETUNREACH:
		return "the network is unreachable"
	case syscall.EHOSTUNREACH:
		return "no route to host"
	case syscall.ENETDOWN:
		return "the network is down"
	case syscall.EADDRNOTAVAIL:
		return "no address to send from"
	case syscall.ENODEV:
		return "the device is gone"
	}
	return ""
}

func (tr *trip) explainDial(err error) *failure {
	var op *net.OpError
	var no syscall.Errno
	if tr.phase.Load() > phaseConnect || !errors.As(err, &op) {
		return nil
	}
	if op.Op == "proxyconnect" { // how net/http wraps a proxy's
		errors.As(op.Err, &op)
	}
	kind, why := Connect, clean(op.Err.Error(), 100)
	switch {
	case op.Timeout():
		kind, why = Timeout, "no answer"
	case errors.As(err, &no) && dialReason(no) != "":
		why = dialReason(no)
	}
	at := ""
	if op.Addr != nil {
		at = " (" + op.Addr.String() + ")"
	}
	return &failure{kind, "connecting to " + tr.next + at + ": " + why, err}
}

// explainRest goes by how far the trip had come.
func (tr *trip) explainRest(err error) *failure {
	why := ": " + clean(err.Error(), 150)
	if broken(err) {
		why = ": the connection was closed"
	}
	c := tr.conn.Load()
	switch p := tr.phase.Load(); {
	case p == phaseStart:
		return &failure{Refused, "the request to " + tr.host + " cannot be sent" + why, err}
	case p <= phaseProxy:
		return &failure{Connect, tr.doing() + why, err}
	case p == phaseTLS:
		return &failure{TLS, tr.doing() + why, err}
	case p <= phaseAnswer && c != nil && c.read.Load()-tr.readMark >= headLimit:
		return &failure{TooLarge, fmt.Sprintf("the head of the answer of %s is bigger than %d KiB", tr.host, headLimit>>10), err}
	}
	return tr.interrupted(err)
}

func (tr *trip) interrupted(err error) *failure {
	why := "the connection broke"
	if err != nil && !broken(err) {
		why = clean(err.Error(), 150)
	}
	return &failure{Interrupted, tr.doing() + ": " + why, err}
}

// broken says that the other side closed or reset the connection.
func broken(err error) bool {
	var no syscall.Errno
	if errors.As(err, &no) {
		return no == syscall.ECONNRESET || no == syscall.EPIPE
	}
	return strings.HasSuffix(err.Error(), "EOF") || strings.HasSuffix(err.Error(), "closed idle connection") || errors.Is(err, net.ErrClosed)
}

// clean makes text from elsewhere fit for one line: printable ASCII, at the most limit bytes.
func clean(s string, limit int) string {
	cut := len(s) > limit
	if cut {
		s = s[:limit]
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	if cut {
		s += "..."
	}
	return s
}
