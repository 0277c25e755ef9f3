package governance_test

import (
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

func TestToWhomATicketAboutASubjectIsAssigned(t *testing.T) {
	t.Parallel()
	process := builders.MakeProcess("refunds").Label("team.example.com/on-call", "anna").Label("squad", "blue").OwnerUser("ayse").
		OwnerTeam("payments").Tier(v1alpha1.TierKey).Obj()
	accountable := v1alpha1.Party{User: "chief"}
	process.Spec.Accountable = &accountable
	for sentence, test := range map[string]struct {
		declared v1alpha1.Expression
		subject  *governance.Subject
		want     string
		fails    string
	}{
		"the owner":                       {declared: "subject.owner.user", want: "ayse"},
		"a team, with a word before it":   {declared: `"team:" + subject.owner.team`, want: "team:payments"},
		"whoever is accountable":          {declared: "subject.accountable.user", want: "chief"},
		"whoever a label names":           {declared: `subject.labels["team.example.com/on-call"]`, want: "anna"},
		"by the tier":                     {declared: `subject.tier == "Key" ? "chief" : subject.owner.user`, want: "chief"},
		"by kind, namespace and name":     {declared: `subject.kind + "/" + subject.namespace + "/" + subject.name`, want: "Process/default/refunds"},
		"nobody, by an empty text":        {declared: `" "`, want: ""},
		"nobody, by null":                 {declared: "null", want: ""},
		"nobody, by an optional":          {declared: `subject.labels[?"nobody"]`, want: ""},
		"a label, or else the owner":      {declared: `subject.labels[?"nobody"].orValue(subject.owner.user)`, want: "ayse"},
		"a number, as text":               {declared: "7", want: "7"},
		"nobody, where a label is absent": {declared: "subject.labels.nobody", fails: "no such key: nobody"},
		"nobody, by a list":               {declared: "[subject.owner.user]", fails: "no text"},
		"the owner of a KPI, whom nobody is accountable for": {
			declared: `subject.accountable.user + subject.owner.role`, want: "controller",
			subject: &governance.Subject{Kind: v1alpha1.KindKPI, Owner: v1alpha1.Party{Role: "controller"}},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			subject := test.subject
			if subject == nil {
				subject = governance.ProcessSubject(process)
			}
			assignee, err := governance.CompileAssignee(test.declared)
			if err != nil {
				t.Fatal(err)
			}
			got, err := assignee.Of(t.Context(), subject)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("the error is %v", err)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("it is %q, %v", got, err)
			}
		})
	}
}

func TestAPolicyWhoseAssigneesAreNotUnderstoodStalls(t *testing.T) {
	t.Parallel()
	route := func(assignee v1alpha1.Expression) v1alpha1.Route {
		return v1alpha1.Route{Name: "all", Assignee: assignee}
	}
	for sentence, test := range map[string]struct {
		route v1alpha1.Route
		says  string
	}{
		"where it cannot be read":                                    {route("subject.owner.user +"), "The assignee of route all is not understood: line 1, column 21: "},
		"where it is of the subject":                                 {route("owner.user"), "The assignee of route all is not understood: line 1, column 1: undeclared reference to 'owner'"},
		"where a field is misspelt":                                  {route("subject.owner.usr"), "The assignee of route all is not understood: a subject has no owner.usr."},
		"where it is no text":                                        {route("subject.owner"), "The assignee of route all is not understood: the value is of the type map and no text; convert it with string(...)."},
		"where a step has such a one":                                {v1alpha1.Route{Name: "all", Pace: v1alpha1.Pace{Escalate: []v1alpha1.Escalation{{After: "1h", Severity: "High"}, {After: "2h", Assignee: "chief"}}}}, "The assignee of escalate[1] of route all is not understood: line 1, column 1: undeclared reference"},
		"never for a label that one subject has and another has not": {route(`subject.labels.team + subject.labels["a/b"] + subject.labels[?'c'].orValue("")`), ""},
		"where a subject has no such":                                {route("subject . why"), "The assignee of route all is not understood: a subject has no why."},
		"where another method is asked for":                          {route("subject.owner.size()"), "The assignee of route all is not understood: a subject has no owner.size."},
		"never for a label in a map":                                 {route(`{"value-stream-1": "ayse"}[subject.labels.stream]`), ""},
		"never for what stands in a text":                            {route(`"subject.nothing " + 'it\'s subject.none'`), ""},
		"never for a kind in a map":                                  {route(`{"KPI": "ayse"}[subject.kind]`), ""},
		"never for labels by a detour":                               {route(`["team", "squad"].map(l, subject.labels[l])[0] + subject["labels"]["team"]`), ""},
		"never for what depends on the subject":                      {route("subject.labels[subject.name]"), ""},
		"never where there is none":                                  {route(""), ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			policy := builders.MakePolicy("house").RouteOf(test.route).Obj()
			got := governance.JudgePolicy(t.Context(), governance.PolicyInput{Policy: policy, Policies: []v1alpha1.GovernancePolicy{*policy}}, at("2024-07-01"))
			ready := status.Find(got.Conditions, v1alpha1.ConditionReady)
			if test.says == "" {
				wantCondition(t, got.Conditions, v1alpha1.ConditionReady, "True/Reconciled")
				return
			}
			wantCondition(t, got.Conditions, v1alpha1.ConditionReady, "False/InvalidSpec")
			if !strings.HasPrefix(ready.Message, test.says) || strings.HasSuffix(ready.Message, "..") {
				t.Errorf("it says %q", ready.Message)
			}
		})
	}
}
