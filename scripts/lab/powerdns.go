package lab

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// PowerDNS is a real PowerDNS with its HTTP API at Server, and the zones that it was started with.
type PowerDNS struct {
	*NameServer
	Server, Key string
}

// StartPowerDNS runs pdns_server (Debian: pdns-server and pdns-backend-lmdb) with its files in dir.
// It answers DNS at port 53 of 127.0.0.1, and its API at port 8081.
func StartPowerDNS(dir string, zones ...string) (*PowerDNS, error) {
	p := &PowerDNS{NameServer: &NameServer{dns: DNS{Address: "127.0.0.1"}, dir: dir}, Server: "http://127.0.0.1:8081", Key: "changeme-1a2b3c4d"}
	config := fmt.Sprintf(`daemon=no
guardian=no
setuid=
setgid=
socket-dir=%[1]s
launch=lmdb
lmdb-filename=%[1]s/zones.lmdb
lmdb-shards=1
lmdb-map-size=16
local-address=127.0.0.1
webserver=yes
webserver-address=127.0.0.1
webserver-allow-from=127.0.0.1
api=yes
api-key=%[2]s
negquery-cache-ttl=0
query-cache-ttl=0
cache-ttl=0
zone-cache-refresh-interval=0
`, dir, p.Key)
	file := filepath.Join(dir, "pdns.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return nil, err
	}
	if err := p.run("pdns_server", "--config-dir="+dir); err != nil {
		return nil, err
	}
	err := p.wait("an answer of its API", func() bool { return p.call(http.MethodGet, "", "") == nil })
	for _, z := range zones {
		if err == nil {
			err = p.call(http.MethodPost, "", fmt.Sprintf(`{"name":"%[1]s.","kind":"Native","nameservers":["ns1.%[1]s."]}`, z))
		}
	}
	if err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

// Add puts a record set into a zone. Every record is "content" or, to disable it, "-content".
func (p *PowerDNS) Add(zone, name, rrtype string, ttl int, records ...string) error {
	var list []string
	for _, r := range records {
		content, disabled := strings.CutPrefix(r, "-")
		list = append(list, fmt.Sprintf(`{"content":%q,"disabled":%v}`, content, disabled))
	}
	return p.call(http.MethodPatch, "/"+zone+".", fmt.Sprintf(`{"rrsets":[{"name":"%s.","type":%q,"ttl":%d,"changetype":"REPLACE","records":[%s]}]}`,
		name, rrtype, ttl, strings.Join(list, ",")))
}

func (p *PowerDNS) call(method, path, body string) error {
	req, err := http.NewRequest(method, p.Server+"/api/v1/servers/localhost/zones"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	req.Header.Set("X-API-Key", p.Key)
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("PowerDNS answered %s to %s %s", res.Status, method, path)
	}
	return nil
}
