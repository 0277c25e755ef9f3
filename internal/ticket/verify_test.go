package ticket_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestAMessageIsVerifiedBeforeItIsSentAgain(t *testing.T) {
	t.Parallel()
	language := webhook(t)
	body := func(from, to string) func(*v1alpha1.Delivery) {
		return func(d *v1alpha1.Delivery) { d.Body = strings.Replace(d.Body, from, to, 1) }
	}
	const key, theirs = `"ticketKey":"gemba-ticket"`, `"ticketKey":"gemba-theirs"`
	for sentence, test := range map[string]struct {
		operation v1alpha1.Operation
		change    func(*v1alpha1.Delivery)
		refused   bool
	}{
		"a create is as it was written":    {v1alpha1.OperationCreate, func(*v1alpha1.Delivery) {}, false},
		"a reopening is as it was written": {v1alpha1.OperationReopen, func(*v1alpha1.Delivery) {}, false},
		"a close is as it was written":     {v1alpha1.OperationClose, func(*v1alpha1.Delivery) {}, false},
		"a message key of another ticket is refused": {v1alpha1.OperationCreate,
			func(d *v1alpha1.Delivery) { d.MessageKey = "gemba-theirs" }, true},
		"a message key with something behind it is refused": {v1alpha1.OperationCreate,
			func(d *v1alpha1.Delivery) { d.MessageKey += "0" }, true},
		"a close under the key of the create is refused": {v1alpha1.OperationClose,
			func(d *v1alpha1.Delivery) { d.MessageKey = "gemba-ticket" }, true},
		"a message key of another sequence is refused": {v1alpha1.OperationClose,
			func(d *v1alpha1.Delivery) { d.Sequence++ }, true},
		"a body about another ticket is refused":    {v1alpha1.OperationClose, body(key, theirs), true},
		"a body about two tickets is refused":       {v1alpha1.OperationClose, body(key, theirs+","+key), true},
		"a body in other letters is refused":        {v1alpha1.OperationClose, body(`{"data":{`, `{"Data":{},"data":{`), true},
		"a body with a space in it is refused":      {v1alpha1.OperationClose, body(`{"data"`, `{ "data"`), true},
		"a body with another operation is refused":  {v1alpha1.OperationCreate, body(`"operation":"Create"`, `"operation":"Close"`), true},
		"a body with another event type is refused": {v1alpha1.OperationCreate, body("ticket.opened", "ticket.closed"), true},
		"a body that is none is refused":            {v1alpha1.OperationCreate, func(d *v1alpha1.Delivery) { d.Body = "{" }, true},
	} {
		request, _ := render(t, saying(test.operation, ticket.ReasonOpened, sample()))
		delivery := &v1alpha1.Delivery{Operation: test.operation, Sequence: 3, MessageKey: request.MessageKey, Body: request.Body}
		test.change(delivery)
		about := v1alpha1.TicketStatus{Key: "gemba-ticket", SubjectKey: "gemba-subject", Delivery: delivery}
		if err := language.Verify(context.Background(), about); (err != nil) != test.refused {
			t.Errorf("not so: %s: %v", sentence, err)
		}
	}
}

// Whoever writes a process cannot keep its tickets from being opened by naming another ticket.
func TestWordsThatLookLikeTheKeyOfAnotherTicketMuteNothing(t *testing.T) {
	t.Parallel()
	process := sample()
	process.Spec.Why = "As in gemba-0123456789abcdef0123456789abcdef01234567, and in gemba-ticket."
	request, message := render(t, saying(v1alpha1.OperationCreate, ticket.ReasonOpened, process))
	about := v1alpha1.TicketStatus{Key: "gemba-ticket", SubjectKey: "gemba-subject", Delivery: &v1alpha1.Delivery{
		Operation: v1alpha1.OperationCreate, Sequence: 3, MessageKey: request.MessageKey, Body: request.Body,
	}}
	if err := webhook(t).Verify(t.Context(), about); err != nil {
		t.Error(err)
	}
	if !strings.Contains(message.Body, "As in gemba\u20110123456789abcdef") {
		t.Errorf("it reads %s", message.Body)
	}
}
