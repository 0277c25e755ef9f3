package governance

import (
	"fmt"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// unknownEpisode is the episode of a subject of unknown age: there is no deadline that could name it, and the day on
// which a cluster first saw the subject changes when the cluster is rebuilt.
const unknownEpisode = "unknown"

// neverReviewed finds full reviews that were never counted and whose deadline has passed.
func neverReviewed(s *view) []found {
	var findings []found
	for _, r := range s.requirements {
		if r.isOverdue() && r.isNeverReviewed() {
			findings = append(findings, r.neverReviewed(s.subject.Kind))
		}
	}
	return findings
}

// reviewOverdue finds requirements whose deadline has passed since their last counted review.
func reviewOverdue(s *view) []found {
	var findings []found
	for _, r := range s.requirements {
		if r.isOverdue() && !r.isNeverReviewed() {
			findings = append(findings, r.overdue())
		}
	}
	return findings
}

func (j judged) isOverdue() bool {
	return j.state.Stage == cadence.StageOverdue
}

// isNeverReviewed tells whether a full review was never counted; of the other types a first one can merely be late.
func (j judged) isNeverReviewed() bool {
	return j.full() && j.state.AgeBasis != cadence.Reviewed
}

func (j judged) neverReviewed(kind governancev1alpha1.SubjectKind) found {
	if j.state.AgeBasis == cadence.Unknown {
		return found{
			about: string(j.declared.Name), since: j.state.OverdueSince, episode: unknownEpisode,
			message: fmt.Sprintf("No full review was ever counted, and nobody says since when the %s is in effect: "+
				"record a Review with requirement %s, or declare inEffectSince.", noun(kind), j.declared.Name),
		}
	}
	return found{
		about: string(j.declared.Name), since: j.state.OverdueSince, episode: rfc3339(j.state.OverdueSince),
		message: fmt.Sprintf("No full review was ever counted, and the deadline was %s: record a Review with requirement %s.",
			rfc3339(j.state.OverdueSince), j.declared.Name),
	}
}

func (j judged) overdue() found {
	last := "none was counted before"
	if !j.state.LastHeld.IsZero() {
		last = "the last one was held at " + rfc3339(j.state.LastHeld)
	}
	return found{
		about: string(j.declared.Name), since: j.state.OverdueSince, episode: rfc3339(j.state.OverdueSince),
		message: fmt.Sprintf("The review %s was due by %s and %s: record a Review with requirement %s.",
			j.declared.Name, rfc3339(j.state.OverdueSince), last, j.declared.Name),
	}
}

// cadenceTooLong finds full reviews whose cadence plans to miss the limit.
func cadenceTooLong(s *view) []found {
	var findings []found
	for _, r := range s.requirements {
		if !r.full() || r.schedule == nil || !r.schedule.ExceedsLimit(r.limit) {
			continue
		}
		findings = append(findings, found{
			about: string(r.declared.Name),
			message: fmt.Sprintf("The cadence of %s lets more than %s pass between two full reviews: shorten it.",
				r.declared.Name, r.limit),
		})
	}
	return findings
}

func rfc3339(instant time.Time) string {
	return instant.UTC().Format(time.RFC3339)
}
