package governance_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/cadence"
	"github.com/gemba-dev/gemba/internal/governance"
)

// reviewedOn is a world in which refunds was reviewed on some days, at ten o'clock.
func reviewedOn(process *builders.ProcessBuilder, days ...string) *world {
	w := newWorld(process.InEffectSince("2020-01-15"))
	w.judge("2020-01-20")
	for _, day := range days {
		w.reviews = append(w.reviews, *builders.MakeReview("review-" + day).Of(w.process.Name).HeldOn(day + "T10:00:00Z").Obj())
		review := w.reviews[len(w.reviews)-1].Name
		w.judgeReview(review, at(day+"T10:00:00Z"))
		w.judge(day + "T10:00:00Z")
	}
	return w
}

// noticed gives reason, about, since and reached of the notices of a status, one a line.
func noticed(notices []v1alpha1.Notice) string {
	lines := make([]string, 0, len(notices))
	for _, one := range notices {
		lines = append(lines, strings.Join([]string{
			string(one.Reason), one.About, one.Since.UTC().Format(time.RFC3339), one.Reached.UTC().Format(time.RFC3339),
		}, " "))
	}
	return strings.Join(lines, "\n")
}

func TestReviewedInTime(t *testing.T) {
	t.Parallel()
	annual := func() *builders.ProcessBuilder { return builders.MakeProcess("refunds").Every("P12M") }
	for sentence, test := range map[string]struct {
		world *world
		at    string
		want  string // since and reached; empty: nothing is told
	}{
		"a single review in time is no year": {
			reviewedOn(annual(), "2021-01-10"), "2021-12-31", ""},
		"a second before the year has passed nothing is told": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05"), "2022-01-10T09:59:59Z", ""},
		"a year after the first review it is": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05"), "2022-01-10T10:00:00Z", "2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"a year without a review proves nothing, although none was due": {
			reviewedOn(annual(), "2021-01-10"), "2022-01-10T12:00:00Z", ""},
		"and is told with the review that comes in time": {
			reviewedOn(annual(), "2021-01-10", "2022-01-10"), "2022-01-10T10:00:00Z",
			"2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"each further year is a milestone": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05", "2023-01-02"), "2023-01-10T10:00:00Z",
			"2021-01-10T10:00:00Z 2023-01-10T10:00:00Z"},
		"between two nothing moves": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05", "2023-01-02"), "2023-01-10T09:59:59Z",
			"2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"it goes as soon as a review is overdue": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05"), "2023-01-06T00:00:00Z", ""},
		"a late review begins nothing": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05", "2023-02-01"), "2023-12-31", ""},
		"and a year in time after it does": {
			reviewedOn(annual(), "2021-01-10", "2022-02-05", "2022-06-01", "2022-12-01"), "2023-06-01T10:00:00Z",
			"2022-06-01T10:00:00Z 2023-06-01T10:00:00Z"},
		"a leap day is told on the last day of February": {
			reviewedOn(annual(), "2020-02-29", "2020-12-01"), "2021-02-28T10:00:00Z", "2020-02-29T10:00:00Z 2021-02-28T10:00:00Z"},
		"a review that asks for changes was held in time": {
			func() *world {
				w := reviewedOn(annual(), "2021-01-10")
				w.record(builders.MakeReview("strict").Of("refunds").HeldOn("2022-01-05").Outcome(v1alpha1.OutcomeChangesRequired).
					Asks("ask", "Ask for the receipt."), "2022-01-05T12:00:00Z")
				return w
			}(), "2022-01-10T10:00:00Z", "2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"the policy says after how long": {
			reviewedOn(annual(), "2021-01-10", "2021-03-30").under(
				builders.MakePolicy("strict").Notices(v1alpha1.NoticeSettings{ReviewedInTimeEvery: "P3M"})),
			"2021-04-10T10:00:00Z", "2021-01-10T10:00:00Z 2021-04-10T10:00:00Z"},
		"and no milestone is reached while nobody had to review anything": {
			reviewedOn(annual(), "2021-01-10", "2021-03-30").under(
				builders.MakePolicy("monthly").Notices(v1alpha1.NoticeSettings{ReviewedInTimeEvery: "P1M"})),
			"2021-09-01", "2021-01-10T10:00:00Z 2021-04-10T10:00:00Z"},
		"and whether at all": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05").under(
				builders.MakePolicy("dry").Notices(v1alpha1.NoticeSettings{Enabled: new(bool)})), "2022-06-01", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := test.world.look(at(test.at)).Status
			want := test.want
			if want != "" {
				want = "ReviewedInTime full " + want
			}
			if got := noticed(status.Notices); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	}
}

