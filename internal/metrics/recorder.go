package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
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
	stuckDesc = prometheus.NewDesc("gemba_deliveries_stuck",
		"Tickets of Remediations that are not closed whose last message waits for somebody: Refused, GaveUp or OutcomeUnknown.",
		[]string{"system", "reason"}, nil)
	scoreDesc = prometheus.NewDesc("gemba_process_score",
		"How much of the weight of the judged KPIs of a process is met, in percent. 0 where a Fatal one is breached.",
		[]string{"namespace", "name"}, nil)
	noticeDesc = prometheus.NewDesc("gemba_notice_since_timestamp_seconds",
		"When what a notice is proud of began, in seconds since 1970; there while it lasts: TargetHeld or ReviewedInTime.",
		[]string{"namespace", "kind", "name", "reason", "about"}, nil)
	kpiValueDesc = prometheus.NewDesc("gemba_kpi_value",
		"The newest value of a KPI, in its own unit.",
		[]string{"namespace", "name"}, nil)
	kpiStateDesc = prometheus.NewDesc("gemba_kpi_state",
		"1 for what the values of a KPI say: Met, AtRisk, Breached, Stale, NeverMeasured or Inconclusive.",
		[]string{"namespace", "name", "state"}, nil)
	kpiSuspectDesc = prometheus.NewDesc("gemba_kpi_suspect",
		"1 where the value of a KPI is hard to believe, with the reason: OutOfRange, Flat or Jump.",
		[]string{"namespace", "name", "reason"}, nil)
)

// Recorder keeps what each object contributes, a few dozen bytes of it, and makes the metrics of it when it is asked.
// It is a prometheus.Collector. It is safe for concurrent use.
type Recorder struct {
	mu           sync.Mutex
	subjects     map[subjectKey]contribution
	values       map[types.NamespacedName]float64
	findings     map[findingLabels]int
	remediations map[types.NamespacedName]openRemediation
	open         map[remediationLabels]int
	stuck        map[stuckLabels]int
}

// NewRecorder makes a recorder that knows of nothing.
func NewRecorder() *Recorder {
	return &Recorder{
		subjects:     make(map[subjectKey]contribution),
		values:       make(map[types.NamespacedName]float64),
		findings:     make(map[findingLabels]int),
		remediations: make(map[types.NamespacedName]openRemediation),
		open:         make(map[remediationLabels]int),
		stuck:        make(map[stuckLabels]int),
	}
}

// decrement takes one away. A count of zero goes altogether, so that labels nobody uses any more leave the metrics.
func decrement[K comparable](counts map[K]int, key K) {
	counts[key]--
	if counts[key] <= 0 {
		delete(counts, key)
	}
}
