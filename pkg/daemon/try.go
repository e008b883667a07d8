package daemon

import (
	"context"
	"time"

	"github.com/wandns/wandns/pkg/config"
	"github.com/wandns/wandns/pkg/provider"
	"github.com/wandns/wandns/pkg/ubus"
	"github.com/wandns/wandns/pkg/uci"
)

// tryTimeout is how long a service has to say whether it takes a login. Who asks over rpcd is
// gone after 20 s.
const tryTimeout = 15 * time.Second

// verdict is what a service says of a login.
type verdict struct {
	Outcome string `json:"outcome"` // a provider.Outcome; "invalid" when the options are wrong; "cannot" when the service has no way to say
	Word    string `json:"word,omitempty"`
	Text    string `json:"text"`
}

// busTest asks a service whether it takes an account's login, which changes nothing there: that of
// an account that is in use or, with options, of one that is being edited. The question may
// take long, so that it is asked beside the loop, one at a time.
func (d *Daemon) busTest(ctx context.Context, r *ubus.Request) error {
	name, _ := r.Args.Get("account").Text()
	options, err := optionsOf(r.Args.Get("options"))
	if err != nil {
		return err
	}
	select {
	case d.bus.trying <- struct{}{}:
	default:
		return reply(r, verdict{Outcome: provider.SlowDown.String(), Text: "another account is being tested: wait for its answer"})
	}
	r.Defer()
	ask := func() {
		test, v := d.trial(name, options)
		if test == nil {
			<-d.bus.trying
			r.Finish(reply(r, v))
			return
		}
		d.bus.tries.Add(1)
		go func() {
			defer d.bus.tries.Done()
			v := test(ctx)
			<-d.bus.trying
			r.Finish(reply(r, v))
		}()
	}
	select {
	case d.bus.asks <- ask:
		return nil
	case <-d.bus.done:
	case <-ctx.Done():
	}
	<-d.bus.trying
	r.Finish(&ubus.StatusError{Code: ubus.NoData})
	return nil
}

// trial makes the question to the service ready, or says why there is none to ask.
func (d *Daemon) trial(name string, options []uci.Option) (test func(context.Context) verdict, why verdict) {
	a, ok := d.cfg.Account(name)
	if !ok {
		a = nil
	}
	if len(options) > 0 {
		var problems []config.Problem
		if a, problems = config.Try(options, a, d.cfg.Main, d.o.Lookup); len(problems) > 0 {
			return nil, verdict{Outcome: "invalid", Text: said(problems[0])}
		}
	}
	if a == nil {
		return nil, verdict{Outcome: "invalid", Text: "there is no account '" + name + "' in use; save and apply it first"}
	}
	if d.blocked != "" {
		return nil, verdict{Outcome: provider.Trouble.String(), Text: d.blocked}
	}
	service, err := open(a)
	if err != nil {
		return nil, verdict{Outcome: "invalid", Text: err.Error()}
	}
	device := ""
	if a.Bind {
		device = d.deviceOf(name)
	}
	return func(ctx context.Context) verdict {
		ctx, cancel := context.WithTimeout(ctx, tryTimeout)
		defer cancel()
		res := service.Test(ctx, device)
		v := verdict{Outcome: res.Outcome.String(), Word: res.Word, Text: res.Text}
		if res.NotSent && res.Outcome == provider.Unknown {
			v.Outcome = "cannot"
		}
		return v
	}, verdict{}
}

func said(p config.Problem) string {
	if p.Option == "" {
		return p.Message
	}
	return p.Option + ": " + p.Message
}

// deviceOf is a device by which names of an account are published; empty when there is none now.
func (d *Daemon) deviceOf(account string) string {
	for i := range d.cfg.Records {
		r := &d.cfg.Records[i]
		for _, family := range r.Families {
			if c := d.choices[part{r.Name, family}]; r.Account == account && !r.LAN() && c.Device != "" {
				return c.Device
			}
		}
	}
	return ""
}

// optionsOf reads a table of option values: a text each, or an array of texts. What is empty is
// as if it were not there.
func optionsOf(f ubus.Field) ([]uci.Option, error) {
	var out []uci.Option
	for m := range f.Members().Fields() {
		o := uci.Option{Name: m.Name(), Line: 1}
		if text, ok := m.Text(); ok {
			o.Values = []string{text}
		} else if o.List = m.Type() == ubus.Array; !o.List {
			return nil, &ubus.StatusError{Code: ubus.InvalidArgument}
		}
		for item := range m.Members().Fields() {
			text, ok := item.Text()
			if !ok {
				return nil, &ubus.StatusError{Code: ubus.InvalidArgument}
			}
			o.Values = append(o.Values, text)
		}
		if len(o.Values) > 0 && o.Values[0] != "" {
			out = append(out, o)
		}
	}
	return out, nil
}
