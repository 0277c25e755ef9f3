package governance_test

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// story is a world in which random things happen.
type story struct {
	*world
	t   *rapid.T
	now time.Time
	// recorded is the review of the last turn; empty where none was recorded.
	recorded string
}

// cadences from which a story draws; "missing" does not exist.
var storyCadences = map[string]func() *builders.CadenceBuilder{
	"rolling": func() *builders.CadenceBuilder {
		return builders.MakeCadence("").Every("P6M").Grace("P2W").LeadTimes("P1M")
	},
	"annual": func() *builders.CadenceBuilder { return builders.MakeCadence("").LeadTimes("P60D", "P1W").Grace("P3M") },
	"calendar": func() *builders.CadenceBuilder {
		return builders.MakeCadence("").Every("P3M").Calendar("2023-01-31").Grace("P1W")
	},
	"early": func() *builders.CadenceBuilder {
		return builders.MakeCadence("").Every("P12M").Calendar("2023-03-01").OpenBefore("P12M")
	},
	"monthly": func() *builders.CadenceBuilder {
		return builders.MakeCadence("").RRule("FREQ=MONTHLY;BYDAY=-1FR").TimeZone("Europe/Berlin").OpenBefore("P1W").LeadTimes("P3D")
	},
	"rare": func() *builders.CadenceBuilder { return builders.MakeCadence("").Every("P3Y") },
}

func newStory(t *rapid.T) *story {
	process := refunds()
	names := []string{"rolling", "annual", "calendar", "early", "monthly", "rare", "missing", ""}
	if name := rapid.SampledFrom(names).Draw(t, "cadence"); name != "" {
		process.Cadence(name)
		if rapid.Bool().Draw(t, "changes are reviewed") {
			process.ReviewChangesWithin("P2W")
		}
		process.MinApprovals(rapid.SampledFrom([]int32{1, 1, 1, 2}).Draw(t, "approvals"))
	}
	if rapid.Bool().Draw(t, "has a checkpoint") {
		process.Requirement(v1alpha1.ReviewRequirement{
			Name: "talk", Type: v1alpha1.ReviewCheckpoint, CadenceRef: &v1alpha1.ClusterReference{
				Name: v1alpha1.ObjectName(rapid.SampledFrom([]string{"monthly", "calendar", "rolling"}).Draw(t, "talks")),
			},
		})
	}
	process.InEffectSince(rapid.SampledFrom([]string{"", "2022-05-31", "2023-12-01", "2024-06-01"}).Draw(t, "in effect since"))
	if rapid.IntRange(0, 9).Draw(t, "draft") == 0 {
		process.Draft()
	}
	s := &story{world: newWorld(process), t: t, now: at("2024-01-01")}
	for name, make := range storyCadences {
		cadence := make().Obj()
		cadence.Name = name
		s.cadences[name] = cadence
	}
	return s
}

// turn lets time pass and one thing happen; the reviews are judged as the reconciler does.
func (s *story) turn(number int) {
	s.now = s.now.Add(time.Duration(rapid.IntRange(0, 120*24*60).Draw(s.t, "minutes")) * time.Minute)
	s.recorded = ""
	happen := []func(int){s.nothing, s.review, s.review, s.review, s.editText, s.editCadence, s.editPolicy, s.editSince, s.withdrawOne, s.waiveOne}
	rapid.SampledFrom(happen).Draw(s.t, "happens")(number)
	for i := range s.reviews {
		s.judgeReview(s.reviews[i].Name, s.now)
	}
}

func (s *story) nothing(int) {}

// review records one that was held just now, or up to some months ago.
func (s *story) review(number int) {
	ago := time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 30, 200}).Draw(s.t, "days ago")) * 24 * time.Hour
	review := builders.MakeReview(fmt.Sprintf("review-%02d", number)).HeldAt(s.now.Add(-ago)).
		By(rapid.SampledFrom([]string{"vera", "walt"}).Draw(s.t, "reviewer"))
	for i := range s.process.Spec.Steps {
		review.Keeps(string(s.process.Spec.Steps[i].Name))
	}
	if rapid.IntRange(0, 3).Draw(s.t, "asks") == 0 {
		review.Asks("train", "train the desk").Outcome(v1alpha1.OutcomeChangesRequired)
	}
	if len(s.process.Spec.Reviews) > 1 && rapid.Bool().Draw(s.t, "talk") {
		review.For("talk")
	}
	s.recorded = review.Obj().Name
	s.reviews = append(s.reviews, *review.Obj())
}

func (s *story) editText(number int) {
	steps := s.process.Spec.Steps
	steps[number%len(steps)].Why = rapid.SampledFrom([]v1alpha1.Text{"", "fraud", "habit"}).Draw(s.t, "why")
}

func (s *story) editCadence(int) {
	cadence := s.cadences["rolling"]
	cadence.Spec.Grace = rapid.SampledFrom([]v1alpha1.Period{"", "P1W", "P1M"}).Draw(s.t, "grace")
	s.cadences["calendar"].Spec.Every = rapid.SampledFrom([]v1alpha1.Period{"P1M", "P3M", "P6M"}).Draw(s.t, "every")
}

func (s *story) editPolicy(int) {
	interval := rapid.SampledFrom([]v1alpha1.Period{"P3M", "P12M", "P24M"}).Draw(s.t, "limit")
	s.under(builders.MakePolicy("house").Limits(v1alpha1.Limits{MaxProcessReviewInterval: interval}))
}

// editSince declares since when the process is in effect, or moves it back, as the API server allows.
func (s *story) editSince(int) {
	since := v1alpha1.Date(rapid.SampledFrom([]string{"2023-06-01", "2021-01-01"}).Draw(s.t, "since"))
	if declared := s.process.Spec.InEffectSince; declared == "" || since < declared {
		s.process.Spec.InEffectSince = since
	}
}

func (s *story) withdrawOne(number int) {
	if len(s.reviews) == 0 {
		return
	}
	review := &s.reviews[number%len(s.reviews)]
	if review.Spec.Withdrawn == nil {
		s.withdraw(review.Name, s.now.Format(time.RFC3339))
	}
}

func (s *story) waiveOne(number int) {
	waiver := builders.MakeWaiver(fmt.Sprintf("waiver-%02d", number)).ApprovedAt(s.now)
	switch rapid.IntRange(0, 1).Draw(s.t, "waived") {
	case 0:
		waiver.Accepts(v1alpha1.RuleReviewOverdue, v1alpha1.RuleNeverReviewed)
		until := metav1.NewTime(s.now.AddDate(0, 2, 0))
		w := waiver.Obj()
		w.Spec.Until = &until
		s.waivers = append(s.waivers, *w)
	case 1:
		for i := range s.process.Status.Reviews {
			if current := s.process.Status.Reviews[i].Current; current != nil && current.Nominal != "" {
				s.withWaiver(waiver.Skips(string(s.process.Status.Reviews[i].Name), string(current.Nominal)))
				return
			}
		}
	}
}
