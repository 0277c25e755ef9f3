package ticket

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// Claim names the Remediation, of those of a subject, that a finding belongs to; empty where it needs a new one. An open
// one is used whatever the episode is; a closed one of the same episode, or one closed less than reopenWithin ago, is
// used again: a relapse is the next attempt of the same ticket. Remediations that are being deleted are passed over.
func Claim(remediations []v1alpha1.Remediation, finding v1alpha1.Finding, now time.Time) string {
	var best *v1alpha1.Remediation
	for i := range remediations {
		candidate := &remediations[i]
		if rank(candidate, finding, now) == notMine {
			continue
		}
		if best == nil || before(candidate, best, finding, now) {
			best = candidate
		}
	}
	if best == nil {
		return ""
	}
	return best.Name
}

// The ranks of a Remediation for a finding, the best first.
const (
	rankOpen = iota
	rankSameEpisode
	rankRecent
	notMine
)

func rank(remediation *v1alpha1.Remediation, finding v1alpha1.Finding, now time.Time) int {
	named := remediation.Spec.Finding
	if named == nil || named.Rule != finding.Rule || named.About != finding.About ||
		remediation.DeletionTimestamp != nil {
		return notMine
	}
	switch {
	case remediation.Status.State != v1alpha1.RemediationClosed:
		return rankOpen
	case named.Episode == EpisodeOf(finding):
		return rankSameEpisode
	case closedRecently(remediation, now):
		return rankRecent
	default:
		return notMine
	}
}

// before orders candidates: by rank, then the one closed last, then by name, so that everybody chooses the same.
func before(a, b *v1alpha1.Remediation, finding v1alpha1.Finding, now time.Time) bool {
	if left, right := rank(a, finding, now), rank(b, finding, now); left != right {
		return left < right
	}
	if left, right := closedAt(a), closedAt(b); !left.Equal(right) {
		return left.After(right)
	}
	return a.Name < b.Name
}

func closedAt(remediation *v1alpha1.Remediation) time.Time {
	if remediation.Status.ClosedAt == nil {
		return time.Time{}
	}
	return remediation.Status.ClosedAt.Time
}

// defaultReopenWithin is used where a route says nothing; the schema has the same default.
const defaultReopenWithin = "P30D"

func closedRecently(remediation *v1alpha1.Remediation, now time.Time) bool {
	return remediation.Status.ClosedAt != nil && now.Before(afterClosing(remediation, reopenWithin(remediation)))
}

func reopenWithin(remediation *v1alpha1.Remediation) v1alpha1.Period {
	if declared := remediation.Spec.Route.ReopenWithin; declared != "" {
		return declared
	}
	return defaultReopenWithin
}

// afterClosing is the time at which a period has passed since a Remediation was closed; at once for what is no period.
func afterClosing(remediation *v1alpha1.Remediation, declared v1alpha1.Period) time.Time {
	period, err := cadence.ParsePeriod(string(declared))
	if err != nil {
		return closedAt(remediation)
	}
	day := cadence.DateIn(closedAt(remediation), time.UTC)
	return closedAt(remediation).AddDate(0, 0, period.AddTo(day, 1).DaysSince(day))
}

// defaultRetention is used where no policy says anything; the schema has the same default.
const defaultRetention = "P400D"

// KeptUntil is when a closed Remediation may be deleted: once the retention has passed, and nothing can reopen it any more. ok is
// false for one that is not closed.
func KeptUntil(remediation *v1alpha1.Remediation, retention v1alpha1.Period) (until time.Time, ok bool) {
	if remediation.Status.State != v1alpha1.RemediationClosed || remediation.Status.ClosedAt == nil {
		return time.Time{}, false
	}
	if retention == "" {
		retention = defaultRetention
	}
	until = afterClosing(remediation, retention)
	if reopenable := afterClosing(remediation, reopenWithin(remediation)); reopenable.After(until) {
		until = reopenable
	}
	return until, true
}

// EpisodeOf is the episode of a finding; one that says none is of an unknown one.
func EpisodeOf(finding v1alpha1.Finding) string {
	if finding.Episode == "" {
		return "unknown"
	}
	return finding.Episode
}