// Each milestone wakes the verdict once, and is what it was when the status is lost.
func TestMilestonesAreKept(t *testing.T) {
	t.Parallel()
	w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	milestone := at("2022-01-10T10:00:00Z")
	before := w.judge("2022-01-06")
	if !before.NextChange.Equal(milestone) || before.Status.NoticedUntil != nil {
		t.Errorf("the next change is at %s, and noticed is %v", before.NextChange, before.Status.NoticedUntil)
	}
	reached := w.judgeAt(milestone)
	if until := reached.Status.NoticedUntil; until == nil || !until.Time.Equal(milestone) {
		t.Errorf("noticed until %v, want %s", until, milestone)
	}
	const message = "Each review of requirement full was held in time from 2021-01-10T10:00:00Z to 2022-01-10T10:00:00Z."
	if got := reached.Status.Notices[0].Message; got != message {
		t.Errorf("it says %q, want %q", got, message)
	}
	w.withdraw("review-2022-01-05", "2022-01-20")
	if taken := w.judge("2022-01-20").Status; len(taken.Notices) != 0 || taken.NoticedUntil == nil {
		t.Errorf("without the second review there is %q, noticed until %v", noticed(taken.Notices), taken.NoticedUntil)
	}
	w = reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	w.process.Status = v1alpha1.ProcessStatus{}
	if anew := w.look(milestone.Add(time.Hour)).Status; noticed(anew.Notices) != noticed(reached.Status.Notices) {
		t.Errorf("anew there is %q, want %q", noticed(anew.Notices), noticed(reached.Status.Notices))
	}
}

func TestWhatIsNotJudgedIsNotPraised(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*v1alpha1.Process){
		"a retired process": func(p *v1alpha1.Process) {
			p.Spec.Lifecycle, p.Spec.Retirement = v1alpha1.LifecycleRetired, &v1alpha1.Retirement{Reason: "nobody needs it"}
		},
		"a draft, also one that is held to the limit": func(p *v1alpha1.Process) { p.Spec.Lifecycle = v1alpha1.LifecycleDraft },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
			until := w.judge("2022-02-01").Status.NoticedUntil
			change(w.process)
			status := w.judge("2022-03-01").Status
			if len(status.Notices) != 0 || !status.NoticedUntil.Equal(until) {
				t.Errorf("there is %q, noticed until %v, want none and %v", noticed(status.Notices), status.NoticedUntil, until)
			}
		})
	}
}

// Whatever becomes of a process, a notice tells of what stands, of whole periods, and nothing is noticed less than before.
func TestNoticesAreTrue(t *testing.T) {
	t.Parallel()
	monthly := cadence.Period{Months: 1}
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t)
		for number := range rapid.IntRange(1, 20).Draw(t, "turns") {
			s.turn(number)
			s.policy.Notices.ReviewedInTime = monthly
			until := s.process.Status.NoticedUntil.DeepCopy()
			status := s.judgeAt(s.now).Status
			if until != nil && (status.NoticedUntil == nil || status.NoticedUntil.Before(until)) {
				t.Fatalf("noticed until %s, and then until %v", until, status.NoticedUntil)
			}
			for _, one := range status.Notices {
				wantTrue(t, &status, one, s.now, monthly)
			}
		}
	})
}

func wantTrue(t *rapid.T, status *v1alpha1.ProcessStatus, one v1alpha1.Notice, now time.Time, every cadence.Period) {
	wantFit(t, one.Message)
	since, reached := one.Since.UTC(), one.Reached.UTC()
	whole := every.Within(since, reached)
	if whole == 0 || !every.From(since, whole).Equal(reached) || reached.After(now) || status.NoticedUntil.Before(&one.Reached) {
		t.Fatalf("at %s there is %q, noticed until %s", now, noticed(status.Notices), status.NoticedUntil)
	}
	requirement := requirementOf(status, one.About)
	if requirement == nil || requirement.Stage == v1alpha1.StageOverdue {
		t.Fatalf("praised at %s, and %s", now, text(requirement))
	}
	for _, entry := range requirement.Ledger {
		late := entry.State == v1alpha1.PeriodGap || entry.ClosedAt != nil && entry.ClosedAt.After(entry.Deadline.Time)
		if late && entry.State != v1alpha1.PeriodWaived && !entry.ClosedAt.Before(&one.Since) {
			t.Fatalf("praised since %s, and there is %s", since, text(entry))
		}
	}
}

// heldKPI must be 90 at least, and was measured: days and values in turn.
func heldKPI(values ...string) *builders.KPIBuilder {
	declared := builders.MakeKPI("first-time-right").InEffectSince("2023-11-01").Every("744h").StaleAfter("2232h").AtLeast("90", "92")
	for i := 0; i < len(values); i += 2 {
		declared.Measured(values[i], values[i+1])
	}
	return declared
}

