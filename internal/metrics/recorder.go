package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

var (
	nextDueDesc = prometheus.NewDesc("gemba_review_next_due_timestamp_seconds",
		"When the next review of a requirement falls due, in seconds since 1970.",
		[]string{"namespace", "kind", "name", "requirement"}, nil)
	stageDesc = prometheus.NewDesc("gemba_review_stage",
		"1 for the stage where a review requirement stands: Current, DueSoon, InGrace, Overdue or Unscheduled.",
		[]string{"namespace", "kind", "name", "requirement", "stage"}, nil)
	findingsDesc = prometheus.NewDesc("gemba_findings",
		"Findings that stand, by rule, severity, and whether a waiver accepts them.",
		[]string{"namespace", "kind", "rule", "severity", "waived"}, nil)
	remediationsDesc = prometheus.NewDesc("gemba_remediations_open",
		"Remediations that are not closed.",
		[]string{"namespace", "rule"}, nil)
)

// Recorder keeps what each object contributes, a few dozen bytes of it, and makes the metrics of it when it is asked.
// It is a prometheus.Collector. It is safe for concurrent use.
type Recorder struct {
	mu           sync.Mutex
	processes    map[types.NamespacedName]contribution
	findings     map[findingLabels]int
	remediations map[types.NamespacedName]governancev1alpha1.Rule
	open         map[remediationLabels]int
}

// contribution is what one process adds to the metrics.
type contribution struct {
	requirements []requirement
	findings     []findingLabels
}

// requirement is where one review requirement stands.
type requirement struct {
	name  governancev1alpha1.Key
	stage governancev1alpha1.Stage
	// due is in seconds since 1970; 0 where nothing falls due.
	due int64
}

type findingLabels struct {
	namespace string
	rule      governancev1alpha1.Rule
	severity  governancev1alpha1.Severity
	waived    bool
}

type remediationLabels struct {
	namespace string
	rule      governancev1alpha1.Rule
}

// NewRecorder makes a recorder that knows of nothing.
func NewRecorder() *Recorder {
	return &Recorder{
		processes:    make(map[types.NamespacedName]contribution),
		findings:     make(map[findingLabels]int),
		remediations: make(map[types.NamespacedName]governancev1alpha1.Rule),
		open:         make(map[remediationLabels]int),
	}
}

// ObserveProcess replaces what was said of a process by what its status says.
func (r *Recorder) ObserveProcess(process *governancev1alpha1.Process) {
	key := types.NamespacedName{Namespace: process.Namespace, Name: process.Name}
	observed := contributionOf(process)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(key)
	r.processes[key] = observed
	for _, labels := range observed.findings {
		r.findings[labels]++
	}
}

// ForgetProcess drops what was said of a process that is gone.
func (r *Recorder) ForgetProcess(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(key)
}

// drop takes the contribution of a process out. The caller holds the lock.
func (r *Recorder) drop(key types.NamespacedName) {
	for _, labels := range r.processes[key].findings {
		decrement(r.findings, labels)
	}
	delete(r.processes, key)
}

// ObserveRemediation counts a Remediation while it is not closed.
func (r *Recorder) ObserveRemediation(remediation *governancev1alpha1.Remediation) {
	key := types.NamespacedName{Namespace: remediation.Namespace, Name: remediation.Name}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropRemediation(key)
	if remediation.Status.State == governancev1alpha1.RemediationClosed || remediation.Spec.Finding == nil {
		return
	}
	r.remediations[key] = remediation.Spec.Finding.Rule
	r.open[remediationLabels{key.Namespace, remediation.Spec.Finding.Rule}]++
}

// ForgetRemediation drops a Remediation that is gone.
func (r *Recorder) ForgetRemediation(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropRemediation(key)
}

func (r *Recorder) dropRemediation(key types.NamespacedName) {
	rule, counted := r.remediations[key]
	if !counted {
		return
	}
	delete(r.remediations, key)
	decrement(r.open, remediationLabels{key.Namespace, rule})
}

// decrement takes one away. A count of zero goes altogether, so that labels nobody uses any more leave the metrics.
func decrement[K comparable](counts map[K]int, key K) {
	counts[key]--
	if counts[key] <= 0 {
		delete(counts, key)
	}
}

func contributionOf(process *governancev1alpha1.Process) contribution {
	var made contribution
	if process.Spec.Lifecycle == governancev1alpha1.LifecycleRetired {
		// Its status keeps where the reviews stood, and nobody waits for them.
		return made
	}
	for i := range process.Status.Reviews {
		review := &process.Status.Reviews[i]
		one := requirement{name: review.Name, stage: review.Stage}
		if review.Due != nil {
			one.due = review.Due.Unix()
		}
		made.requirements = append(made.requirements, one)
	}
	for i := range process.Status.Findings {
		finding := &process.Status.Findings[i]
		made.findings = append(made.findings, findingLabels{
			namespace: process.Namespace, rule: finding.Rule, severity: finding.Severity, waived: finding.WaivedBy != "",
		})
	}
	return made
}
