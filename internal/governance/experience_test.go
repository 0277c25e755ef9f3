package governance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"k8s.io/utils/ptr"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

// closed are Remediations that were closed, of which each named its cause.
func closed(causes ...v1alpha1.CauseCategory) []v1alpha1.Remediation {
	var all []v1alpha1.Remediation
	for i, cause := range causes {
		all = append(all, *builders.MakeRemediation(fmt.Sprint("closed-", i)).Closed(cause).Obj())
	}
	return all
}

// times repeats a cause.
func times(number int, cause v1alpha1.CauseCategory) []v1alpha1.CauseCategory {
	return slices.Repeat([]v1alpha1.CauseCategory{cause}, number)
}

func TestPeopleCauseShare(t *testing.T) {
	t.Parallel()
	people, process := v1alpha1.CausePeople, v1alpha1.CauseProcess
	limits := func(share, least int32) *builders.PolicyBuilder {
		return builders.MakePolicy("strict").Limits(v1alpha1.Limits{MaxPeopleCauseShare: ptr.To(share), MinClosedCauses: least})
	}
	says := func(of, all, limit int) string {
		return fmt.Sprintf("People are named as the cause of %d of %d remediations, and the limit is %d %%: "+
			"look for what in the process lets people fail.", of, all, limit)
	}
	open := builders.MakeRemediation("open").Closed(people).Obj()
	open.Status.State = v1alpha1.RemediationVerifying
	own := builders.MakeRemediation("own").Finding(v1alpha1.RulePeopleCauseShare, "", "1").Closed(people).Obj()
	group := builders.MakeRemediation("group").Group(v1alpha1.RuleNothingLearned).Closed(people).Obj()
	for sentence, test := range map[string]struct {
		own, ofKPIs []v1alpha1.Remediation
		policy      *builders.PolicyBuilder
		says        string
	}{
		"no causes say nothing":                        {},
		"nine causes are too few":                      {own: closed(times(9, people)...)},
		"ten are enough":                               {own: closed(times(10, people)...), says: says(10, 10, 10)},
		"one of ten is the tenth that may be":          {own: closed(append(times(9, process), people)...)},
		"two of ten are too many":                      {own: closed(append(times(8, process), people, people)...), says: says(2, 10, 10)},
		"two of twenty are a tenth":                    {own: closed(append(times(18, process), people, people)...)},
		"two of nineteen are more":                     {own: closed(append(times(17, process), people, people)...), says: says(2, 19, 10)},
		"those of the KPIs count as well":              {own: closed(times(8, process)...), ofKPIs: closed(people, people), says: says(2, 10, 10)},
		"what nobody knows does not count":             {own: closed(append(times(9, people), times(5, v1alpha1.CauseUnknown)...)...)},
		"nor where nobody has named a cause":           {own: closed(append(times(9, people), times(5, "")...)...)},
		"what is not closed does not count":            {own: append(closed(times(9, people)...), *open)},
		"nor what is about the causes themselves":      {own: append(closed(times(9, people)...), *own)},
		"nor a group that is":                          {own: append(closed(times(9, people)...), *group)},
		"a policy may ask for more causes":             {own: closed(times(10, people)...), policy: limits(10, 11)},
		"for less":                                     {own: closed(people), policy: limits(10, 1), says: says(1, 1, 10)},
		"tolerate half":                                {own: closed(append(times(5, process), times(5, people)...)...), policy: limits(50, 10)},
		"no more than half":                            {own: closed(append(times(5, process), times(6, people)...)...), policy: limits(50, 10), says: says(6, 11, 50)},
		"and nobody at all":                            {own: closed(append(times(99, process), people)...), policy: limits(0, 10), says: says(1, 100, 0)},
		"a policy that says nothing leaves it at that": {own: closed(append(times(8, process), people, people)...), policy: builders.MakePolicy("plain"), says: says(2, 10, 10)},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(builders.MakeProcess("refunds"))
			if test.policy != nil {
				w.under(test.policy)
			}
			w.experience = governance.ExperienceOf(test.own, test.ofKPIs)
			status := w.judge("2024-07-02").Status
			wantMessage(t, &status, v1alpha1.RulePeopleCauseShare, test.says)
			if found := findingOf(&status, v1alpha1.RulePeopleCauseShare); found != nil && found.Severity != v1alpha1.SeverityLow {
				t.Errorf("it is %s", found.Severity)
			}
		})
	}
}

