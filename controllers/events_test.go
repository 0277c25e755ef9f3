package controllers

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
)

// judgement builds the status of a process.
type judgement struct {
	governancev1alpha1.SubjectStatus
}

func judged() judgement { return judgement{} }

func (j judgement) because(conditionType, reason string) judgement {
	j.Conditions = append(j.Conditions, metav1.Condition{
		Type: conditionType, Status: metav1.ConditionTrue, Reason: reason, Message: "Now " + conditionType + " is " + reason + ".",
	})
	return j
}

func (j judgement) finding(rule governancev1alpha1.Rule, about string, waivedBy governancev1alpha1.ObjectName) judgement {
	j.Findings = append(j.Findings, governancev1alpha1.Finding{
		Rule: rule, About: about, WaivedBy: waivedBy, Message: fmt.Sprintf("Found %s about %q.", rule, about),
	})
	return j
}

func (j judgement) review(
	name governancev1alpha1.Key, stage governancev1alpha1.Stage, lead governancev1alpha1.Period,
) judgement {
	due := metav1.NewTime(time.Date(2024, time.June, 30, 23, 59, 59, 0, time.UTC))
	j.Reviews = append(j.Reviews, governancev1alpha1.RequirementStatus{Name: name, Stage: stage, Lead: lead, Due: &due})
	return j
}

func TestAProcessEventTellsWhatChanged(t *testing.T) {
	const (
		compliant = governancev1alpha1.ConditionCompliant
		current   = governancev1alpha1.ConditionReviewCurrent
		dueSoon   = governancev1alpha1.StageDueSoon
		onTime    = governancev1alpha1.StageCurrent
		overdue   = governancev1alpha1.RuleReviewOverdue
		pointless = governancev1alpha1.RuleStepUnjustified
	)
	tests := map[string]struct {
		before, after judgement
		want          string // empty: nothing is told
	}{
		"where nothing changed nothing is told": {
			before: judged().because(current, "DueSoon").review("full", dueSoon, "P7D").finding(overdue, "full", ""),
			after:  judged().because(current, "DueSoon").review("full", dueSoon, "P7D").finding(overdue, "full", ""),
		},
		"the first verdict on a process without findings is not told": {
			after: judged().because(compliant, "Compliant").because(current, "DueSoon").review("full", dueSoon, "P30D"),
		},
		"a new finding is a warning": {
			after: judged().finding(overdue, "full", ""),
			want:  `Warning ReviewOverdue Found ReviewOverdue about "full".`,
		},
		"the first of several new findings is told": {
			before: judged().finding(overdue, "full", ""),
			after:  judged().finding(overdue, "full", "").finding(pointless, "check", "").finding(pointless, "archive", ""),
			want:   `Warning StepUnjustified Found StepUnjustified about "check".`,
		},
		"a new finding goes before everything else": {
			before: judged().because(compliant, "Compliant").review("full", onTime, "").review("board", onTime, ""),
			after:  judged().because(compliant, "StepUnjustified").review("full", dueSoon, "P7D").finding(pointless, "check", ""),
			want:   `Warning StepUnjustified Found StepUnjustified about "check".`,
		},
		"a finding that a waiver accepts is not told": {
			after: judged().finding(overdue, "full", "moving-house"),
		},
		"a finding whose waiver has lapsed is told": {
			before: judged().finding(overdue, "full", "moving-house"),
			after:  judged().finding(overdue, "full", ""),
			want:   `Warning ReviewOverdue Found ReviewOverdue about "full".`,
		},
		"a process that has become compliant is told": {
			before: judged().because(compliant, "ReviewOverdue").because(current, "ReviewOverdue").finding(overdue, "full", ""),
			after:  judged().because(compliant, "Compliant").because(current, "Current"),
			want:   "Normal Compliant Now Compliant is Compliant.",
		},
		"the first lead time of the only requirement is told with the words of the condition": {
			before: judged().because(current, "Current").review("full", onTime, ""),
			after:  judged().because(current, "DueSoon").review("full", dueSoon, "P30D"),
			want:   "Normal DueSoon Now ReviewCurrent is DueSoon.",
		},
		"the second lead time is told and names the requirement": {
			before: judged().because(current, "DueSoon").review("full", dueSoon, "P30D"),
			after:  judged().because(current, "DueSoon").review("full", dueSoon, "P7D"),
			want:   "Normal DueSoon The review full is due at 2024-06-30T23:59:59Z: its lead time of P7D has begun.",
		},
		"a lead time of another requirement is told also while the condition stays": {
			before: judged().because(current, "InGrace").review("full", governancev1alpha1.StageInGrace, "").review("board", onTime, ""),
			after:  judged().because(current, "InGrace").review("full", governancev1alpha1.StageInGrace, "").review("board", dueSoon, "P7D"),
			want:   "Normal DueSoon The review board is due at 2024-06-30T23:59:59Z: its lead time of P7D has begun.",
		},
		"of two lead times that begin at once the first is told": {
			before: judged().review("full", dueSoon, "P30D").review("board", dueSoon, "P30D"),
			after:  judged().review("full", dueSoon, "P7D").review("board", dueSoon, "P7D"),
			want:   "Normal DueSoon The review full is due at 2024-06-30T23:59:59Z: its lead time of P7D has begun.",
		},
		"requirements are recognised by name where their order changed": {
			before: judged().review("full", dueSoon, "P30D").review("board", dueSoon, "P7D"),
			after:  judged().review("board", dueSoon, "P7D").review("full", dueSoon, "P30D"),
		},
		"a requirement that was added is not told": {
			before: judged().review("full", onTime, ""),
			after:  judged().review("full", onTime, "").review("board", dueSoon, "P7D"),
		},
		"a lead time that ends without a lapse is not told": {
			before: judged().review("full", dueSoon, "P7D"),
			after:  judged().review("full", onTime, ""),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			happened, changed := subjectEvent(&test.before.SubjectStatus, &test.after.SubjectStatus)
			if got := told(happened, changed); got != test.want {
				t.Errorf("told %q, want %q", got, test.want)
			}
		})
	}
}

