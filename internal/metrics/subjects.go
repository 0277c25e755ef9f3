package metrics

import (
	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// subjectKey names a subject: two kinds may use one name.
type subjectKey struct {
	kind governancev1alpha1.SubjectKind
	types.NamespacedName
}

// contribution is what one subject adds to the metrics.
type contribution struct {
	requirements []requirement
	findings     []findingLabels
	notices      []noticeSince
	// score of a process; nil where there is none.
	score *int32
	// state of a KPI, and why its value is hard to believe; empty where there is nothing to say.
	state   governancev1alpha1.KPIState
	suspect governancev1alpha1.SuspectReason
}

// requirement is where one review requirement stands.
type requirement struct {
	name  governancev1alpha1.Key
	stage governancev1alpha1.Stage
	// due is in seconds since 1970; 0 where nothing falls due.
	due int64
}

// noticeSince says since when something good lasts, in seconds since 1970.
type noticeSince struct {
	reason governancev1alpha1.NoticeReason
	about  string
	since  int64
}

type findingLabels struct {
	namespace string
	kind      governancev1alpha1.SubjectKind
	rule      governancev1alpha1.Rule
	severity  governancev1alpha1.Severity
	waived    bool
}

// ObserveProcess replaces what was said of a process by what its status says.
func (r *Recorder) ObserveProcess(process *governancev1alpha1.Process) {
	key := processKey(types.NamespacedName{Namespace: process.Namespace, Name: process.Name})
	var observed contribution
	// The status of a retired one keeps where the reviews stood, and nobody waits for them.
	if process.Spec.Lifecycle != governancev1alpha1.LifecycleRetired {
		observed = contributionOf(key, &process.Status.SubjectStatus)
		if score := process.Status.Score; score != nil {
			copied := *score
			observed.score = &copied
		}
	}
	r.replace(key, observed)
}

// ForgetProcess drops what was said of a process that is gone.
func (r *Recorder) ForgetProcess(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(processKey(key))
}

// ObserveKPI replaces what was said of a KPI by what its status says, save its value.
func (r *Recorder) ObserveKPI(kpi *governancev1alpha1.KPI) {
	key := kpiKey(types.NamespacedName{Namespace: kpi.Namespace, Name: kpi.Name})
	observed := contributionOf(key, &kpi.Status.SubjectStatus)
	observed.state = kpi.Status.State
	if kpi.Status.Suspect != nil {
		observed.suspect = kpi.Status.Suspect.Reason
	}
	r.replace(key, observed)
}

// ObserveKPIValue replaces the value of a KPI. The status shows some of them; the metric moves with each.
func (r *Recorder) ObserveKPIValue(key types.NamespacedName, value float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.values[key] = value
}

// ForgetKPI drops what was said of a KPI that is gone.
func (r *Recorder) ForgetKPI(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(kpiKey(key))
	delete(r.values, key)
}

func processKey(key types.NamespacedName) subjectKey {
	return subjectKey{kind: governancev1alpha1.KindProcess, NamespacedName: key}
}

func kpiKey(key types.NamespacedName) subjectKey {
	return subjectKey{kind: governancev1alpha1.KindKPI, NamespacedName: key}
}

func (r *Recorder) replace(key subjectKey, observed contribution) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(key)
	r.subjects[key] = observed
	for _, labels := range observed.findings {
		r.findings[labels]++
	}
}

// drop takes the contribution of a subject out. The caller holds the lock.
func (r *Recorder) drop(key subjectKey) {
	for _, labels := range r.subjects[key].findings {
		decrement(r.findings, labels)
	}
	delete(r.subjects, key)
}

func contributionOf(key subjectKey, status *governancev1alpha1.SubjectStatus) contribution {
	var made contribution
	for i := range status.Reviews {
		review := &status.Reviews[i]
		one := requirement{name: review.Name, stage: review.Stage}
		if review.Due != nil {
			one.due = review.Due.Unix()
		}
		made.requirements = append(made.requirements, one)
	}
	for i := range status.Findings {
		finding := &status.Findings[i]
		made.findings = append(made.findings, findingLabels{
			namespace: key.Namespace, kind: key.kind, rule: finding.Rule, severity: finding.Severity,
			waived: finding.WaivedBy != "",
		})
	}
	for i := range status.Notices {
		one := &status.Notices[i]
		made.notices = append(made.notices, noticeSince{reason: one.Reason, about: one.About, since: one.Since.Unix()})
	}
	return made
}
