//go:build !minimal && !no_spaceship

package provider

import (
	"context"
	"errors"
	"net/http"
	"strconv"
)

// spaceshipInfo is Spaceship. A record is what its address is and cannot be given another: one takes
// the place of the other.
var spaceshipInfo = Info{
	Name:    "spaceship",
	Title:   "Spaceship",
	Website: "https://www.spaceship.com/",
	Docs:    "https://docs.spaceship.dev/#tag/DNS-records",
	Options: []Option{
		{
			Name: "api_key", Title: "API key", Kind: Text, Secret: true, Required: true,
			Help: "API Manager → New API key, with the rights domains:read, dnsrecords:read and dnsrecords:write.",
			Link: "https://www.spaceship.com/application/api-manager/",
		},
		{Name: "secret_key", Title: "API secret", Kind: Text, Secret: true, Required: true, Help: "Shown once, when the key is made."},
		zoneOption,
	},
	RecordOptions: ttlToHour,
	Limits:        Limits{CanDelete: true, CanTest: true},
	New: func(s Settings) (Driver, error) {
		p := &spaceship{rest{base: "https://spaceship.dev/api/v1", sign: func(r *http.Request, _ []byte) {
			r.Header.Set("X-API-Key", s.Get("api_key"))
			r.Header.Set("X-API-Secret", s.Get("secret_key"))
		}}}
		return newOwn("Spaceship", s, p, module{blank: true})
	},
}

var _ = add(&spaceshipInfo)

type spaceship struct{ rest }

// spaceshipRecord has its name relative to the zone, "@" for the apex.
type spaceshipRecord struct {
	Type    string          `json:"type"`
	Name    string          `json:"name"`
	Address string          `json:"address,omitempty"`
	TTL     int             `json:"ttl,omitempty"`
	Group   *spaceshipGroup `json:"group,omitempty"` // who put it there
}

type spaceshipGroup struct {
	Type string `json:"type"`
}

const spaceshipPages = 50

// pages asks for each page of a list in turn.
func (p *spaceship) pages(ctx context.Context, path string, size int, read func([]spaceshipRecord)) error {
	for page := range spaceshipPages {
		var all struct {
			Items []spaceshipRecord
			Total int
		}
		if err := p.do(ctx, http.MethodGet, path+"?take="+strconv.Itoa(size)+"&skip="+strconv.Itoa(page*size), nil, &all); err != nil {
			return err
		}
		read(all.Items)
		if len(all.Items) == 0 || (page+1)*size >= all.Total {
			break
		}
	}
	return nil
}

func (p *spaceship) zones(ctx context.Context) (names []string, err error) {
	err = p.pages(ctx, "/domains", 100, func(items []spaceshipRecord) {
		for _, d := range items {
			names = append(names, d.Name)
		}
	})
	return names, err
}

// list leaves out what Spaceship's own products put into the zone: only they can take it out.
func (p *spaceship) list(ctx context.Context, zone string) (list []entry, err error) {
	err = p.pages(ctx, "/dns/records/"+zone, 500, func(items []spaceshipRecord) {
		for _, r := range items {
			if isAddress(r.Type) && (r.Group == nil || r.Group.Type == "custom") {
				list = append(list, entry{r.Address, r.Name, r.Type, r.Address, r.TTL, ""})
			}
		}
	})
	return list, err
}

func (p *spaceship) create(ctx context.Context, zone string, e entry) error {
	items := []spaceshipRecord{{Type: e.rrtype, Name: e.name, Address: e.data, TTL: e.ttl}}
	return p.change(ctx, http.MethodPut, zone, map[string]any{"force": false, "items": items})
}

// update gives a record another TTL, or puts another in its place.
func (p *spaceship) update(ctx context.Context, zone string, e entry) error {
	if sameAddress(e.id, e.data) {
		e.data = e.id // written as it is there, or it is another record
		return p.create(ctx, zone, e)
	}
	if err := p.create(ctx, zone, e); err != nil {
		return err
	}
	e.data = e.id
	return p.remove(ctx, zone, e)
}

func (p *spaceship) remove(ctx context.Context, zone string, e entry) error {
	return p.change(ctx, http.MethodDelete, zone, []spaceshipRecord{{Type: e.rrtype, Name: e.name, Address: e.data}})
}

// change takes the one status that says that it is done. Any page is from something in between, and
// after it nothing may be deleted.
func (p *spaceship) change(ctx context.Context, method, zone string, body any) error {
	err := p.do(ctx, method, "/dns/records/"+zone, body, nil)
	if err == nil && lastExchange(ctx).Status != http.StatusNoContent {
		err = errors.New("the answer to a change is no page")
	}
	return err
}