func TestAReviewEventTellsOnceWhetherItCounts(t *testing.T) {
	counted := func(verdict metav1.ConditionStatus, reason string) governancev1alpha1.ReviewStatus {
		return governancev1alpha1.ReviewStatus{Conditions: []metav1.Condition{
			{Type: governancev1alpha1.ConditionCounted, Status: verdict, Reason: reason, Message: "Look."},
		}}
	}
	tests := map[string]struct {
		before, after governancev1alpha1.ReviewStatus
		want          string
	}{
		"one that counts is told":                       {after: counted(metav1.ConditionTrue, "Counted"), want: "Normal Counted Look."},
		"one that does not count is a warning":          {after: counted(metav1.ConditionFalse, "NotPermitted"), want: "Warning NotPermitted Look."},
		"one that was told before is not told again":    {before: counted(metav1.ConditionTrue, "Counted"), after: counted(metav1.ConditionTrue, "Counted")},
		"one whose subject may still come is not told":  {after: counted(metav1.ConditionUnknown, governancev1alpha1.ReasonSubjectNotObserved)},
		"one that is not judged yet has nothing to say": {},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := told(reviewEvent(&test.before, &test.after)); got != test.want {
				t.Errorf("told %q, want %q", got, test.want)
			}
		})
	}
}

func TestAWaiverEventTellsOnceWhetherItIsInForce(t *testing.T) {
	ready := func(reason string) governancev1alpha1.WaiverStatus {
		return governancev1alpha1.WaiverStatus{Conditions: []metav1.Condition{
			{Type: governancev1alpha1.ConditionReady, Reason: reason, Message: "Look."},
		}}
	}
	tests := map[string]struct {
		before, after governancev1alpha1.WaiverStatus
		want          string
	}{
		"one that comes into force is told": {after: ready(governancev1alpha1.ReasonInForce), want: "Normal InForce Look."},
		"one that lapses is a warning": {
			before: ready(governancev1alpha1.ReasonInForce), after: ready("Lapsed"), want: "Warning Lapsed Look.",
		},
		"one that stays in force is not told":           {before: ready(governancev1alpha1.ReasonInForce), after: ready(governancev1alpha1.ReasonInForce)},
		"one that is not judged yet has nothing to say": {},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := told(waiverEvent(&test.before, &test.after)); got != test.want {
				t.Errorf("told %q, want %q", got, test.want)
			}
		})
	}
}

