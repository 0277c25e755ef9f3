package source

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
)

// failing says what a kind of failure of a request means, and what to do.
type failing struct {
	kind   error
	result v1alpha1.SampleResult
	advice string
}

// failings are the kinds of failure. Redirects, forbidden addresses and invalid requests say themselves what to do.
var failings = []failing{
	{egress.ErrTooLong, v1alpha1.SampleTooMany, "Ask for less: one value is enough."},
	{egress.ErrForbiddenAddress, v1alpha1.SampleForbidden, ""},
	{egress.ErrInvalidRequest, v1alpha1.SampleInvalid, ""},
	{egress.ErrLogin, v1alpha1.SampleRefused, "Look at auth of the MetricSource."},
	{egress.ErrRedirect, v1alpha1.SampleNoAnswer, ""},
	{egress.ErrTimeout, v1alpha1.SampleNoAnswer, "Ask for something simpler, or raise timeout of the MetricSource."},
	{egress.ErrTLS, v1alpha1.SampleNoAnswer, "Look at its certificate, and at tls of the MetricSource."},
	{egress.ErrUnreachable, v1alpha1.SampleNoAnswer, "See that it runs, and look at url of the MetricSource."},
	{egress.ErrInterrupted, v1alpha1.SampleNoAnswer, "Look at its log."},
	{egress.ErrCanceled, v1alpha1.SampleNoAnswer, "It is asked for again."},
}

// unanswered tells what became of a request that failed; ok is false where err is not of package egress. Those errors
// hold no secret and no path.
func unanswered(err error) (come finding, ok bool) {
	var failed *egress.Error
	if !errors.As(err, &failed) {
		return finding{}, false
	}
	for _, known := range failings {
		if errors.Is(failed, known.kind) {
			return missing(known.result, failed.Error(), known.advice), true
		}
	}
	return missing(v1alpha1.SampleNoAnswer, failed.Error(), ""), true
}

// late is what came of a request whose caller would not wait.
func late(ctx context.Context) (come finding, ok bool) {
	if ctx.Err() == nil {
		return finding{}, false
	}
	return missing(v1alpha1.SampleNoAnswer, "the source did not answer while it was waited for", "It is asked for again."), true
}

// tokenLength is from how many characters on a part of a URL may be a token.
const tokenLength = 16

// shown makes a text of a source fit to be shown: excerpted, and without the secrets of the endpoint and what stood in the
// URLs that it was asked with. A path may hold a token as well as a header may.
func shown(client *egress.Client, text string, hidden []string) string {
	return client.Excerpt(egress.Scrub(text, hidden...))
}

// hiddenOf lists what no text may show of URLs: paths and queries, and the parts of them that may be a token.
func hiddenOf(urls ...string) []string {
	var hidden []string
	for _, address := range urls {
		parsed, err := url.Parse(address)
		if err != nil {
			continue
		}
		for _, whole := range []string{parsed.Path, parsed.EscapedPath(), parsed.RawQuery} {
			if len(whole) > 1 {
				hidden = append(hidden, whole)
			}
		}
		parts := strings.FieldsFunc(parsed.Path+"&"+parsed.RawQuery, func(r rune) bool { return strings.ContainsRune("/&=?", r) })
		hidden = append(hidden, slices.DeleteFunc(parts, func(part string) bool { return len(part) < tokenLength })...)
	}
	return hidden
}
