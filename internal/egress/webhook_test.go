package egress_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/gemba-dev/gemba/internal/egress"
)

// signingKey returns a key of so many bytes.
func signingKey(letter string, size int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, size)))
}

var sentAt = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// The vector is the one that the specification's own library publishes for this key, id and time.
func TestSignAgreesWithAnIndependentComputation(t *testing.T) {
	got, err := egress.Sign([]string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
		time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if err != nil || got != want {
		t.Fatalf("%q, %v; want %q", got, err, want)
	}
}

func TestSignSignsWithEveryKey(t *testing.T) {
	keys := []string{signingKey("a", 24), signingKey("b", 64) + "\n"}
	body := []byte(`{"a":1}`)
	signature, err := egress.Sign(keys, "gemba/k1", sentAt, body)
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	header.Set(egress.HeaderWebhookID, "gemba/k1")
	header.Set(egress.HeaderWebhookTimestamp, strconv.FormatInt(sentAt.Unix(), 10))
	header.Set(egress.HeaderWebhookSignature, signature)
	for number, key := range keys {
		receiver, err := standardwebhooks.NewWebhook(strings.TrimSpace(key))
		if err != nil {
			t.Fatal(err)
		}
		if err := receiver.VerifyIgnoringTimestamp(body, header); err != nil {
			t.Errorf("a receiver with key %d: %v", number+1, err)
		}
		if receiver.VerifyIgnoringTimestamp([]byte(`{"a":2}`), header) == nil {
			t.Errorf("a receiver with key %d accepts another body", number+1)
		}
	}
}

func TestSignRefusesKeysThatAreNone(t *testing.T) {
	good := signingKey("a", 32)
	tests := map[string]struct {
		keys []string
		id   string
		want string
	}{
		"no key":                      {nil, "k1", "no key"},
		"a key without its prefix":    {[]string{strings.TrimPrefix(good, "whsec_")}, "k1", "signing key 1 must begin with whsec_"},
		"a second key of 23 bytes":    {[]string{good, signingKey("b", 23)}, "k1", "signing key 2 must decode to 24 to 64 bytes, not 23"},
		"a key of 65 bytes":           {[]string{signingKey("b", 65)}, "k1", "not 65"},
		"a key that is not base64":    {[]string{"whsec_!hunter2!"}, "k1", "must be base64"},
		"an empty id":                 {[]string{good}, "", "not empty"},
		"an id with a line break":     {[]string{good}, "k\n1", "printable ASCII"},
		"an id that is far too large": {[]string{good}, strings.Repeat("k", 5000), "longer than"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := egress.Sign(test.keys, test.id, sentAt, nil)
			if !errors.Is(err, egress.ErrInvalidRequest) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a key: %v", err)
			}
		})
	}
}
