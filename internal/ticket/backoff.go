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

// backoff is how long to wait after a number of tries: doubling from two seconds to an hour, spread by up to a quarter
// each way. The spread is drawn from the message, so that whoever computes it comes to the same instant.
func backoff(messageKey string, tries int32) time.Duration {
	doublings := min(max(tries-1, 0), 11)
	base := min(firstRetry<<doublings, lastRetry)
	sum := sha256.Sum256([]byte(messageKey + "#" + strconv.Itoa(int(tries))))
	// drawn lies in 0..999 and becomes -1/4 to +1/4 of the base.
	drawn := int64(binary.BigEndian.Uint32(sum[:4]) % 1000)
	spread := time.Duration(int64(base)/2000*drawn) - base/4
	return min(max(base+spread, firstRetry), lastRetry).Round(time.Second)
}

// nextTry is the instant of the next try: the backoff, or later where the other side asked for it.
func nextTry(messageKey string, tries int32, asked time.Duration, now time.Time) time.Time {
	return now.Add(max(backoff(messageKey, tries), bounded(asked)))
}
