//go:build !minimal && !(no_alidns && no_tencentcloud && no_huaweicloud && no_route53)

package provider

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// Four large clouds sign requests in ways that begin the same: a text of method, path, query,
// some headers and the hash of the body.

// canonical is that text. The headers are those that are signed, in alphabetical order; the query
// is as it is sent.
func canonical(r *http.Request, path string, headers []string, body []byte) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + path + "\n" + r.URL.RawQuery + "\n")
	for _, name := range headers {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.URL.Host
		}
		b.WriteString(name + ":" + value + "\n")
	}
	b.WriteString("\n" + strings.Join(headers, ";") + "\n" + hexHash(body))
	return b.String()
}

func hexHash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func keyedHash(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func signature(key []byte, text string) string { return hex.EncodeToString(keyedHash(key, text)) }