// A relapse says nothing new of what was at fault the first time: neither it nor the next close moves the count.
func TestACauseCountsOnceAndForAll(t *testing.T) {
	t.Parallel()
	handoff, unknown := v1alpha1.CauseHandoff, v1alpha1.CauseUnknown
	life := func(named v1alpha1.CauseCategory, inTicket bool) func(v1alpha1.RemediationState, int32) *v1alpha1.Remediation {
		return func(state v1alpha1.RemediationState, attempt int32) *v1alpha1.Remediation {
			remediation := builders.MakeRemediation("days").Closed("").Obj()
			remediation.Status.State, remediation.Status.Attempt = state, attempt
			if state == v1alpha1.RemediationClosed {
				remediation.Status.Cause = named
			}
			if inTicket {
				remediation.Status.Tickets = []v1alpha1.TicketStatus{{System: "a/other"}, {System: "a/desk", Cause: named}}
			} else if named != unknown {
				remediation.Spec.Cause = &v1alpha1.Cause{Category: named}
			}
			return remediation
		}
	}
	for sentence, test := range map[string]struct {
		at   func(v1alpha1.RemediationState, int32) *v1alpha1.Remediation
		want v1alpha1.CauseCategory
	}{
		"one that the remediation names": {life(handoff, false), handoff},
		"one that a ticket names":        {life(handoff, true), handoff},
		"what nobody knows never does":   {life(unknown, true), ""},
		"nor what nobody has named":      {life(unknown, false), ""},
	} {
		for _, state := range []v1alpha1.RemediationState{
			v1alpha1.RemediationPending, v1alpha1.RemediationOpen, v1alpha1.RemediationVerifying, v1alpha1.RemediationClosed,
		} {
			first, again := governance.CountedCause(test.at(state, 1)), governance.CountedCause(test.at(state, 2))
			if again != test.want || state == v1alpha1.RemediationClosed && first != test.want || state != v1alpha1.RemediationClosed && first != "" {
				t.Errorf("%s: %s it counts as %q, and %q after it has come back", sentence, state, first, again)
			}
		}
	}
	own := life(v1alpha1.CausePeople, false)(v1alpha1.RemediationOpen, 2)
	own.Spec.Finding = &v1alpha1.FindingIdentity{Rule: v1alpha1.RulePeopleCauseShare, Episode: "1"}
	if got := governance.CountedCause(own); got != "" {
		t.Errorf("one that is about the causes themselves counts as %q when it comes back", got)
	}
}

// breach is a Remediation of a KPI that is missed, in an attempt.
func breach(attempt int32, written ...v1alpha1.Attempt) *v1alpha1.Remediation {
	remediation := builders.MakeRemediation("breach").OfKPI("refund-days").Finding(v1alpha1.RuleBreached, "", "1").Obj()
	remediation.Status.State, remediation.Status.Attempt = v1alpha1.RemediationOpen, attempt
	remediation.Spec.Attempts = written
	return remediation
}

// inTicket has attempts written into a ticket of a Remediation.
func inTicket(remediation *v1alpha1.Remediation, attempts ...v1alpha1.TicketAttempt) *v1alpha1.Remediation {
	remediation.Status.Tickets = []v1alpha1.TicketStatus{{System: "a/other"}, {System: "a/desk", Attempts: attempts}}
	return remediation
}

