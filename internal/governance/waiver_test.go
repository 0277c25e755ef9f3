package governance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// waive judges the waiver of a world that was added last.
func (w *world) waive(when string) governance.WaiverVerdict {
	return governance.JudgeWaiver(governance.WaiverInput{
		Waiver: &w.waivers[len(w.waivers)-1], Subject: governance.ProcessSubject(w.process), Siblings: w.waivers, Reviews: w.reviews,
		Policy: w.policy, Cadences: w.cadences,
	}, at(when))
}

func waivable() *world {
	return newWorld(builders.MakeProcess("refunds").OwnerUser("otto").OwnerTeam("desk").InEffectSince("2024-01-01").
		Cadence("quarterly")).observed("2024-01-01").
		withCadence(builders.MakeCadence("quarterly").Every("P3M").Calendar("2024-03-31"))
}

func TestJudgeWaiver(t *testing.T) {
	t.Parallel()
	approvers := builders.MakePolicy("strict").WaiverApprovers("ada", "risk")
	for sentence, test := range map[string]struct {
		waiver *builders.WaiverBuilder
		policy *builders.PolicyBuilder
		when   string
		ready  string
		says   string
		next   string
	}{
		"a waiver is in force until its end": {
			waiver: builders.MakeWaiver("move"), ready: "True/InForce",
			says: "The waiver is in force until 2024-10-01T00:00:00Z.", next: "2024-09-17",
		},
		"it is announced fourteen days before its end": {
			waiver: builders.MakeWaiver("move"), when: "2024-09-17", ready: "True/LapsesSoon", next: "2024-10-01",
			says: "The waiver is in force until 2024-10-01T00:00:00Z: remedy what it accepts, or extend it.",
		},
		"a second before that it is not": {
			waiver: builders.MakeWaiver("move"), when: "2024-09-16T23:59:59Z", ready: "True/InForce", next: "2024-09-17",
		},
		"at its end it has lapsed": {
			waiver: builders.MakeWaiver("move"), when: "2024-10-01", ready: "True/Lapsed",
			says: "The waiver lapsed at 2024-10-01T00:00:00Z: what it accepted is a finding again.",
		},
		"the owner cannot approve": {
			waiver: builders.MakeWaiver("move").ApprovedBy("otto"), ready: "False/ApproverIsOwner",
			says: "The owner cannot accept findings about what they own: have somebody else approve the waiver.",
		},
		"nor can the owning team": {
			waiver: builders.MakeWaiver("move").ActingFor("desk"), ready: "False/ApproverIsOwner",
		},
		"without separation of duties the owner may": {
			waiver: builders.MakeWaiver("move").ApprovedBy("otto"), ready: "True/InForce",
			policy: builders.MakePolicy("small-town").SeparationOfDuties(false),
		},
		"an approver whom the policy names may": {
			waiver: builders.MakeWaiver("move"), policy: approvers, ready: "True/InForce",
		},
		"an approver may who acts for a group that the policy names": {
			waiver: builders.MakeWaiver("move").ApprovedBy("rita").ActingFor("risk"), policy: approvers, ready: "True/InForce",
		},
		"an approver whom the policy does not name may not": {
			waiver: builders.MakeWaiver("move").ApprovedBy("rita"), policy: approvers, ready: "False/NotAnApprover",
			says: "The policy does not name the approver: have one of its waiverApprovers approve the waiver.",
		},
		"a waiver exactly as long as the limit is not too long": {
			waiver: builders.MakeWaiver("move").Until("2025-01-01"), ready: "True/InForce",
		},
		"it may last to the end of that day": {
			waiver: builders.MakeWaiver("move").Until("2025-01-01T23:59:59Z"), ready: "True/InForce",
		},
		"a day more is too long": {
			waiver: builders.MakeWaiver("move").Until("2025-01-02"), ready: "False/TooLong",
			says: "The waiver is longer than the P6M that the policy allows: let it end by 2025-01-01.",
		},
		"the policy says how long is too long": {
			waiver: builders.MakeWaiver("move"), ready: "False/TooLong",
			policy: builders.MakePolicy("strict").Limits(v1alpha1.Limits{MaxWaiver: "P1M"}),
			says:   "The waiver is longer than the P1M that the policy allows: let it end by 2024-08-01.",
		},
		"a waiver of what is no rule is not understood": {
			waiver: builders.MakeWaiver("move").Accepts("Overdue"), ready: "False/InvalidSpec",
			says: "Overdue is no rule: name one that the findings of the subject show.",
		},
		"an occurrence can be moved": {
			waiver: builders.MakeWaiver("move").Moves("full", "2024-09-30", "2024-10-15"), ready: "True/InForce",
			says: "The waiver is in force.",
		},
		"an occurrence can be skipped": {
			waiver: builders.MakeWaiver("move").Skips("full", "2024-09-30"), ready: "True/InForce",
		},
		"a day that is no occurrence cannot be moved": {
			waiver: builders.MakeWaiver("move").Moves("full", "2024-09-29", "2024-10-15"), ready: "False/UnknownOccurrence",
			says: "2024-09-29 is no occurrence of full: name the nominal date of one, as status.reviews[].current.nominal shows it.",
		},
		"a day that is no occurrence cannot be skipped": {
			waiver: builders.MakeWaiver("move").Skips("full", "2024-09-29"), ready: "False/UnknownOccurrence",
		},
		"an occurrence cannot be moved to where the next one is due": {
			waiver: builders.MakeWaiver("move").Moves("full", "2024-09-30", "2024-12-31"), ready: "False/InvalidSpec",
			says: "The occurrence 2024-09-30 of full cannot move there: move it to a day before the next occurrence.",
		},
		"an occurrence of a requirement that there is not cannot be moved": {
			waiver: builders.MakeWaiver("move").Moves("weekly", "2024-09-30", "2024-10-15"), ready: "False/UnknownOccurrence",
			says: "The process has no review requirement weekly: name one that its status shows.",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := waivable().withWaiver(test.waiver)
			if test.policy != nil {
				w.under(test.policy)
			}
			if test.when == "" {
				test.when = "2024-07-10"
			}
			verdict := w.waive(test.when)
			wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionReady, test.ready)
			message := status.Find(verdict.Status.Conditions, v1alpha1.ConditionReady).Message
			if test.says != "" && message != test.says {
				t.Errorf("message %q", message)
			}
			if test.next != "" && !verdict.NextChange.Equal(at(test.next)) || test.next == "" && test.ready == "True/Lapsed" &&
				!verdict.NextChange.IsZero() {
				t.Errorf("next change at %s", verdict.NextChange)
			}
		})
	}
}

