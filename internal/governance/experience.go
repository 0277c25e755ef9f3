package governance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Experience is what the Remediations of a subject tell that are kept.
type Experience struct {
	// Causes are those of the Remediations that were closed or have come back, of a process those of its KPIs among them.
	Causes Causes
	// Unlearned are the names of the Remediations of the subject itself in which something was tried and nothing was learned.
	Unlearned []string
}

// Causes counts what was at fault, where somebody has said so.
type Causes struct {
	// Known is how many there are, People how many of them name people.
	Known, People int
}

// Count takes up the cause of a Remediation, where it counts.
func (c *Causes) Count(remediation *governancev1alpha1.Remediation) {
	switch CountedCause(remediation) {
	case "":
	case governancev1alpha1.CausePeople:
		c.Known++
		c.People++
	default:
		c.Known++
	}
}

// ExperienceOf gathers what Remediations tell: those of the subject itself, and those whose causes count beside them.
func ExperienceOf(own, beside []governancev1alpha1.Remediation) Experience {
	var told Experience
	for i := range own {
		told.Causes.Count(&own[i])
		if LacksLearning(&own[i]) {
			told.Unlearned = append(told.Unlearned, own[i].Name)
		}
	}
	for i := range beside {
		told.Causes.Count(&beside[i])
	}
	slices.Sort(told.Unlearned)
	return told
}

// CountedCause is what was at fault as the rules count it: where somebody has said so, once a Remediation is closed, and also while it
// has come back. What was at fault is no other because the finding came again: else a share would move with findings that nobody is
// to blame for. It is empty otherwise.
func CountedCause(remediation *governancev1alpha1.Remediation) governancev1alpha1.CauseCategory {
	current := &remediation.Status
	var cause governancev1alpha1.CauseCategory
	switch {
	case isAboutLearning(remediation):
	case current.State == governancev1alpha1.RemediationClosed:
		cause = current.Cause
	case current.Attempt > 1:
		cause = NamedCause(remediation)
	}
	if cause == governancev1alpha1.CauseUnknown {
		return ""
	}
	return cause
}

// NamedCause is the cause that people have named: in the Remediation, else in a ticket. Empty where they have not.
func NamedCause(remediation *governancev1alpha1.Remediation) governancev1alpha1.CauseCategory {
	if cause := remediation.Spec.Cause; cause != nil {
		return cause.Category
	}
	for _, ticket := range remediation.Status.Tickets {
		if ticket.Cause != "" {
			return ticket.Cause
		}
	}
	return ""
}

// enoughLearned is how many lessons are enough: a ticket keeps one attempt more, the present one.
const enoughLearned = 7

// LacksLearning is true where something was tried and nobody has written down what was learned from it: an attempt has a result
// and nothing learned, or what is remedied has come back more often than something was learned. An attempt that worked is followed
// by none, and nothing is asked about it.
func LacksLearning(remediation *governancev1alpha1.Remediation) bool {
	if isAboutLearning(remediation) {
		return false
	}
	learned := 0
	for _, attempt := range AttemptsOf(remediation) {
		switch {
		case strings.TrimSpace(attempt.Learned) != "":
			learned++
		case strings.TrimSpace(attempt.Result) != "":
			return true
		}
	}
	current := &remediation.Status
	return current.State != governancev1alpha1.RemediationClosed && AsksForAttempts(remediation) &&
		learned < min(int(current.Attempt)-1, enoughLearned)
}

// AttemptsOf gives the attempts as they count: what the Remediation says, else what people have written into a ticket.
func AttemptsOf(remediation *governancev1alpha1.Remediation) []governancev1alpha1.TicketAttempt {
	attempts := make([]governancev1alpha1.TicketAttempt, 0, len(remediation.Spec.Attempts))
	for _, attempt := range remediation.Spec.Attempts {
		attempts = append(attempts, governancev1alpha1.TicketAttempt{
			Hypothesis: string(attempt.Hypothesis), Result: string(attempt.Result), Learned: string(attempt.Learned),
			Done: cmp.Or(string(attempt.Correction), string(attempt.CorrectiveAction)),
		})
	}
	if len(attempts) > 0 {
		return attempts
	}
	for _, ticket := range remediation.Status.Tickets {
		if len(ticket.Attempts) > 0 {
			return ticket.Attempts
		}
	}
	return nil
}

// AsksForAttempts is true where people are asked to write down what they try: where a number must become good, or the route wants
// to know the cause. A review that is late is held, and a text is written. Of a group the findings that stand decide.
func AsksForAttempts(remediation *governancev1alpha1.Remediation) bool {
	return slices.ContainsFunc(standingRules(remediation), func(rule governancev1alpha1.Rule) bool {
		wanted := remediation.Spec.Route.Cause == governancev1alpha1.CauseRequired || rulesByName[rule].VerifyFor > 0
		return wanted && !learningRules[rule]
	})
}

// standingRules gives the rules of what is remedied.
func standingRules(remediation *governancev1alpha1.Remediation) []governancev1alpha1.Rule {
	if finding := remediation.Spec.Finding; finding != nil {
		return []governancev1alpha1.Rule{finding.Rule}
	}
	var rules []governancev1alpha1.Rule
	for _, finding := range remediation.Status.Findings {
		if finding.GoneAt == nil {
			rules = append(rules, finding.Rule)
		}
	}
	return rules
}

// learningRules are about Remediations: those that are for their findings must not feed them.
var learningRules = map[governancev1alpha1.Rule]bool{
	governancev1alpha1.RulePeopleCauseShare: true,
	governancev1alpha1.RuleNothingLearned:   true,
}

// isAboutLearning tells it by what never changes of a Remediation: by what stands in a group a finding could take itself away,
// and bring itself back.
func isAboutLearning(remediation *governancev1alpha1.Remediation) bool {
	if finding := remediation.Spec.Finding; finding != nil {
		return learningRules[finding.Rule]
	}
	group := remediation.Spec.Group
	return group != nil && learningRules[group.Rule]
}

// peopleCauseShare finds processes whose people are blamed more often than people are at fault.
func peopleCauseShare(s *processView) []found {
	causes, limit := s.experience.Causes, s.policy.Limits.PeopleCauseShare
	if causes.Known < int(s.policy.Limits.ClosedCauses) || causes.People*100 <= int(limit)*causes.Known {
		return nil
	}
	return []found{{message: fmt.Sprintf(
		"People are named as the cause of %d of %d remediations, and the limit is %d %%: look for what in the process lets people fail.",
		causes.People, causes.Known, limit)}}
}

// nothingLearned finds subjects of which something was tried and nothing learned.
func nothingLearned(s *view) []found {
	names := s.experience.Unlearned
	if len(names) == 0 {
		return nil
	}
	where := "1 remediation"
	if len(names) > 1 {
		where = fmt.Sprintf("%d remediations", len(names))
	}
	return []found{{message: part("What was learned from an attempt is not written down in "+where, names) +
		". Write it down before the next attempt."}}
}
