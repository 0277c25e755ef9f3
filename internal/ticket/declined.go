package ticket

import (
	"strconv"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// declinedText answers who has closed a ticket as something that will not be done: the finding stands until a Waiver accepts it,
// and that takes an approver.
func declinedText(content Content) string {
	var text paragraphs
	text.add("This ticket was closed as something that will not be done, and what it is about still stands. The ticket stays closed. To " +
		"close a ticket accepts nothing: a Waiver does, for a while and with the name of who approved it.")
	if content.isGroup() {
		text.add("Each finding needs a Waiver of its own; this one is for the gravest.")
	}
	text.add(waiverTemplate(content))
	return text.String()
}

// waiverTemplate is a Waiver to fill in. What only the approver knows is REPLACE, which the API server refuses as a time.
func waiverTemplate(content Content) string {
	identity := gravest(content)
	lines := []string{
		"The Waiver, ready to be filled in, committed or applied:",
		"",
		"apiVersion: " + v1alpha1.GroupVersion.String(),
		"kind: Waiver",
		"metadata:",
		"  name: " + waiverName(identity),
		"  namespace: " + identity.Namespace,
		"spec:",
		"  subjectRef:",
		"    kind: " + string(identity.Kind),
		"    name: " + identity.Name,
		"  rules:",
		"  - rule: " + string(identity.Rule),
	}
	if identity.About != "" {
		lines = append(lines, "    about: "+strconv.Quote(identity.About))
	}
	return strings.Join(append(lines,
		"  until: REPLACE # when the acceptance ends, as in 2026-06-30T23:59:59Z",
		"  justification: REPLACE # why it is accepted",
		"  approvedBy: REPLACE # the user name in the cluster of who approves; not the owner",
		"  approvedAt: REPLACE # now, as in 2026-03-31T10:00:00Z",
	), "\n")
}

// gravest is what a Waiver is about: the finding of the Remediation, or the gravest one of its group.
func gravest(content Content) Identity {
	identity := IdentityOf(content.Remediation)
	if standing := standingOf(content.Remediation.Status.Findings); content.isGroup() && len(standing) > 0 {
		first := standing[0]
		identity.Kind, identity.Name = first.Kind, string(first.Subject)
		identity.Rule, identity.About, identity.Episode = first.Rule, first.About, first.Episode
	}
	return identity
}

// waiverName proposes a name that tells the waivers of a subject apart.
func waiverName(identity Identity) string {
	return dnsPart(identity.Name, maxReviewName-nameHash-len("-wont-fix-")) + "-wont-fix-" +
		digest(string(identity.Kind), string(identity.Rule), identity.About, identity.Episode)[:nameHash]
}
