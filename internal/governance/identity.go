package governance

import (
	"slices"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// speaker is who reviewed or approved, and on whose behalf.
type speaker struct {
	user, group governancev1alpha1.Identity
}

// owns tells whether a speaker is the owner, or speaks for the owner's team. The groups of a user are known to the API
// server alone, so a team is recognised by the group that the speaker acts for.
func (s speaker) owns(owner governancev1alpha1.Party) bool {
	if owner.User != "" && s.user == owner.User {
		return true
	}
	return owner.Team != "" && s.group == owner.Team
}

// isAmong tells whether a list of users and groups names the speaker or the group that the speaker acts for.
func (s speaker) isAmong(list []governancev1alpha1.Identity) bool {
	return slices.Contains(list, s.user) || (s.group != "" && slices.Contains(list, s.group))
}