func TestAMilestoneIsToldOnce(t *testing.T) {
	at := func(days int) *metav1.Time {
		return &metav1.Time{Time: time.Date(2024, time.June, 30, 12, 0, 0, 0, time.UTC).AddDate(0, 0, days)}
	}
	notices := func(days ...int) (all []governancev1alpha1.Notice) {
		for _, reached := range days {
			all = append(all, governancev1alpha1.Notice{
				Reason: governancev1alpha1.NoticeReviewedInTime, About: fmt.Sprint(len(all)), Reached: *at(reached), Message: "Well done.",
			})
		}
		return all
	}
	marked := func(about string, days int) governancev1alpha1.SubjectStatus {
		return governancev1alpha1.SubjectStatus{ObservedSince: at(-9), Noticed: []governancev1alpha1.NoticeMark{
			{Reason: governancev1alpha1.NoticeReviewedInTime, About: about, Until: *at(days)},
		}}
	}
	for name, test := range map[string]struct {
		before governancev1alpha1.SubjectStatus
		after  []governancev1alpha1.Notice
		want   int
	}{
		"one that is reached is told":                      {governancev1alpha1.SubjectStatus{ObservedSince: at(-9)}, notices(0), 1},
		"two at the same time are two":                     {governancev1alpha1.SubjectStatus{ObservedSince: at(-9)}, notices(0, 0), 2},
		"the first verdict tells nothing":                  {governancev1alpha1.SubjectStatus{}, notices(0), 0},
		"one from before the subject was seen is old":      {governancev1alpha1.SubjectStatus{ObservedSince: at(0)}, notices(0), 0},
		"one that was noticed is not told again":           {marked("0", 0), notices(0), 0},
		"nor is one before it":                             {marked("0", 1), notices(0), 0},
		"a later one is":                                   {marked("0", -1), notices(0), 1},
		"of those that stand the one that is reached only": {marked("0", -1), notices(-1, 0), 1},
		"that another one was noticed later is no matter":  {marked("1", 1), notices(0), 1},
		"where none stands there is nothing to tell":       {governancev1alpha1.SubjectStatus{ObservedSince: at(-9)}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := milestoneEvents(&test.before, &governancev1alpha1.SubjectStatus{Notices: test.after})
			if len(got) != test.want {
				t.Fatalf("told %v, want %d", got, test.want)
			}
			for _, one := range got {
				if text := told(one, true); text != "Normal ReviewedInTime Well done." {
					t.Errorf("told %q", text)
				}
			}
		})
	}
}

func TestTheNoteOfAnEventIsCutAtTheBoundOfMessages(t *testing.T) {
	recorder := events.NewFakeRecorder(1)
	notice{reason: "R", action: "A", message: strings.Repeat("ä", status.MaxMessage+1)}.record(recorder, &corev1.ConfigMap{})
	sent := strings.TrimPrefix(<-recorder.Events, "Normal R ")
	if length := utf8.RuneCountInString(sent); length != status.MaxMessage || !strings.HasSuffix(sent, "ä…") {
		t.Errorf("the note has %d characters: %s", length, sent)
	}
}

func TestWhereNobodyRecordsEventsNothingHappens(t *testing.T) {
	defer func() {
		if recover() != nil {
			t.Error("recording without a recorder panics")
		}
	}()
	notice{reason: "R"}.record(nil, &corev1.ConfigMap{})
}

// told gives what a recorder is told of a notice, empty where it is none.
func told(happened notice, changed bool) string {
	if !changed {
		return ""
	}
	recorder := events.NewFakeRecorder(1)
	happened.record(recorder, &corev1.ConfigMap{})
	return <-recorder.Events
}
