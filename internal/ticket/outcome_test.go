package ticket_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/ticket"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestClassify(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		status     int
		retryAfter string
		want       ticket.Fate
		wait       time.Duration
	}{
		"200 took it":                                        {200, "", ticket.FateDelivered, 0},
		"202 took it":                                        {202, "", ticket.FateDelivered, 0},
		"204 took it":                                        {204, "", ticket.FateDelivered, 0},
		"a redirect says nothing for certain":                {303, "", ticket.FateUnknown, 0},
		"400 refuses":                                        {400, "", ticket.FateRefused, 0},
		"401 refuses":                                        {401, "", ticket.FateRefused, 0},
		"404 refuses":                                        {404, "", ticket.FateRefused, 0},
		"408 may have come too late":                         {408, "", ticket.FateUnknown, 0},
		"409 may speak of a first try under way":             {409, "", ticket.FateUnknown, 0},
		"410 refuses for good":                               {410, "", ticket.FateRefused, 0},
		"410 refuses for good whatever it asks for":          {410, "60", ticket.FateRefused, 0},
		"425 may speak of a first try under way":             {425, "", ticket.FateUnknown, 0},
		"429 certainly did not act":                          {429, "", ticket.FateNotReceived, 0},
		"429 is asked again when it says":                    {429, "90", ticket.FateNotReceived, 90 * time.Second},
		"429 is asked again at the date that it gives":       {429, "Mon, 02 Mar 2026 12:05:00 GMT", ticket.FateNotReceived, 5 * time.Minute},
		"a date that has passed asks for nothing":            {429, "Mon, 02 Mar 2026 11:00:00 GMT", ticket.FateNotReceived, 0},
		"a wait of a year is cut to a day":                   {429, "31536000", ticket.FateNotReceived, 24 * time.Hour},
		"a negative wait asks for nothing":                   {429, "-5", ticket.FateNotReceived, 0},
		"a wait that is no number asks for nothing":          {429, "soon", ticket.FateNotReceived, 0},
		"500 may come after it was stored":                   {500, "", ticket.FateUnknown, 0},
		"503 may come after it was stored, and says when":    {503, "30", ticket.FateUnknown, 30 * time.Second},
		"a status that nobody has heard of is not a refusal": {799, "", ticket.FateUnknown, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			header.Set("Retry-After", test.retryAfter)
			got := ticket.Classify(ticket.Reply{Status: test.status, Header: header, Excerpt: "what it said"}, noon)
			if got.Fate != test.want || got.RetryAfter != test.wait || got.Status != test.status {
				t.Errorf("got %+v, want %s and a wait of %s", got, test.want, test.wait)
			}
			if !strings.HasSuffix(got.Message, ".") {
				t.Errorf("%q is no sentence", got.Message)
			}
		})
	}
}
