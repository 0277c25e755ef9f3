package ticket

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// maxFindings bounds how many findings a Remediation names.
const maxFindings = 200

// GroupOf says with which others a finding of a subject shares a ticket; nil where the route gives each its own. The episode is
// left open.
func GroupOf(route *v1alpha1.Route, subject *governance.Subject, finding v1alpha1.Finding) *v1alpha1.FindingGroup {
	if len(route.GroupBy) == 0 {
		return nil
	}
	group := &v1alpha1.FindingGroup{Scope: v1alpha1.GroupByNamespace}
	if slices.Contains(route.GroupBy, v1alpha1.GroupByRule) {
		group.Rule = finding.Rule
	}
	if slices.Contains(route.GroupBy, v1alpha1.GroupBySubject) {
		group.SubjectRef = &v1alpha1.SubjectReference{Kind: subject.Kind, Name: v1alpha1.ObjectName(subject.Name)}
	}
	return group
}

// IsOfGroup tells whether a Remediation is for a group of findings of a route.
func IsOfGroup(remediation *v1alpha1.Remediation, policy v1alpha1.ObjectName, route v1alpha1.Key, group *v1alpha1.FindingGroup) bool {
	theirs, from := remediation.Spec.Group, remediation.Spec.Route
	return theirs != nil && from.Policy == policy && from.Name == route && theirs.Rule == group.Rule &&
		sameSubject(theirs.SubjectRef, group.SubjectRef)
}

func sameSubject(a, b *v1alpha1.SubjectReference) bool {
	if a == nil || b == nil {
		return a == b
	}
	return governance.KindOf(a.Kind) == governance.KindOf(b.Kind) && a.Name == b.Name
}

// ClaimGroup names the Remediation, of those that are for one group, that its findings belong to; empty where a new one is needed: an
// open one, else the one that was closed last, where that was less than its reopenWithin ago. Those that are being deleted are
// passed over.
func ClaimGroup(of []v1alpha1.Remediation, now time.Time) string {
	candidates := slices.DeleteFunc(slices.Clone(of), func(r v1alpha1.Remediation) bool {
		closed := r.Status.State == v1alpha1.RemediationClosed
		return r.DeletionTimestamp != nil || closed && !closedRecently(&r, now)
	})
	if len(candidates) == 0 {
		return ""
	}
	return slices.MinFunc(candidates, func(a, b v1alpha1.Remediation) int {
		return cmp.Or(
			cmp.Compare(order(a.Status.State == v1alpha1.RemediationClosed), order(b.Status.State == v1alpha1.RemediationClosed)),
			closedAt(&b).Compare(closedAt(&a)),
			cmp.Compare(a.Name, b.Name),
		)
	}).Name
}

func order(last bool) int {
	if last {
		return 1
	}
	return 0
}

// NextGroupEpisode is the episode of a new Remediation for a group that had some before.
func NextGroupEpisode(before []v1alpha1.Remediation) string {
	highest := 0
	for i := range before {
		if number, err := strconv.Atoi(before[i].Spec.Group.Episode); err == nil {
			highest = max(highest, number)
		}
	}
	return strconv.Itoa(highest + 1)
}

// Holds tells whether a Remediation of a group has a finding that stands.
func Holds(remediation *v1alpha1.Remediation, kind v1alpha1.SubjectKind, subject string, finding v1alpha1.Finding) bool {
	had := findOf(remediation, kind, subject, finding)
	return had != nil && had.GoneAt == nil
}

// Had tells whether a Remediation of a group has a finding, or had it until its ticket is told that it is gone.
func Had(remediation *v1alpha1.Remediation, kind v1alpha1.SubjectKind, subject string, finding v1alpha1.Finding) bool {
	return findOf(remediation, kind, subject, finding) != nil
}

func findOf(
	remediation *v1alpha1.Remediation, kind v1alpha1.SubjectKind, subject string, finding v1alpha1.Finding,
) *v1alpha1.RemediedFinding {
	return findRemedied(remediation.Status.Findings, v1alpha1.RemediedFinding{
		Kind: kind, Subject: v1alpha1.ObjectName(subject), Finding: finding,
	})
}

