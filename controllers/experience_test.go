package controllers

import (
	"testing"

	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/event"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

func TestWhatOfARemediationWakesThoseWhoLearnFromIt(t *testing.T) {
	type remediation = governancev1alpha1.Remediation
	for sentence, test := range map[string]struct {
		before, change  func(r *remediation)
		causes, lessons bool
	}{
		"not that a message is written down": {change: func(r *remediation) {
			r.Status.Tickets = []governancev1alpha1.TicketStatus{{
				System: "a/desk", Delivery: &governancev1alpha1.Delivery{State: governancev1alpha1.DeliveryIntended},
			}}
		}},
		"nor that it was delivered": {change: func(r *remediation) {
			r.Status.State = governancev1alpha1.RemediationOpen
			r.Status.Tickets = []governancev1alpha1.TicketStatus{{System: "a/desk", ID: "7", State: governancev1alpha1.TicketOpen}}
		}},
		"nor that a cause is named while it is open": {change: func(r *remediation) {
			r.Spec.Cause = &governancev1alpha1.Cause{Category: governancev1alpha1.CausePeople}
		}},
		"nor that it is closed without one": {change: func(r *remediation) { r.Status.State = governancev1alpha1.RemediationClosed }},
		"nor with one that nobody knows": {change: func(r *remediation) {
			r.Status.State, r.Status.Cause = governancev1alpha1.RemediationClosed, governancev1alpha1.CauseUnknown
		}},
		"that it is closed with a cause": {
			change: func(r *remediation) {
				r.Status.State, r.Status.Cause = governancev1alpha1.RemediationClosed, governancev1alpha1.CauseHandoff
			}, causes: true,
		},
		"that it is closed with another": {
			before: func(r *remediation) {
				r.Status.State, r.Status.Cause = governancev1alpha1.RemediationClosed, governancev1alpha1.CausePeople
			},
			change: func(r *remediation) { r.Status.Cause = governancev1alpha1.CauseHandoff }, causes: true,
		},
		"nor that a cause that counts comes back with the finding, nor any delivery to its ticket then": {
			before: func(r *remediation) {
				r.Status.State, r.Status.Cause = governancev1alpha1.RemediationClosed, governancev1alpha1.CausePeople
				r.Status.Tickets = []governancev1alpha1.TicketStatus{{
					System: "a/desk", ID: "7", State: governancev1alpha1.TicketClosed, Cause: governancev1alpha1.CausePeople,
				}}
			},
			change: func(r *remediation) {
				r.Status.State, r.Status.Cause, r.Status.Attempt = governancev1alpha1.RemediationOpen, "", 2
				r.Status.Tickets[0].State = governancev1alpha1.TicketOpen
			}, lessons: true,
		},
		"that it has come back and nothing was learned": {
			change: func(r *remediation) { r.Status.Attempt = 2 }, lessons: true,
		},
		"that it was learned after all": {
			before: func(r *remediation) { r.Status.Attempt = 2 },
			change: func(r *remediation) {
				r.Status.Tickets = []governancev1alpha1.TicketStatus{{Attempts: []governancev1alpha1.TicketAttempt{{Learned: "l"}}}}
			}, lessons: true,
		},
		"that an attempt has a result": {
			change: func(r *remediation) { r.Spec.Attempts = []governancev1alpha1.Attempt{{Hypothesis: "h", Result: "r"}} }, lessons: true,
		},
		"not that one begins": {
			change: func(r *remediation) { r.Spec.Attempts = []governancev1alpha1.Attempt{{Hypothesis: "h"}} },
		},
	} {
		before := builders.MakeRemediation("r").Finding(governancev1alpha1.RuleBreached, "", "1").OfKPI("days").Obj()
		before.Status.Attempt = 1
		if test.before != nil {
			test.before(before)
		}
		after := before.DeepCopy()
		test.change(after)
		update := event.UpdateEvent{ObjectOld: before, ObjectNew: after}
		if got := causesChanged.Update(update); got != test.causes {
			t.Errorf("%s: it wakes those who count causes: %t", sentence, got)
		}
		if got := lessonsChanged.Update(update); got != test.lessons {
			t.Errorf("%s: it wakes those who want lessons: %t", sentence, got)
		}
	}
}

func TestAnewOrGoneARemediationWakesWhereItTellsSomething(t *testing.T) {
	plain := builders.MakeRemediation("r").Obj()
	told := builders.MakeRemediation("r").Closed(governancev1alpha1.CausePeople).Obj()
	for _, passes := range []func(*governancev1alpha1.Remediation) bool{
		func(r *governancev1alpha1.Remediation) bool {
			return causesChanged.Create(event.CreateEvent{Object: r})
		},
		func(r *governancev1alpha1.Remediation) bool {
			return causesChanged.Delete(event.DeleteEvent{Object: r})
		},
	} {
		if passes(plain) || !passes(told) {
			t.Errorf("one that says nothing wakes: %t, one that has a cause: %t", passes(plain), passes(told))
		}
	}
	if causesChanged.Update(event.UpdateEvent{ObjectOld: &governancev1alpha1.Process{}, ObjectNew: nil}) {
		t.Error("what is no Remediation wakes")
	}
}

func TestWhoseFindingsARemediationIsFor(t *testing.T) {
	group := builders.MakeRemediation("g").Group("").Obj()
	group.Spec.Group.SubjectRef.Kind = governancev1alpha1.KindKPI
	whole := builders.MakeRemediation("w").Group(governancev1alpha1.RuleBreached).Obj()
	whole.Spec.Group.SubjectRef = nil
	for sentence, test := range map[string]struct {
		of   *governancev1alpha1.Remediation
		want *subjectKey
	}{
		"those of a process": {builders.MakeRemediation("r").Of("refunds").Obj(),
			&subjectKey{governancev1alpha1.KindProcess, builders.Namespace, "refunds"}},
		"those of a group about one":                  {group, &subjectKey{governancev1alpha1.KindKPI, builders.Namespace, "refunds"}},
		"those of nobody where it is for a namespace": {whole, nil},
		"those of nobody where it says nothing":       {&governancev1alpha1.Remediation{}, nil},
	} {
		got, ok := remediedSubject(test.of)
		if ok != (test.want != nil) || ok && got != ptr.Deref(test.want, subjectKey{}) {
			t.Errorf("%s: %v, %t", sentence, got, ok)
		}
	}
}
