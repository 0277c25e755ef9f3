package ticket_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

var refunds = ticket.Identity{
	Namespace: "billing", Kind: v1alpha1.KindProcess, Name: "refunds", Rule: v1alpha1.RuleReviewOverdue, About: "full",
	Episode: "2025-10-22T21:59:59Z",
}

// anyIdentity draws what the API server lets pass, and worse.
func anyIdentity() *rapid.Generator[ticket.Identity] {
	return rapid.Custom(func(t *rapid.T) ticket.Identity {
		return ticket.Identity{
			Namespace: rapid.StringMatching(`[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?`).Draw(t, "namespace"),
			Kind:      v1alpha1.KindProcess,
			Name:      rapid.OneOf(rapid.StringMatching(`[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?`), rapid.String()).Draw(t, "name"),
			Rule:      v1alpha1.Rule(rapid.StringMatching(`[A-Z][A-Za-z0-9]{1,63}`).Draw(t, "rule")),
			About:     rapid.String().Draw(t, "about"),
			Episode:   rapid.String().Draw(t, "episode"),
		}
	})
}

func TestRemediationNameIsALabelThatAPersonCanRead(t *testing.T) {
	t.Parallel()
	if name := ticket.RemediationName(refunds); !strings.HasPrefix(name, "refunds-") {
		t.Errorf("the name is %q", name)
	}
	label := regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	rapid.Check(t, func(t *rapid.T) {
		name := ticket.RemediationName(anyIdentity().Draw(t, "identity"))
		if len(name) > 63 || !label.MatchString(name) {
			t.Fatalf("%q is no DNS label", name)
		}
	})
}

func TestKeysDifferWhereverIdentitiesDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one, other := anyIdentity().Draw(t, "one"), anyIdentity().Draw(t, "other")
		same := one == other
		if (ticket.RemediationName(one) == ticket.RemediationName(other)) != same {
			t.Fatalf("names: %+v and %+v", one, other)
		}
		if (ticket.Key("c", one, "a/b") == ticket.Key("c", other, "a/b")) != same {
			t.Fatalf("keys: %+v and %+v", one, other)
		}
	})
}

func TestTicketKey(t *testing.T) {
	t.Parallel()
	shifted := refunds
	shifted.About, shifted.Episode = refunds.About+refunds.Episode, ""
	later := refunds
	later.Episode = "2026-10-22T21:59:59Z"
	key := ticket.Key("prod", refunds, "platform/desk")
	for sentence, test := range map[string]struct {
		other string
		same  bool
	}{
		"the same finding has the same key again":             {ticket.Key("prod", refunds, "platform/desk"), true},
		"another cluster has another key":                     {ticket.Key("test", refunds, "platform/desk"), false},
		"another ticket system has another key":               {ticket.Key("prod", refunds, "platform/other"), false},
		"another episode has another key":                     {ticket.Key("prod", later, "platform/desk"), false},
		"text that moves from one field to the next is other": {ticket.Key("prod", shifted, "platform/desk"), false},
		"the subject key is not the ticket key":               {ticket.SubjectKey("prod", refunds, "platform/desk"), false},
	} {
		if (test.other == key) != test.same {
			t.Errorf("not so: %s", sentence)
		}
	}
	if ticket.SubjectKey("prod", refunds, "platform/desk") != ticket.SubjectKey("prod", later, "platform/desk") {
		t.Error("the subject key differs between two episodes")
	}
	if len(key) > 50 {
		t.Errorf("the key has %d characters: too long for a label of some trackers", len(key))
	}
}

func TestMessageKey(t *testing.T) {
	t.Parallel()
	said, other := []byte("said"), []byte("other")
	if key := ticket.MessageKey("k", v1alpha1.OperationCreate, 1, said); key != "k" {
		t.Errorf("the key of a create is %q, want the ticket key", key)
	}
	first := ticket.MessageKey("k", v1alpha1.OperationClose, 2, said)
	for sentence, key := range map[string]string{
		"a later message": ticket.MessageKey("k", v1alpha1.OperationClose, 4, said),
		"another text":    ticket.MessageKey("k", v1alpha1.OperationClose, 2, other),
		"another ticket":  ticket.MessageKey("j", v1alpha1.OperationClose, 2, said),
		"the create":      "k",
	} {
		if key == first {
			t.Errorf("%s has the same key", sentence)
		}
	}
}
