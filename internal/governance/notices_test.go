package governance_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// until says until when a notice was told, and is empty where it never was.
func until(marks []v1alpha1.NoticeMark, reason v1alpha1.NoticeReason, about string) string {
	mark := governance.MarkOf(marks, &v1alpha1.Notice{Reason: reason, About: about})
	if mark == nil {
		return ""
	}
	return mark.Until.UTC().Format(time.RFC3339)
}

// untilFull says until when it was told that each full review was held in time.
func untilFull(status *v1alpha1.ProcessStatus) string {
	return until(status.Noticed, v1alpha1.NoticeReviewedInTime, "full")
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
	if !before.NextChange.Equal(milestone) || before.Status.Noticed != nil {
		t.Errorf("the next change is at %s, and noticed is %v", before.NextChange, before.Status.Noticed)
	}
	reached := w.judgeAt(milestone)
	if got := untilFull(&reached.Status); got != "2022-01-10T10:00:00Z" {
		t.Errorf("noticed until %s, want %s", got, milestone)
	}
	const message = "Each review of requirement full was held in time from 2021-01-10T10:00:00Z to 2022-01-10T10:00:00Z."
	if got := reached.Status.Notices[0].Message; got != message {
		t.Errorf("it says %q, want %q", got, message)
	}
	w.withdraw("review-2022-01-05", "2022-01-20")
	if taken := w.judge("2022-01-20").Status; len(taken.Notices) != 0 || untilFull(&taken) == "" {
		t.Errorf("without the second review there is %q, noticed %v", noticed(taken.Notices), taken.Noticed)
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
			before := w.judge("2022-02-01").Status
			change(w.process)
			status := w.judge("2022-03-01").Status
			if got, want := untilFull(&status), untilFull(&before); len(status.Notices) != 0 || got != want {
				t.Errorf("there is %q, noticed until %s, want none and %s", noticed(status.Notices), got, want)
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
			before := s.process.Status.DeepCopy()
			status := s.judgeAt(s.now).Status
			for _, mark := range before.Noticed {
				if got := until(status.Noticed, mark.Reason, mark.About); got < mark.Until.UTC().Format(time.RFC3339) {
					t.Fatalf("noticed %v, and then until %q", mark, got)
				}
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
	if whole == 0 || !every.From(since, whole).Equal(reached) || reached.After(now) || governance.MarkOf(status.Noticed, &one).Until.Before(&one.Reached) {
		t.Fatalf("at %s there is %q, noticed %v", now, noticed(status.Notices), status.Noticed)
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

func TestAScoreThatPredictsNothingIsNotPraised(t *testing.T) {
	t.Parallel()
	for correlation, want := range map[v1alpha1.Decimal]string{
		"0.08": "", "0.8": "TargetHeld  2023-11-30T23:59:59Z 2024-02-29T23:59:59Z",
	} {
		declared := heldKPI("2023-11-30", "95", "2024-02-29", "95").Obj()
		declared.Spec.ProxyFor = &v1alpha1.ProxyFor{
			KPIRef: v1alpha1.LocalReference{Name: "satisfaction"}, MinCorrelation: decimal("0.3"), MinSamples: 12,
		}
		declared.Status.Correlation = &v1alpha1.KPICorrelation{With: "satisfaction", Value: correlation, Samples: 26}
		in := kpiInput(declared, builders.MakeKPI("satisfaction").State(v1alpha1.KPIMet).Obj())
		if got := noticed(governance.JudgeKPI(in, at("2024-03-01")).Status.Notices); got != want {
			t.Errorf("with a correlation of %s it says %q, want %q", correlation, got, want)
		}
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
	told := until(in.KPI.Status.Noticed, v1alpha1.NoticeTargetHeld, "")
	if len(in.KPI.Status.Notices) != 1 || told == "" {
		t.Fatalf("there is %q, noticed until %q", noticed(in.KPI.Status.Notices), told)
	}
	in.Lifecycle = v1alpha1.LifecycleRetired
	status := governance.JudgeKPI(in, at("2024-03-02")).Status
	if got := until(status.Noticed, v1alpha1.NoticeTargetHeld, ""); len(status.Notices) != 0 || got != told {
		t.Errorf("there is %q, noticed until %q", noticed(status.Notices), got)
	}
}

// What was measured by hand before an objective was set is judged by it, and was never held by it.
func TestARowBeginsNoEarlierThanItsObjective(t *testing.T) {
	t.Parallel()
	year := []string{"2023-11-30", "95", "2024-02-29", "95", "2024-05-31", "95"}
	for sentence, test := range map[string]struct {
		change func(*v1alpha1.KPI)
		after  []string // measured after the change, and judged on the day after that
		want   string
	}{
		"another objective begins the row anew":      {toAtLeast("94"), nil, ""},
		"and not with values from before":            {toAtLeast("94"), []string{"2024-08-31", "95"}, ""},
		"but with itself":                            {toAtLeast("94"), []string{"2024-09-02", "95"}, "TargetHeld  2024-06-01T00:00:00Z 2024-09-01T00:00:00Z"},
		"a value that misses begins it later":        {toAtLeast("94"), []string{"2024-06-30", "93", "2024-07-31", "95", "2024-09-02", "95"}, ""},
		"one that is corrected changes no objective": {func(k *v1alpha1.KPI) { k.Spec.Source.Manual.Measurements[1].Value = "96" }, nil, "TargetHeld  2023-11-30T23:59:59Z 2024-05-30T23:59:59Z"},
		"nor do words":                               {func(k *v1alpha1.KPI) { k.Spec.Why = "so" }, nil, "TargetHeld  2023-11-30T23:59:59Z 2024-05-30T23:59:59Z"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := kpiInput(heldKPI(year...).Obj())
			in.KPI.Status = governance.JudgeKPI(in, at("2024-05-31T23:59:59Z")).Status
			if got := noticed(in.KPI.Status.Notices); got != "TargetHeld  2023-11-30T23:59:59Z 2024-05-30T23:59:59Z" {
				t.Fatalf("before there is %q", got)
			}
			test.change(in.KPI)
			now := "2024-06-01"
			in.KPI.Status = governance.JudgeKPI(in, at(now)).Status
			if len(test.after) > 0 {
				measured := heldKPI(test.after...).Obj().Spec.Source.Manual.Measurements
				in.KPI.Spec.Source.Manual.Measurements = append(in.KPI.Spec.Source.Manual.Measurements, measured...)
				now = "2024-09-03"
				in.KPI.Status = governance.JudgeKPI(in, at(now)).Status
			}
			if got := noticed(in.KPI.Status.Notices); got != test.want {
				t.Errorf("told %q, want %q", got, test.want)
			}
		})
	}
}

func toAtLeast(target v1alpha1.Decimal) func(*v1alpha1.KPI) {
	return func(k *v1alpha1.KPI) { k.Spec.Objective.AtLeast = &v1alpha1.AtLeast{Target: target} }
}

// A milestone of one notice says nothing of another, which may be reached later and lie earlier.
func TestEachNoticeIsNoticedByItself(t *testing.T) {
	t.Parallel()
	in := kpiInput(heldKPI("2023-11-30", "95").Obj())
	marked := v1alpha1.NoticeMark{Reason: v1alpha1.NoticeReviewedInTime, About: "full", Until: stamp("2024-03-15")}
	in.KPI.Status = governance.JudgeKPI(in, at("2023-12-01")).Status
	in.KPI.Status.Noticed = []v1alpha1.NoticeMark{marked}
	in.KPI.Spec.Source.Manual.Measurements = heldKPI("2023-11-30", "95", "2024-03-20", "95").Obj().Spec.Source.Manual.Measurements
	status := governance.JudgeKPI(in, at("2024-03-21")).Status
	if full, held := until(status.Noticed, marked.Reason, "full"), until(status.Noticed, v1alpha1.NoticeTargetHeld, ""); full !=
		"2024-03-15T00:00:00Z" || held != "2024-02-29T23:59:59Z" {
		t.Errorf("noticed %v", status.Noticed)
	}
}

// Who renames requirements again and again fills no status.
func TestSixteenMarksAreKept(t *testing.T) {
	t.Parallel()
	w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	for i := range 16 {
		w.process.Status.Noticed = append(w.process.Status.Noticed, v1alpha1.NoticeMark{
			Reason: v1alpha1.NoticeReviewedInTime, About: string(rune('a' + i)), Until: metav1.NewTime(at("2021-06-01").AddDate(0, 0, i)),
		})
	}
	status := w.judge("2022-02-01").Status
	if len(status.Noticed) != 16 || untilFull(&status) == "" || until(status.Noticed, v1alpha1.NoticeReviewedInTime, "a") != "" ||
		until(status.Noticed, v1alpha1.NoticeReviewedInTime, "b") == "" {
		t.Errorf("kept %v", status.Noticed)
	}
}

// A clock that ran ahead and was set right mutes nothing.
func TestAMarkThatLiesAheadIsTakenBack(t *testing.T) {
	t.Parallel()
	w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	w.process.Status.Noticed = []v1alpha1.NoticeMark{{Reason: v1alpha1.NoticeReviewedInTime, About: "full", Until: stamp("2031-01-10")}}
	if status := w.judge("2022-01-06T12:00:00Z").Status; untilFull(&status) != "2022-01-06T12:00:00Z" {
		t.Errorf("noticed %v", status.Noticed)
	}
	if status := w.judge("2022-02-01").Status; untilFull(&status) != "2022-01-10T10:00:00Z" {
		t.Errorf("later it is noticed %v", status.Noticed)
	}
}
