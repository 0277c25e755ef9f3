package ticket_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// BenchmarkRender is what it takes to make a message and its request.
func BenchmarkRender(b *testing.B) {
	language, content := webhook(b), saying(v1alpha1.OperationCreate, ticket.ReasonOpened, sample())
	for b.Loop() {
		if _, err := ticket.Render(b.Context(), language, content, 1, ticket.Looked{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify is what it takes to see that a message is one of Gemba's.
func BenchmarkVerify(b *testing.B) {
	language, content := webhook(b), saying(v1alpha1.OperationCreate, ticket.ReasonOpened, sample())
	request, err := ticket.Render(b.Context(), language, content, 1, ticket.Looked{})
	if err != nil {
		b.Fatal(err)
	}
	about := v1alpha1.TicketStatus{Key: content.TicketKey, SubjectKey: content.SubjectKey, Delivery: &v1alpha1.Delivery{
		Operation: v1alpha1.OperationCreate, Sequence: 1, MessageKey: request.MessageKey, Body: request.Body,
	}}
	for b.Loop() {
		if err := language.Verify(b.Context(), about); err != nil {
			b.Fatal(err)
		}
	}
}
