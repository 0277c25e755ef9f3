package egress

import (
	"context"
	"io"
)

// BodyOf is the body of a reply to a request with that context, as RoundTripper returns it.
func BodyOf(ctx context.Context, client *Client, body io.ReadCloser) io.ReadCloser {
	exchange := &exchange{client: client, ctx: ctx, cancel: func() {}, steps: &progress{}}
	return &boundedBody{exchange: exchange, status: 200, body: body, left: MaxResponseBody}
}
