package governance

import (
	"slices"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
)

// Bounds of what the status holds.
const (
	maxFindings       = 64
	maxFindingMessage = 512
)

// ledger of findings: what stands, how often each has come up, and when the answer can change next.
type findingSet struct {
	findings []governancev1alpha1.Finding
	episodes []governancev1alpha1.FindingEpisode
	next     time.Time
}

// findAll applies every rule about a kind, and brings in severity, waivers and the past.
func findAll[V viewer](looked V, rules []rule[V], waivers []governancev1alpha1.Waiver, onlyLimit bool) findingSet {
	s := looked.common()
	set := findingSet{episodes: slices.Clone(s.subject.Status.Episodes)}
	for _, rule := range rules {
		if onlyLimit && !limitRules[rule.name] {
			continue
		}
		if until, disabled := s.policy.DisabledUntil(rule.name, s.now); disabled {
			set.changesAt(until)
			continue
		}
		for _, one := range rule.find(looked) {
			set.changesAt(one.changes)
			if one.message == "" {
				// The rule only says when it will find something.
				continue
			}
			set.add(s, rule.name, one, waivers)
		}
	}
	if len(set.findings) > maxFindings {
		set.findings = set.findings[:maxFindings]
	}
	return set
}

// add turns what a rule found into a finding. One that stood before keeps its time and its episode.
func (f *findingSet) add(s *view, rule governancev1alpha1.Rule, one found, waivers []governancev1alpha1.Waiver) {
	finding := governancev1alpha1.Finding{
		Rule: rule, About: one.about, Severity: s.severityOf(rule, one),
		Since: timestamp(one.since), Episode: one.episode,
		Message: status.Cut(one.message, maxFindingMessage),
		MutedBy: s.muting[FindingKey{rule, one.about}],
	}
	if one.episode == "" {
		f.remember(s, &finding)
	}
	if s.policy.Waivable(rule, s.subject) {
		finding.WaivedBy = waivedBy(waivers, rule, one.about)
	}
	f.findings = append(f.findings, finding)
}

// remember gives a finding the time and the episode under which it stands already; one that is new begins an episode.
func (f *findingSet) remember(s *view, finding *governancev1alpha1.Finding) {
	before := findFinding(s.subject.Status.Findings, finding.Rule, finding.About)
	if before != nil {
		finding.Since, finding.Episode = before.Since, before.Episode
		return
	}
	finding.Episode = f.nextEpisode(finding.Rule, finding.About)
	if finding.Since.IsZero() {
		finding.Since = timestamp(s.now)
	}
}

func (s *view) severityOf(rule governancev1alpha1.Rule, one found) governancev1alpha1.Severity {
	if one.severity != "" {
		return one.severity
	}
	return s.policy.Severity(rule, rulesByName[rule].Severity)
}

// nextEpisode counts one more episode of a finding and gives its number.
func (f *findingSet) nextEpisode(rule governancev1alpha1.Rule, about string) string {
	for i := range f.episodes {
		if f.episodes[i].Rule == rule && f.episodes[i].About == about {
			f.episodes[i].Count++
			return itoa(f.episodes[i].Count)
		}
	}
	if len(f.episodes) < maxFindings {
		f.episodes = append(f.episodes, governancev1alpha1.FindingEpisode{Rule: rule, About: about, Count: 1})
	}
	return itoa(1)
}

func (f *findingSet) changesAt(instant time.Time) {
	f.next = earlier(f.next, instant)
}

func findFinding(
	findings []governancev1alpha1.Finding, rule governancev1alpha1.Rule, about string,
) *governancev1alpha1.Finding {
	for i := range findings {
		if findings[i].Rule == rule && findings[i].About == about {
			return &findings[i]
		}
	}
	return nil
}

// waivedBy names the waiver, of those in force, that accepts a finding; empty for none.
func waivedBy(
	waivers []governancev1alpha1.Waiver, rule governancev1alpha1.Rule, about string,
) governancev1alpha1.ObjectName {
	for i := range waivers {
		for _, waived := range waivers[i].Spec.Rules {
			if waived.Rule == rule && (waived.About == "" || waived.About == about) {
				return governancev1alpha1.ObjectName(waivers[i].Name)
			}
		}
	}
	return ""
}

// worst gives the gravest finding that is not waived and that a filter lets pass; the first listed where several are
// equally grave, nil where there is none.
func worst(
	findings []governancev1alpha1.Finding, passes func(*governancev1alpha1.Finding) bool,
) *governancev1alpha1.Finding {
	var gravest *governancev1alpha1.Finding
	for i := range findings {
		finding := &findings[i]
		if finding.WaivedBy != "" || !passes(finding) {
			continue
		}
		if gravest == nil || severityRank[finding.Severity] > severityRank[gravest.Severity] {
			gravest = finding
		}
	}
	return gravest
}

// earlier gives the earlier of two instants, where zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