func TestLacksLearning(t *testing.T) {
	t.Parallel()
	lesson := v1alpha1.Attempt{Hypothesis: "h", Result: "r", Learned: "l"}
	failed := v1alpha1.Attempt{Hypothesis: "h", Result: "r"}
	begun := v1alpha1.Attempt{Hypothesis: "h"}
	change := func(remediation *v1alpha1.Remediation, change func(*v1alpha1.Remediation)) *v1alpha1.Remediation {
		change(remediation)
		return remediation
	}
	state := func(state v1alpha1.RemediationState) func(*v1alpha1.Remediation) {
		return func(r *v1alpha1.Remediation) { r.Status.State = state }
	}
	rule := func(rule v1alpha1.Rule) func(*v1alpha1.Remediation) {
		return func(r *v1alpha1.Remediation) { r.Spec.Finding.Rule = rule }
	}
	group := func(attempt int32, findings ...v1alpha1.RemediedFinding) *v1alpha1.Remediation {
		remediation := builders.MakeRemediation("group").Group("").Obj()
		remediation.Status = v1alpha1.RemediationStatus{State: v1alpha1.RemediationOpen, Attempt: attempt, Findings: findings}
		return remediation
	}
	finding := func(rule v1alpha1.Rule, gone bool) v1alpha1.RemediedFinding {
		remedied := v1alpha1.RemediedFinding{Finding: v1alpha1.Finding{Rule: rule}}
		if gone {
			remedied.GoneAt = ptr.To(stamp("2024-07-01"))
		}
		return remedied
	}
	for sentence, test := range map[string]struct {
		remediation *v1alpha1.Remediation
		lacks       bool
	}{
		"a first attempt needs nothing":                {breach(1), false},
		"nor one that worked":                          {change(breach(1), state(v1alpha1.RemediationClosed)), false},
		"an attempt that goes on needs nothing yet":    {breach(1, begun), false},
		"one that has a result does":                   {breach(1, failed), true},
		"unless it says what was learned":              {breach(1, lesson), false},
		"spaces say nothing":                           {breach(1, v1alpha1.Attempt{Hypothesis: "h", Result: "r", Learned: " "}), true},
		"nor are they a result":                        {breach(1, v1alpha1.Attempt{Hypothesis: "h", Result: " "}), false},
		"that it is closed does not matter then":       {change(breach(1, failed), state(v1alpha1.RemediationClosed)), true},
		"nor for how many others it is known":          {breach(1, lesson, failed, lesson), true},
		"a second attempt needs what the first taught": {breach(2), true},
		"and has it": {breach(2, lesson), false},
		"also where it is written down already itself": {breach(2, lesson, begun), false},
		"a hypothesis teaches nothing":                 {breach(2, begun), true},
		"a third attempt needs two":                    {breach(3, lesson), true},
		"and has them":                                 {breach(3, lesson, lesson), false},
		"the number of a closed one does not matter":   {change(breach(3), state(v1alpha1.RemediationClosed)), false},
		"that of one that is verified does":            {change(breach(2), state(v1alpha1.RemediationVerifying)), true},
		"seven lessons are enough":                     {breach(40, slices.Repeat([]v1alpha1.Attempt{lesson}, 7)...), false},
		"six are not":                                  {breach(40, slices.Repeat([]v1alpha1.Attempt{lesson}, 6)...), true},
		"what stands in a ticket counts":               {inTicket(breach(2), v1alpha1.TicketAttempt{Learned: "l"}), false},
		"and is asked for there":                       {inTicket(breach(1), v1alpha1.TicketAttempt{Result: "r"}), true},
		"but not where the remediation has attempts":   {inTicket(breach(2, lesson), v1alpha1.TicketAttempt{Result: "r"}), false},
		"a review that is late again was no attempt":   {change(breach(2), rule(v1alpha1.RuleReviewOverdue)), false},
		"unless the route wants to know why": {change(breach(2), func(r *v1alpha1.Remediation) {
			r.Spec.Finding.Rule, r.Spec.Route.Cause = v1alpha1.RuleReviewOverdue, v1alpha1.CauseRequired
		}), true},
		"what people write about a review counts":        {change(breach(1, failed), rule(v1alpha1.RuleReviewOverdue)), true},
		"what is about learning asks for none":           {change(breach(3, failed), rule(v1alpha1.RuleNothingLearned)), false},
		"nor what is about causes":                       {change(breach(3, failed), rule(v1alpha1.RulePeopleCauseShare)), false},
		"a group needs it for what stands":               {group(2, finding(v1alpha1.RuleBreached, false)), true},
		"and not for what is gone":                       {group(2, finding(v1alpha1.RuleBreached, true)), false},
		"nor for what is about learning":                 {group(2, finding(v1alpha1.RuleNothingLearned, false), finding(v1alpha1.RuleBreached, true)), false},
		"nor for reviews":                                {group(2, finding(v1alpha1.RuleReviewOverdue, false)), false},
		"a group that was never looked at needs nothing": {group(0), false},
	} {
		if got := governance.LacksLearning(test.remediation); got != test.lacks {
			t.Errorf("%s: it lacks learning: %t", sentence, got)
		}
	}
}

func TestNothingLearned(t *testing.T) {
	t.Parallel()
	named := func(count int) (all []v1alpha1.Remediation) {
		for i := range count {
			remediation := breach(2)
			remediation.Name = fmt.Sprint("r", count-i)
			all = append(all, *remediation)
		}
		return all
	}
	for sentence, test := range map[string]struct {
		own, ofKPIs []v1alpha1.Remediation
		says        string
	}{
		"nothing was tried": {own: closed(v1alpha1.CauseProcess)},
		"the remediation is named": {
			own:  named(1),
			says: "What was learned from an attempt is not written down in 1 remediation: r1. Write it down before the next attempt.",
		},
		"of many the first five are, in order": {
			own:  named(7),
			says: "What was learned from an attempt is not written down in 7 remediations: r1, r2, r3, r4, r5 and 2 more. Write it down before the next attempt.",
		},
		"those of the KPIs are told of them": {ofKPIs: named(2)},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(builders.MakeProcess("refunds"))
			w.experience = governance.ExperienceOf(test.own, test.ofKPIs)
			status := w.judge("2024-07-02").Status
			wantMessage(t, &status, v1alpha1.RuleNothingLearned, test.says)
			w.process.Spec.Lifecycle = v1alpha1.LifecycleRetired
			if retired := w.judge("2024-07-03").Status; len(retired.Findings) > 0 {
				t.Errorf("retired it has %v", retired.Findings)
			}
		})
	}
}

func TestNothingLearnedOfAKPI(t *testing.T) {
	t.Parallel()
	kpi := builders.MakeKPI("refund-days").Obj()
	input := governance.KPIInput{
		Known: governance.Known{Policy: governance.EffectivePolicy(nil)}, KPI: kpi, ProcessExists: true,
		Experience: governance.ExperienceOf([]v1alpha1.Remediation{*breach(2)}, nil),
	}
	var stands *v1alpha1.Finding
	for _, finding := range governance.JudgeKPI(input, at("2024-07-02")).Status.Findings {
		if finding.Rule == v1alpha1.RuleNothingLearned {
			stands = &finding
		}
	}
	if stands == nil || stands.Severity != v1alpha1.SeverityLow || !strings.Contains(stands.Message, "in 1 remediation: breach.") {
		t.Errorf("found %+v", stands)
	}
}
