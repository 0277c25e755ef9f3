package ticket

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

func TestEveryTypeThatIsBuiltInCanBeSpoken(t *testing.T) {
	protocols, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []v1alpha1.TicketSystemType{
		v1alpha1.TicketSystemWebhook, v1alpha1.TicketSystemJira, v1alpha1.TicketSystemServiceNow, v1alpha1.TicketSystemGitHub,
		v1alpha1.TicketSystemGitLab, v1alpha1.TicketSystemGitea, v1alpha1.TicketSystemRedmine, v1alpha1.TicketSystemPagerDuty,
	} {
		protocol, found := protocols[known]
		if !found {
			t.Errorf("%s is not built in", known)
			continue
		}
		for _, operation := range []v1alpha1.Operation{v1alpha1.OperationCreate, v1alpha1.OperationClose, v1alpha1.OperationReopen} {
			if !protocol.Knows(operation) {
				t.Errorf("%s knows no %s", known, operation)
			}
		}
		for operation, request := range protocol.requests {
			if request.verify == nil {
				t.Errorf("%s says of a %s nothing that a message of somebody else would not hold to", known, operation)
			}
		}
		if !protocol.CarriesText(v1alpha1.OperationClose) && !protocol.Knows(v1alpha1.OperationComment) {
			t.Errorf("%s cannot say why a ticket is closed", known)
		}
	}
}
