package ticket_test

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestWhoDeclinesATicketIsGivenAWaiverToFillIn(t *testing.T) {
	t.Parallel()
	_, message := render(t, saying(v1alpha1.OperationComment, ticket.ReasonDeclined, sample()))
	_, template, found := strings.Cut(message.Body, "committed or applied:\n\n")
	template, _, ended := strings.Cut(template, "\n\nOpened by Gemba")
	if !found || !ended {
		t.Fatalf("there is no template in %s", message.Body)
	}
	var waiver v1alpha1.Waiver
	if err := yaml.UnmarshalStrict([]byte(template), &waiver); err == nil {
		t.Error("a template that nobody has filled in can be applied")
	}
	filled := strings.NewReplacer("until: REPLACE", "until: 2026-06-30T23:59:59Z", "approvedAt: REPLACE", "approvedAt: 2026-03-31T10:00:00Z").
		Replace(template)
	if err := yaml.UnmarshalStrict([]byte(filled), &waiver); err != nil {
		t.Fatalf("%v in %s", err, filled)
	}
	if waiver.Namespace != "billing" || waiver.Spec.SubjectRef.Name != "refunds" || waiver.Spec.SubjectRef.Kind != v1alpha1.KindProcess {
		t.Errorf("it is about %s %+v", waiver.Namespace, waiver.Spec.SubjectRef)
	}
	if rules := waiver.Spec.Rules; len(rules) != 1 || rules[0].Rule != v1alpha1.RuleReviewOverdue || rules[0].About != "full" {
		t.Errorf("it accepts %+v", rules)
	}
	if !strings.HasPrefix(waiver.Name, "refunds-wont-fix-") || waiver.Spec.Until == nil || waiver.Spec.ApprovedAt.IsZero() {
		t.Errorf("it reads %+v", waiver)
	}
}
