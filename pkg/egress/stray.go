package egress

import (
	"context"
	"net/http"
	"sync"
)

// strays are the requests without a call: of libraries that make them without the context that
// they were given. They belong to one use at a time.
type strays struct {
	mu    sync.Mutex
	ctx   context.Context // of the use that they belong to now; nil: of none
	freed chan struct{}   // closed when that use is over
}

// TakeStrays makes all requests without a call belong to the call of ctx, and end with ctx,
// until release is called. It waits while another use has them; the error is the context's.
// Where egress is not what carries requests, it does nothing.
func TakeStrays(ctx context.Context) (release func(), err error) {
	t, ok := http.DefaultTransport.(*Transport)
	if !ok {
		return func() {}, nil
	}
	s := &t.strays
	for {
		s.mu.Lock()
		if s.ctx == nil {
			s.ctx, s.freed = ctx, make(chan struct{})
			s.mu.Unlock()
			return s.release, nil
		}
		freed := s.freed
		s.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *strays) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx = nil
	close(s.freed)
}

// adopt gives a stray request the context of the use that it belongs to.
func (s *strays) adopt(req *http.Request) *http.Request {
	if CallOf(req.Context()) != nil {
		return req
	}
	s.mu.Lock()
	ctx := s.ctx
	s.mu.Unlock()
	if ctx == nil {
		return req
	}
	return req.WithContext(ctx)
}
