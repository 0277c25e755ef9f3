package standin

import (
	"io"
	"mime"
	"net/http"
)

// maxBody bounds a request, in bytes.
const maxBody = 8 << 20

// ServeHTTP answers as the vendor does, unless a Fault is due.
func (t *Tracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		plain(http.StatusRequestEntityTooLarge, "stand-in: the body cannot be read").write(w)
		return
	}
	c, fault := t.note(r, body)
	if fault.before(w) {
		return
	}
	fault.after(w, r, t.work(c))
}

// note writes a request down before anything is decided about it, and takes the fault that is due.
func (t *Tracker) note(r *http.Request, body []byte) (call, Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.options.Clock.Now()
	t.requests = append(t.requests, Request{
		Method: r.Method, Path: r.URL.RequestURI(), Header: r.Header.Clone(), Body: string(body), Time: now,
	})
	return call{request: r, body: body, now: now}, t.due(r)
}

// work does what is asked for. One request is carried out at a time.
func (t *Tracker) work(c call) reply {
	t.mu.Lock()
	defer t.mu.Unlock()
	if seconds, admitted := t.window.admit(t.options.RateLimit, c.now); !admitted {
		return t.vendor.throttled(c, seconds)
	}
	if allowed, anonymous := t.authorized(c.request); !allowed {
		return t.vendor.unauthorized(c, anonymous)
	}
	for _, route := range t.vendor.routes {
		if named, meant := route.match(c.request.Method, c.request.URL.EscapedPath()); meant {
			return t.carryOut(c, route, named)
		}
	}
	return t.vendor.unknown(c)
}

// carryOut calls the endpoint.
func (t *Tracker) carryOut(c call, to route, named map[string]string) reply {
	if len(c.body) > 0 && !declaresJSON(c.request) {
		return t.vendor.unsupported(c)
	}
	c.named = named
	return settle(to.do(c))
}

// declaresJSON looks at the content type.
func declaresJSON(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}
