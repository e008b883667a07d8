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

// call is do with a good token. A service may end one before its time: with a fresh one it is asked
// once more, since what is refused then is the login.
func (t *tokenRest) call(ctx context.Context, method, path string, send, into any) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		fresh := t.token == "" || time.Now().After(t.until)
		if fresh {
			if err := t.renew(ctx); err != nil {
				return err
			}
		}
		err := t.do(ctx, method, path, send, into)
		if err == nil || lastExchange(ctx).Status != http.StatusUnauthorized {
			return err
		}
		t.token = ""
		if fresh {
			return err
		}
	}
}

func (t *tokenRest) renew(ctx context.Context) error {
	token, life, err := t.login(ctx)
	if err == nil && token == "" {
		err = errors.New("the answer has no token")
	}
	if err == nil {
		t.token, t.until = token, time.Now().Add(life*3/4)
	}
	return err
}

// unsigned is for a request that carries its proof in the body.
func unsigned(*http.Request, []byte) {}
