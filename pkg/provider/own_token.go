//go:build !minimal && !(no_transip && no_googleclouddns && no_azure)

package provider

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"
)

// tokenRest is a rest that is signed with a token, which another request brings and which ends.
type tokenRest struct {
	rest
	// login brings a token and how long it is good for.
	login func(ctx context.Context) (token string, life time.Duration, err error)

	mu    sync.Mutex
	token string
	until time.Time
}

// newTokenRest makes one for the addresses below base.
func newTokenRest(base string, login func(ctx context.Context) (string, time.Duration, error)) *tokenRest {
	t := &tokenRest{login: login}
	t.rest = rest{base: base, sign: func(r *http.Request, _ []byte) { r.Header.Set("Authorization", "Bearer "+t.token) }}
	return t
}

// call is do with a good token. One that is not accepted any more is forgotten.
func (t *tokenRest) call(ctx context.Context, method, path string, send, into any) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == "" || time.Now().After(t.until) {
		token, life, err := t.login(ctx)
		if err != nil {
			return err
		}
		if token == "" {
			return errors.New("the answer has no token")
		}
		t.token, t.until = token, time.Now().Add(life*3/4)
	}
	err := t.do(ctx, method, path, send, into)
	if err != nil && lastExchange(ctx).Status == http.StatusUnauthorized {
		t.token = ""
	}
	return err
}

// unsigned is for a request that carries its proof in the body.
func unsigned(*http.Request, []byte) {}