func TestAWaiverWaitsForItsProcess(t *testing.T) {
	t.Parallel()
	w := waivable().withWaiver(builders.MakeWaiver("move"))
	w.process = nil
	got := w.waive("2024-07-10").Status
	wantCondition(t, got.Conditions, v1alpha1.ConditionReady, "False/ReferenceNotFound")
	wantCondition(t, got.Conditions, v1alpha1.ConditionReconciling, "True/ReferenceNotFound")
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	chain := func(names ...string) []*builders.WaiverBuilder {
		var waivers []*builders.WaiverBuilder
		for i, name := range names {
			waiver := builders.MakeWaiver(name)
			if i > 0 {
				waiver.Extends(names[i-1])
			}
			waivers = append(waivers, waiver)
		}
		return waivers
	}
	none := int32(0)
	for sentence, test := range map[string]struct {
		waivers []*builders.WaiverBuilder
		policy  *builders.PolicyBuilder
		ready   string
	}{
		"the second extension is allowed": {waivers: chain("a", "b", "c"), ready: "True/InForce"},
		"the third is not":                {waivers: chain("a", "b", "c", "d"), ready: "False/TooManyExtensions"},
		"a policy may allow none": {
			waivers: chain("a", "b"), ready: "False/TooManyExtensions",
			policy: builders.MakePolicy("strict").Limits(v1alpha1.Limits{MaxWaiverExtensions: &none}),
		},
		"a waiver that extends nothing is no extension": {
			waivers: chain("a"), ready: "True/InForce",
			policy: builders.MakePolicy("strict").Limits(v1alpha1.Limits{MaxWaiverExtensions: &none}),
		},
		"a waiver that was deleted counts as the last link": {waivers: chain("a", "b", "c", "d")[2:], ready: "True/InForce"},
		"a waiver cannot extend itself for ever": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("a").Extends("a")}, ready: "False/TooManyExtensions",
		},
		"two waivers cannot extend each other for ever": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("a").Extends("b"), builders.MakeWaiver("b").Extends("a")},
			ready:   "False/TooManyExtensions",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := waivable()
			for _, waiver := range test.waivers {
				w.withWaiver(waiver)
			}
			if test.policy != nil {
				w.under(test.policy)
			}
			wantCondition(t, w.waive("2024-07-10").Status.Conditions, v1alpha1.ConditionReady, test.ready)
		})
	}
}

func TestAChainOfSkipsIsKnownFromOneToTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01").Every("P3M")).observed("2024-01-01")
	for i, occurrence := range []string{"2024-04-01", "2024-07-01", "2024-10-01"} {
		w.withWaiver(builders.MakeWaiver(fmt.Sprint("skip-", i)).Skips("full", occurrence))
		wantCondition(t, w.waive("2024-01-02").Status.Conditions, v1alpha1.ConditionReady, "True/InForce")
	}
	got := w.judge("2024-12-01").Status
	if due := requirementOf(&got, "full").Current.Nominal; due != "2025-01-01" {
		t.Errorf("the next occurrence is %s", due)
	}
	if limit := requirementOf(&got, "full").Deadline; !limit.Time.Equal(at("2025-01-01T23:59:59Z")) {
		t.Errorf("deadline %s", limit)
	}
	if later := w.judgeAt(at("2025-01-01T23:59:59Z").Add(time.Second)).Status; !isOverdue(&later) {
		t.Error("skipping has stretched the limit")
	}
}
