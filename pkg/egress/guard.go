package egress

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// maxRedirects is how many redirects in a row are followed.
const maxRedirects = 3

// refuse says why a request must not leave; "" when it may. Only a host is named, because a
// redirect's address can hold what the first request's query held.
func refuse(req *http.Request, p Path) string {
	host := clean(req.URL.Hostname(), 80)
	switch {
	case host == "":
		return "a request without a host"
	case req.URL.Scheme != "https" && req.URL.Scheme != "http":
		return "only https is spoken, not " + clean(req.URL.Scheme, 20) + ", to " + host
	}
	if prev := redirectedFrom(req); prev != nil {
		return refuseRedirect(req, prev, host)
	}
	if req.URL.Scheme == "http" && !p.InsecureHTTP {
		return "plain http to " + host + " is refused: anyone on the way could read the password (insecure_http allows it)"
	}
	return ""
}

func refuseRedirect(req *http.Request, prev *url.URL, host string) string {
	from := clean(prev.Hostname(), 80)
	switch {
	case !strings.EqualFold(req.URL.Hostname(), prev.Hostname()):
		return from + " redirects to another host, " + host + ": not followed"
	case req.URL.Scheme == "http" && prev.Scheme == "https":
		return from + " redirects to plain http: not followed"
	case req.URL.Scheme == prev.Scheme && port(req.URL) != port(prev),
		req.URL.Scheme != prev.Scheme && port(req.URL) != "443":
		return from + " redirects to another port: not followed"
	}
	hops := 0
	for r := req; r.Response != nil && r.Response.Request != nil; r = r.Response.Request {
		if hops++; hops > maxRedirects {
			return from + " redirects again and again: not followed"
		}
	}
	return ""
}

// redirectedFrom is the address whose answer made http.Client send this request.
func redirectedFrom(req *http.Request) *url.URL {
	if req.Response == nil || req.Response.Request == nil {
		return nil
	}
	return req.Response.Request.URL
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// proxyAnswer judges a proxy's answer to CONNECT.
func proxyAnswer(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &failure{kind: Connect, text: "the proxy " + proxy.Hostname() + " refused: HTTP " + clean(resp.Status, 60)}
}