func TestTargetHeld(t *testing.T) {
	t.Parallel()
	quarter := []string{"2023-11-30", "95", "2023-12-31", "95", "2024-01-31", "95", "2024-02-29", "95"}
	with := func(more ...string) *builders.KPIBuilder {
		return heldKPI(append(append([]string{}, quarter...), more...)...)
	}
	counterweight := builders.MakeKPI("satisfaction").State(v1alpha1.KPIBreached).Obj()
	for sentence, test := range map[string]struct {
		kpi    *builders.KPIBuilder
		others []*v1alpha1.KPI
		policy *builders.PolicyBuilder
		at     string
		want   string // since and reached; empty: nothing is told
	}{
		"a second before the value of the quarter nothing is told": {kpi: with(), at: "2024-02-29T23:59:58Z"},
		"the value at the end of the quarter is the milestone, on the last day of February": {kpi: with(), at: "2024-02-29T23:59:59Z",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"the clock alone reaches none": {kpi: heldKPI(quarter[:6]...), at: "2024-03-15"},
		"the first value after it does": {kpi: heldKPI(append(append([]string{}, quarter[:6]...), "2024-03-10", "95")...), at: "2024-03-15",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"the next quarter ends on the thirtieth again": {kpi: with("2024-04-30", "95", "2024-05-30", "95"), at: "2024-05-31",
			want: "2023-11-30T23:59:59Z 2024-05-30T23:59:59Z"},
		"a value at risk holds the target": {kpi: with("2024-03-15", "91"), at: "2024-03-16",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"a value that misses breaks the row": {kpi: with("2024-03-15", "89"), at: "2024-03-16"},
		"also where breachFor lets it pass":  {kpi: with("2024-03-15", "89").HoldsFor("8760h", "0s"), at: "2024-03-16"},
		"and a new one begins with the next that holds": {kpi: with("2024-03-15", "89", "2024-03-31", "95", "2024-06-30", "95"), at: "2024-07-01",
			want: "2024-03-31T23:59:59Z 2024-06-30T23:59:59Z"},
		"what has not recovered yet holds nothing": {
			kpi: with("2024-03-15", "89", "2024-03-31", "95", "2024-06-30", "95").HoldsFor("0s", "8760h"), at: "2024-07-01"},
		"a value that grows stale takes nothing back": {kpi: with(), at: "2024-06-15",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"what is met at another's expense is not praised": {kpi: with().BalancedBy("satisfaction"), others: []*v1alpha1.KPI{counterweight},
			at: "2024-03-01"},
		"the policy says after how long": {kpi: with(), at: "2024-03-01",
			policy: builders.MakePolicy("monthly").Notices(v1alpha1.NoticeSettings{TargetHeldEvery: "P1M"}),
			want:   "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"and whether at all": {kpi: with(), at: "2024-03-01",
			policy: builders.MakePolicy("dry").Notices(v1alpha1.NoticeSettings{Enabled: new(bool)})},
		"without a value there is none": {kpi: heldKPI(), at: "2024-03-01"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := kpiInput(test.kpi.Obj(), test.others...)
			if test.policy != nil {
				in.Policy = governance.EffectivePolicy(test.policy.Obj())
			}
			verdict := governance.JudgeKPI(in, at(test.at))
			want := test.want
			if want != "" {
				want = "TargetHeld  " + want
			}
			if got := noticed(verdict.Status.Notices); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	}
}

// A target that is held so easily that it asks for nothing is praised and questioned in one sentence, not in two that quarrel.
func TestPraiseAndTargetOutgrownAgree(t *testing.T) {
	t.Parallel()
	in := kpiInput(heldKPI("2023-11-30", "95", "2024-11-30", "95").StaleAfter("17520h").Obj())
	const praise = "No value missed the objective >= 90 from 2023-11-30T23:59:59Z to 2024-11-30T23:59:59Z."
	outgrown := governance.JudgeKPI(in, at("2024-12-01")).Status
	if got, want := outgrown.Notices[0].Message, praise+" It was met so easily that a better one can be aimed at: see TargetOutgrown."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	in.Waivers = []v1alpha1.Waiver{*builders.MakeWaiver("enough").OfKPI("first-time-right").Accepts(v1alpha1.RuleTargetOutgrown).
		ApprovedOn("2024-11-01").Until("2025-03-01").Obj()}
	if got := governance.JudgeKPI(in, at("2024-12-01")).Status.Notices[0].Message; got != praise {
		t.Errorf("where that is accepted it says %q, want %q", got, praise)
	}
}

func TestKPIsOfARetiredProcessAreNotPraised(t *testing.T) {
	t.Parallel()
	in := kpiInput(heldKPI("2023-11-30", "95", "2024-02-29", "95").Obj())
	in.KPI.Status = governance.JudgeKPI(in, at("2024-03-01")).Status
	until := in.KPI.Status.NoticedUntil
	if len(in.KPI.Status.Notices) != 1 || until == nil {
		t.Fatalf("there is %q, noticed until %v", noticed(in.KPI.Status.Notices), until)
	}
	in.Lifecycle = v1alpha1.LifecycleRetired
	status := governance.JudgeKPI(in, at("2024-03-02")).Status
	if len(status.Notices) != 0 || !status.NoticedUntil.Equal(until) {
		t.Errorf("there is %q, noticed until %v", noticed(status.Notices), status.NoticedUntil)
	}
}
