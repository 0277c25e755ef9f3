package source

import (
	"context"
	"time"

	"github.com/gemba-dev/gemba/internal/kpi"
)

// MaxPoints is how many values of the past are asked for at most.
const MaxPoints = 200

// Asker asks one prepared question. It is safe for concurrent use.
type Asker interface {
	// Ask asks once. It never fails: what went wrong is the result of the sample.
	Ask(ctx context.Context, now time.Time) kpi.Sample
}

// Historian is an Asker whose source keeps values of the past.
type Historian interface {
	Asker
	// History returns the values between two times in even steps, the oldest first: of the newest MaxPoints steps, where
	// there are more. What is no number is left out. Errors are sentences without secrets.
	History(ctx context.Context, from, to time.Time, step time.Duration) ([]kpi.Point, error)
}

// Question is what a KPI wants to know. Equal Keys within a Lane are the same question: one answer serves every KPI that
// asks it.
type Question struct {
	// Lane names what is asked: "MetricSource shop/prometheus", "ServiceAccount shop/reader". Lanes do not hold each other
	// up.
	Lane string
	// Key names what is asked for. Everything that can change the answer is in it, and nothing that could be read out of it.
	Key string
	// Asker asks it. Where it is a Historian, the source keeps values of the past.
	Asker Asker
}
