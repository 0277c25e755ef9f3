package ticket

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/expression"
)

// keyForm is how ticket keys and subject keys look.
var keyForm = regexp.MustCompile(`gemba-[0-9a-f]{` + strconv.Itoa(keyHash) + `}`)

// Verify says why a message that is written down is not one that Gemba can have written for a ticket. It is asked before a
// message is sent again: whoever may write the status of a Remediation must not speak for other tickets. The body must be in
// the one form in which Gemba writes JSON, because a field that stands in it twice may mean one thing here and another to
// the receiver; it names no other ticket; and it is as the type of system says that such a body is.
func (l Language) Verify(ctx context.Context, about v1alpha1.TicketStatus) error {
	delivery := about.Delivery
	if !belongs(delivery, about.Key) {
		return fmt.Errorf("verify the message %q: it does not belong to ticket %s", delivery.MessageKey, about.Key)
	}
	request := l.requests[delivery.Operation]
	if request == nil {
		return fmt.Errorf("verify the message %q: the ticket system knows no %s", delivery.MessageKey, delivery.Operation)
	}
	if delivery.Body == "" && request.body == nil {
		return nil
	}
	body, err := readBack([]byte(delivery.Body))
	if err != nil {
		return fmt.Errorf("verify the message %q: %w", delivery.MessageKey, err)
	}
	for _, named := range keyForm.FindAllString(delivery.Body, -1) {
		if named != about.Key && named != about.SubjectKey {
			return fmt.Errorf("verify the message %q: its body names another ticket", delivery.MessageKey)
		}
	}
	return request.verifyBody(ctx, l.named(Mention(about)), delivery, body)
}

func (r *protocolRequest) verifyBody(
	ctx context.Context, variables map[string]any, delivery *v1alpha1.Delivery, body any,
) error {
	if r.verify == nil {
		return nil
	}
	variables["body"] = body
	fits, err := r.verify.Bool(ctx, variables)
	if err != nil {
		return fmt.Errorf("verify the message %q: its body is none of the %s: %w", delivery.MessageKey, delivery.Operation, err)
	}
	if !fits {
		return fmt.Errorf("verify the message %q: its body is none of the %s", delivery.MessageKey, delivery.Operation)
	}
	return nil
}

// Mention is a message of which only is known what the status of its ticket says: enough for the target of a request.
func Mention(about v1alpha1.TicketStatus) Message {
	mention := Message{TicketKey: about.Key, SubjectKey: about.SubjectKey, TicketID: about.ID, TicketURL: about.URL}
	if about.Delivery != nil {
		mention.Operation, mention.MessageKey = about.Delivery.Operation, about.Delivery.MessageKey
	}
	return mention
}

// readBack decodes a body that must be written as Gemba writes it.
func readBack(body []byte) (any, error) {
	var decoded any
	if err := json.Unmarshal(body, &decoded); err != nil {
		return nil, fmt.Errorf("its body is no JSON: %w", err)
	}
	again, err := expression.CanonicalJSON(decoded)
	if err != nil || !bytes.Equal(again, body) {
		return nil, fmt.Errorf("its body is not as Gemba writes it")
	}
	return decoded, nil
}

// belongs is true where a message key is of the form that MessageKey gives.
func belongs(delivery *v1alpha1.Delivery, ticketKey string) bool {
	if delivery.Operation == v1alpha1.OperationCreate {
		return delivery.MessageKey == ticketKey
	}
	sum, found := strings.CutPrefix(delivery.MessageKey, ticketKey+"-"+strconv.Itoa(int(delivery.Sequence))+"-")
	return found && len(sum) == bodyHash
}
