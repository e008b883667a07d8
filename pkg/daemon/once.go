package daemon

import (
	"context"
	"time"

	"github.com/wandns/wandns/pkg/address"
	"github.com/wandns/wandns/pkg/publish"
)

// settleTime is how long Once waits for addresses that are still being checked or found out.
const settleTime = 10 * time.Second

// Once publishes what is needed, gives every name one try, and says how everything stands
// then. It fails like Run.
func (d *Daemon) Once(ctx context.Context) (Status, error) {
	var s Status
	err := d.work(ctx, func(ctx context.Context, _ <-chan error) {
		d.untilSettled(ctx)
		s = d.status()
	})
	return s, err
}

func (d *Daemon) untilSettled(ctx context.Context) {
	settle := time.NewTimer(settleTime)
	defer settle.Stop()
	patient := true
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-d.watch.Snapshots():
			d.look(ctx, s)
		case <-d.dirty:
		case ask := <-d.bus.asks:
			ask()
		case <-d.bus.moved:
			d.askNetifd(ctx)
		case <-d.outside.news:
			d.decide()
		case <-d.leased:
			d.askLeases(ctx)
		case <-d.deletion.C:
			d.timePassed()
		case <-d.netifdDue.C:
			d.patient = false
			d.decide()
		case <-settle.C:
			patient = false
		}
		if d.haveSnap && !d.patient && d.settled(patient) {
			return
		}
	}
}

// settled says that nothing will change soon by itself.
func (d *Daemon) settled(patient bool) bool {
	if d.blocked != "" {
		return true
	}
	for _, c := range d.choices {
		if patient && (c.Code == address.WaitingForDAD || c.Code == address.NotYetKnown || c.Code == address.NoNeighbour) {
			return false
		}
	}
	for _, st := range d.pub.Status() {
		if st.State == publish.Updating {
			return false
		}
	}
	return true
}
