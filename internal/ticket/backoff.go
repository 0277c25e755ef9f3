package ticket

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"
)

const (
	firstRetry = 2 * time.Second
	lastRetry  = time.Hour
	// GiveUpAfter is how long a message is tried before it ends in the dead letter, and giveUpTries how often at least:
	// with the pauses between them that takes an hour.
	GiveUpAfter = 72 * time.Hour
	giveUpTries = 12
)

// Backoff is how long to wait after a number of tries of a message, or of a question about a ticket: doubling from two seconds
// to an hour.
func Backoff(key string, tries int32) time.Duration {
	return Pause(key, tries, firstRetry, lastRetry)
}

// Pause is how long to wait after a number of failures: doubling from the first pause to the last, spread by up to a quarter
// each way and never outside of the two. The spread is drawn from the key and the number, so that whoever computes it comes
// to the same instant.
func Pause(key string, failures int32, first, last time.Duration) time.Duration {
	doublings := min(max(failures-1, 0), 11)
	base := min(first<<doublings, last)
	sum := sha256.Sum256([]byte(key + "#" + strconv.Itoa(int(failures))))
	// drawn lies in 0..999 and becomes -1/4 to +1/4 of the base.
	drawn := int64(binary.BigEndian.Uint32(sum[:4]) % 1000)
	spread := time.Duration(int64(base)/2000*drawn) - base/4
	return min(max(base+spread, first), last).Round(time.Second)
}

// nextTry is the instant of the next try: the backoff, or later where the other side asked for it.
func nextTry(messageKey string, tries int32, asked time.Duration, now time.Time) time.Time {
	return now.Add(max(Backoff(messageKey, tries), bounded(asked)))
}
