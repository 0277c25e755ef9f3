package egress

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The headers of Standard Webhooks.
const (
	HeaderWebhookID        = standardwebhooks.HeaderWebhookID
	HeaderWebhookTimestamp = standardwebhooks.HeaderWebhookTimestamp
	HeaderWebhookSignature = standardwebhooks.HeaderWebhookSignature
)

// A signing key of Standard Webhooks: "whsec_" and the base64 of 24 to 64 bytes.
const (
	signingKeyPrefix = "whsec_"
	minSigningKey    = 24
	maxSigningKey    = 64
)

// Sign returns the value of the header webhook-signature for a message: one signature for each key, separated by spaces,
// so that a receiver accepts it before, while and after it changes keys. The timestamp counts in whole seconds and must
// be sent as the header webhook-timestamp. Errors number the keys, from 1, and never show one.
func Sign(keys []string, id string, timestamp time.Time, body []byte) (string, error) {
	if len(keys) == 0 {
		return "", fmt.Errorf("%w: there is no key to sign the message with", ErrInvalidRequest)
	}
	if err := checkHeaderValue(HeaderWebhookID, id); err != nil {
		return "", err
	}
	signatures := make([]string, 0, len(keys))
	for number, key := range keys {
		raw, err := decodeSigningKey(key)
		if err != nil {
			return "", fmt.Errorf("%w: signing key %d %w", ErrInvalidRequest, number+1, err)
		}
		signature, err := signOne(raw, id, timestamp, body)
		if err != nil {
			return "", fmt.Errorf("signing the message with key %d: %w", number+1, err)
		}
		signatures = append(signatures, signature)
	}
	return strings.Join(signatures, " "), nil
}

// decodeSigningKey returns the bytes of a key. Its errors continue the sentence "signing key 1 ...".
func decodeSigningKey(key string) ([]byte, error) {
	encoded, found := strings.CutPrefix(strings.TrimSpace(key), signingKeyPrefix)
	if !found {
		return nil, fmt.Errorf("must begin with %s", signingKeyPrefix)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("must be base64 after %s", signingKeyPrefix)
	}
	if len(raw) < minSigningKey || len(raw) > maxSigningKey {
		return nil, fmt.Errorf("must decode to %d to %d bytes, not %d", minSigningKey, maxSigningKey, len(raw))
	}
	return raw, nil
}

// signOne makes one signature.
func signOne(key []byte, id string, timestamp time.Time, body []byte) (string, error) {
	signer, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return "", err
	}
	return signer.Sign(id, timestamp, body)
}