// Regroup gives the findings of a group: those that it has, with what became of them, and the ones that have come. It keeps
// those that are gone until every open ticket was told and they have been gone for as long as their rule asks. standing counts
// those that stand, also where there is room for maxFindings only; then the most severe ones are kept.
func Regroup(status *v1alpha1.RemediationStatus, seen Observation, now time.Time) (all []v1alpha1.RemediedFinding, standing int) {
	standing = len(seen.Findings)
	for _, finding := range seen.Findings {
		if known := findRemedied(status.Findings, finding); known != nil && known.GoneAt == nil {
			finding.Told, finding.VerifyFor = known.Told, known.VerifyFor
		}
		all = append(all, finding)
	}
	slices.SortFunc(all, compareRemedied)
	all = all[:min(len(all), maxFindings)]
	told := toldOf(status.Tickets, Shows(all))
	for i := range all {
		all[i].Told = all[i].Told || told
	}
	all = append(all, goneOf(status.Findings, all, seen.Accepted, told, now)...)
	slices.SortFunc(all, compareRemedied)
	return all[:min(len(all), maxFindings)], standing
}

// goneOf are the findings that a group had and that do not stand any more, as long as they are of use: told says that every open
// ticket knows what stands. Those that a waiver accepts name it, and are kept for as long as it does: a ticket whose other findings
// are cured is not done.
func goneOf(had, standing, accepted []v1alpha1.RemediedFinding, told bool, now time.Time) (gone []v1alpha1.RemediedFinding) {
	for _, known := range had {
		if findRemedied(standing, known) != nil {
			continue
		}
		by := findRemedied(accepted, known)
		known = goneAt(known, by, told, now)
		isProven := !now.Before(known.GoneAt.Add(lasting(known.VerifyFor)))
		if len(standing) == 0 || !known.Told || !isProven || by != nil {
			gone = append(gone, known)
		}
	}
	return gone
}

// goneAt is a finding that does not stand any more, with the waiver that accepts it; nil where none does.
func goneAt(known v1alpha1.RemediedFinding, by *v1alpha1.RemediedFinding, told bool, now time.Time) v1alpha1.RemediedFinding {
	if known.GoneAt == nil {
		at := metav1.NewTime(now)
		known.GoneAt, known.Told = &at, false
	}
	if by != nil && known.WaivedBy != by.WaivedBy {
		known.WaivedBy, known.Told = by.WaivedBy, false
	}
	known.Told = known.Told || told
	return known
}

// toldOf is true where every open ticket was told what stands.
func toldOf(tickets []v1alpha1.TicketStatus, shows string) bool {
	return !slices.ContainsFunc(tickets, func(t v1alpha1.TicketStatus) bool {
		return t.State == v1alpha1.TicketOpen && t.Shows != shows
	})
}

func findRemedied(all []v1alpha1.RemediedFinding, sought v1alpha1.RemediedFinding) *v1alpha1.RemediedFinding {
	for i := range all {
		if one := &all[i]; one.Kind == sought.Kind && one.Subject == sought.Subject && one.Rule == sought.Rule && one.About == sought.About {
			return one
		}
	}
	return nil
}

// compareRemedied orders what stands before what is gone, then the most severe first, then by rule and name.
func compareRemedied(a, b v1alpha1.RemediedFinding) int {
	return cmp.Or(
		cmp.Compare(order(a.GoneAt != nil), order(b.GoneAt != nil)),
		cmp.Compare(governance.Rank(b.Severity), governance.Rank(a.Severity)),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.About, b.About),
	)
}

// standingOf are the findings that stand.
func standingOf(all []v1alpha1.RemediedFinding) []v1alpha1.RemediedFinding {
	return slices.DeleteFunc(slices.Clone(all), func(f v1alpha1.RemediedFinding) bool { return f.GoneAt != nil })
}

// groupVerifiedAt is when each of the findings of a group that are all gone has been gone for long enough.
func groupVerifiedAt(all []v1alpha1.RemediedFinding, since time.Time) time.Time {
	verified := since
	for _, finding := range all {
		if finding.GoneAt == nil {
			continue
		}
		if at := finding.GoneAt.Add(lasting(finding.VerifyFor)); at.After(verified) {
			verified = at
		}
	}
	return verified
}
