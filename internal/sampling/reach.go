package sampling

import "time"

// Reach is what the answers to all questions of a lane say about its source.
type Reach struct {
	// Answers is false where the source is out of reach: two questions in a row had no answer, or the only one twice.
	Answers bool
	// Since is since when it does, or does not.
	Since time.Time
	// Message is what the last question without an answer said; empty where the source answers.
	Message string
}

// Reach says whether a source can be reached. ok is false where that is not known: nothing was asked yet, or a single
// question had no answer. An Observer knows when to look.
func (s *Sampler) Reach(lane string) (reach Reach, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[lane]
	if l == nil || l.since.IsZero() {
		return Reach{}, false
	}
	reach = Reach{Answers: !l.isDown(), Since: l.since.Round(0).UTC()}
	if !reach.Answers {
		reach.Message = l.message
	}
	return reach, true
}
