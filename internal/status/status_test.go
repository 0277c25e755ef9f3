package status

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later = noon.Add(time.Hour)
)

func conditionsOf(readiness Readiness) []metav1.Condition {
	var conditions []metav1.Condition
	SetReady(&conditions, readiness, 3, noon)
	return conditions
}

func TestReadinessIsWhatToolsThatWaitExpect(t *testing.T) {
	cases := map[string]struct {
		readiness Readiness
		want      []string
	}{
		"an object that is understood is Ready and nothing else": {
			Reconciled("The object is understood."), []string{"Ready=True"}},
		"an object that waits for another is Reconciling": {
			NotFound("The cadence does not exist."), []string{"Ready=False", "Reconciling=True"}},
		"an object that only an edit cures is Stalled": {
			Invalid("The zone is unknown."), []string{"Ready=False", "Stalled=True"}},
		"a reference that is not permitted stalls": {
			NotPermitted("The reference is not permitted."), []string{"Ready=False", "Stalled=True"}},
	}
	for sentence, one := range cases {
		t.Run(sentence, func(t *testing.T) {
			conditions := conditionsOf(one.readiness)
			var got []string
			for _, condition := range conditions {
				got = append(got, condition.Type+"="+string(condition.Status))
			}
			if !slices.Equal(got, one.want) {
				t.Errorf("conditions are %v, want %v", got, one.want)
			}
			faults := Check(Subject{Generation: 3, ObservedGeneration: 3, Conditions: conditions})
			if len(faults) > 0 {
				t.Errorf("the checker finds %v", faults)
			}
		})
	}
}

func TestSettingTheSameReadinessLaterChangesNothing(t *testing.T) {
	for _, readiness := range []Readiness{Reconciled("Fine."), NotFound("Missing."), Invalid("Wrong.")} {
		conditions := conditionsOf(readiness)
		before := slices.Clone(conditions)
		SetReady(&conditions, readiness, 3, later)
		if !slices.Equal(before, conditions) {
			t.Errorf("%s: the conditions changed from %v to %v", readiness.Reason, before, conditions)
		}
	}
}

func TestALongMessageIsCutAtTheBound(t *testing.T) {
	var conditions []metav1.Condition
	Set(&conditions, metav1.Condition{
		Type: governancev1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: "Reconciled",
		Message: strings.Repeat("ä", MaxMessage+1),
	}, 1, noon)
	if got := []rune(conditions[0].Message); len(got) != MaxMessage || got[MaxMessage-1] != '…' {
		t.Errorf("the message has %d characters and ends in %q", len(got), got[len(got)-1])
	}
}

func TestTheCheckerFindsWhatToolsStumbleOver(t *testing.T) {
	good := func() Subject {
		return Subject{Generation: 3, ObservedGeneration: 3, Conditions: conditionsOf(Reconciled("Fine."))}
	}
	cases := map[string]struct {
		spoil func(*Subject)
		want  string
	}{
		"a status of an older generation": {func(s *Subject) { s.ObservedGeneration = 2 }, "observedGeneration is 2"},
		"a condition of an older generation": {
			func(s *Subject) { s.Conditions[0].ObservedGeneration = 2 }, "speaks of generation 2"},
		"no Ready":   {func(s *Subject) { s.Conditions = nil }, "Ready is missing"},
		"no message": {func(s *Subject) { s.Conditions[0].Message = "" }, "no reason or no message"},
		"a message beyond the bound": {
			func(s *Subject) { s.Conditions[0].Message = strings.Repeat("x", MaxMessage+1) }, "more than 200"},
		"Ready False and nothing that says why": {
			func(s *Subject) { s.Conditions[0].Status = metav1.ConditionFalse }, "neither Reconciling nor Stalled"},
		"Ready True beside Stalled": {func(s *Subject) {
			s.Conditions = append(s.Conditions, conditionsOf(Invalid("Wrong."))[1])
		}, "beside Reconciling or Stalled"},
		"Stalled present as False": {func(s *Subject) {
			s.Conditions = conditionsOf(Invalid("Wrong."))
			s.Conditions[1].Status = metav1.ConditionFalse
		}, "Stalled is present and not True"},
		"no time of transition": {
			func(s *Subject) { s.Conditions[0].LastTransitionTime = metav1.Time{} }, "since when"},
	}
	for sentence, one := range cases {
		t.Run(sentence, func(t *testing.T) {
			subject := good()
			one.spoil(&subject)
			faults := Check(subject)
			if !slices.ContainsFunc(faults, func(fault string) bool { return strings.Contains(fault, one.want) }) {
				t.Errorf("the checker finds %v, want %q among them", faults, one.want)
			}
		})
	}
}
