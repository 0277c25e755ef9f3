package samples_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/demo/samples"
	"github.com/gemba-dev/gemba/internal/expression"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/kpi"
)

// company is all samples, judged together as the reconcilers would.
type company struct {
	processes map[types.NamespacedName]*v1alpha1.Process
	kpis      map[types.NamespacedName]*v1alpha1.KPI
	reviews   []v1alpha1.Review
	policy    *v1alpha1.GovernancePolicy
	cadences  governance.Cadences
	sources   []*v1alpha1.MetricSource
	// figures are ConfigMaps as expressions see them, readers the ServiceAccounts that opted in.
	figures map[types.NamespacedName]map[string]any
	readers map[types.NamespacedName]bool
}

func read(t *testing.T, now time.Time) *company {
	t.Helper()
	known := &company{}
	for _, path := range []string{folder, filepath.Join(folder, "..", "cadences")} {
		objects, err := samples.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		known.take(t, objects, now)
	}
	return known
}

func (c *company) add(t *testing.T, now time.Time, file string) {
	t.Helper()
	objects, err := samples.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c.take(t, objects, now)
}

func (c *company) take(t *testing.T, objects []*unstructured.Unstructured, now time.Time) {
	t.Helper()
	if c.processes == nil {
		c.processes, c.kpis = map[types.NamespacedName]*v1alpha1.Process{}, map[types.NamespacedName]*v1alpha1.KPI{}
		c.figures, c.readers = map[types.NamespacedName]map[string]any{}, map[types.NamespacedName]bool{}
		c.cadences = governance.Cadences{}
	}
	if err := samples.Date(objects, now); err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		key := types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
		switch object.GetKind() {
		case "Process":
			c.processes[key] = decode[v1alpha1.Process](t, object)
		case "KPI":
			c.kpis[key] = withDefaults(decode[v1alpha1.KPI](t, object))
		case "Review":
			review := decode[v1alpha1.Review](t, object)
			review.Spec.Requirement = v1alpha1.RequirementFull
			c.reviews = append(c.reviews, *review)
		case "GovernancePolicy":
			c.policy = decode[v1alpha1.GovernancePolicy](t, object)
		case "MetricSource":
			c.sources = append(c.sources, decode[v1alpha1.MetricSource](t, object))
		case "ReviewCadence":
			c.takeCadence(t, decode[v1alpha1.ReviewCadence](t, object), now)
		case "ConfigMap":
			decode[corev1.ConfigMap](t, object)
			c.figures[key] = object.Object
		case "ServiceAccount":
			c.readers[key] = object.GetAnnotations()[v1alpha1.AnnotationKPIReader] == "true"
		}
	}
}

func (c *company) takeCadence(t *testing.T, cadence *v1alpha1.ReviewCadence, now time.Time) {
	t.Helper()
	verdict := governance.JudgeCadence(cadence, now)
	if !meta.IsStatusConditionTrue(verdict.Status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("the cadence %s is not ready: %+v", cadence.Name, verdict.Status.Conditions)
	}
	c.cadences[cadence.Name] = cadence
}

// withDefaults fills in what the API server would, as far as verdicts depend on it.
func withDefaults(declared *v1alpha1.KPI) *v1alpha1.KPI {
	if declared.Spec.Role == "" {
		declared.Spec.Role = v1alpha1.KPIDriver
	}
	if proxy := declared.Spec.ProxyFor; proxy != nil && proxy.MinSamples == 0 {
		proxy.MinSamples = 12
	}
	return declared
}

// decode is strict: a field that the API does not know would be dropped by the API server without a word.
func decode[T any](t *testing.T, object *unstructured.Unstructured) *T {
	t.Helper()
	decoded := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, decoded, true); err != nil {
		t.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
	}
	return decoded
}

// settle judges until nothing changes any more: what is declared is first seen, KPIs learn of each other, reviews are
// counted, and all is judged again.
func (c *company) settle(t *testing.T, now time.Time) {
	t.Helper()
	for range 4 {
		for _, declared := range c.kpis {
			declared.Status = governance.JudgeKPI(c.aroundKPI(t, declared, now), now).Status
		}
		for _, process := range c.processes {
			process.Status = governance.JudgeProcess(governance.ProcessInput{
				Process: process, Known: c.known(governance.ProcessSubject(process)), Tree: c.tree(),
				ParentHasOutcome: c.parentHasOutcome(process),
			}, now).Status
		}
		for i := range c.reviews {
			subject := c.subject(&c.reviews[i])
			c.reviews[i].Status = governance.JudgeReview(governance.ReviewInput{
				Review: &c.reviews[i], Subject: subject, Siblings: c.known(subject).Reviews,
				Policy: governance.EffectivePolicy(c.policy), Cadences: c.cadences,
			}, now).Status
		}
	}
}

func (c *company) known(subject *governance.Subject) governance.Known {
	known := governance.Known{Policy: governance.EffectivePolicy(c.policy), Cadences: c.cadences}
	for i := range c.reviews {
		of := &c.reviews[i].Spec.SubjectRef
		if c.reviews[i].Namespace == subject.Namespace && string(of.Name) == subject.Name &&
			governance.KindOf(of.Kind) == subject.Kind {
			known.Reviews = append(known.Reviews, c.reviews[i])
		}
	}
	return known
}

func (c *company) subject(review *v1alpha1.Review) *governance.Subject {
	key := types.NamespacedName{Namespace: review.Namespace, Name: string(review.Spec.SubjectRef.Name)}
	if governance.KindOf(review.Spec.SubjectRef.Kind) == v1alpha1.KindKPI {
		return governance.KPISubject(c.kpis[key])
	}
	return governance.ProcessSubject(c.processes[key])
}

func (c *company) tree() governance.Tree {
	tree := governance.Tree{Processes: c.processes, KPIs: map[types.NamespacedName][]*v1alpha1.KPI{}}
	for _, declared := range c.kpis {
		if of := declared.Spec.ProcessRef; of != nil {
			key := types.NamespacedName{Namespace: declared.Namespace, Name: string(of.Name)}
			tree.KPIs[key] = append(tree.KPIs[key], declared)
		}
	}
	return tree
}

func (c *company) parentHasOutcome(process *v1alpha1.Process) bool {
	tree := c.tree()
	for key, parent := range c.processes {
		for _, step := range parent.Spec.Steps {
			if step.ProcessRef != nil && string(step.ProcessRef.Name) == process.Name &&
				governance.HasCustomerOutcome(tree.KPIs[key]) {
				return true
			}
		}
	}
	return false
}

func (c *company) aroundKPI(t *testing.T, declared *v1alpha1.KPI, now time.Time) governance.KPIInput {
	t.Helper()
	input := governance.KPIInput{
		KPI: declared, Known: c.known(governance.KPISubject(declared)), ProcessExists: true,
		Others: map[v1alpha1.ObjectName]*v1alpha1.KPI{},
	}
	if of := declared.Spec.ProcessRef; of != nil {
		input.ProcessExists = c.processes[types.NamespacedName{Namespace: declared.Namespace, Name: string(of.Name)}] != nil
	}
	named := slices.Clone(declared.Spec.BalancedBy)
	if proxy := declared.Spec.ProxyFor; proxy != nil {
		named = append(named, proxy.KPIRef.Name)
		if other := c.kpis[types.NamespacedName{Namespace: declared.Namespace, Name: string(proxy.KPIRef.Name)}]; other != nil {
			input.Values.Predicted = kpi.Kept(&other.Spec, &other.Status, now)
		}
	}
	for _, name := range named {
		if other := c.kpis[types.NamespacedName{Namespace: declared.Namespace, Name: string(name)}]; other != nil {
			input.Others[name] = other
		}
	}
	if declared.Spec.Source.Kubernetes != nil {
		input.Values.TriedSince = now
		input.Values.Samples = []kpi.Sample{c.sample(t, declared, now)}
	}
	return input
}

// sample reads what a KPI reads from a ConfigMap.
func (c *company) sample(t *testing.T, declared *v1alpha1.KPI, now time.Time) kpi.Sample {
	t.Helper()
	query := declared.Spec.Source.Kubernetes
	if !c.readers[types.NamespacedName{Namespace: declared.Namespace, Name: string(query.ServiceAccountName)}] {
		t.Fatalf("%s reads as %s, which does not opt in", declared.Name, query.ServiceAccountName)
	}
	object := c.figures[types.NamespacedName{Namespace: declared.Namespace, Name: string(query.Name)}]
	if object == nil || query.Kind != "ConfigMap" {
		t.Fatalf("%s reads %s %s, which does not exist", declared.Name, query.Kind, query.Name)
	}
	read := kpi.Sample{AskedAt: now, At: now, Result: v1alpha1.SampleAnswered}
	value, err := expression.Compile(string(query.Value), "object")
	if err != nil {
		t.Fatalf("%s: %v", declared.Name, err)
	}
	if read.Value, err = value.Number(t.Context(), map[string]any{"object": object}); err != nil {
		t.Fatalf("%s: %v", declared.Name, err)
	}
	if query.Time == "" {
		return read
	}
	at, err := expression.Compile(string(query.Time), "object")
	if err != nil {
		t.Fatalf("%s: %v", declared.Name, err)
	}
	if read.At, err = at.Time(t.Context(), map[string]any{"object": object}); err != nil {
		t.Fatalf("%s: %v", declared.Name, err)
	}
	return read
}

func (c *company) expect(t *testing.T, verdict samples.Verdict) {
	t.Helper()
	var subject *governance.Subject
	if declared := c.kpis[verdict.Subject.Name]; verdict.Subject.Kind == v1alpha1.KindKPI && declared != nil {
		subject = governance.KPISubject(declared)
		if declared.Status.State != verdict.State {
			t.Errorf("%s is %s, want %s: %+v", verdict.Subject, declared.Status.State, verdict.State, declared.Status.Attempt)
		}
	} else {
		subject = governance.ProcessSubject(c.processes[verdict.Subject.Name])
	}
	if subject == nil {
		t.Errorf("there is no %s", verdict.Subject)
		return
	}
	findings := subject.Status.Findings
	if got := samples.RulesOf(findings); !slices.Equal(got, verdict.Findings) {
		t.Errorf("%s has the findings %v, want %v", verdict.Subject, got, verdict.Findings)
	}
	if !meta.IsStatusConditionTrue(subject.Status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("%s is not Ready: %+v", verdict.Subject, subject.Status.Conditions)
	}
	var ticketed []v1alpha1.Rule
	for _, finding := range findings {
		if !subject.Suspended && governance.MatchRoute(c.policy, subject.Labels, finding) != nil {
			ticketed = append(ticketed, finding.Rule)
		}
	}
	slices.Sort(ticketed)
	if !slices.Equal(ticketed, verdict.Tickets) {
		t.Errorf("%s has tickets for %v, want %v", verdict.Subject, ticketed, verdict.Tickets)
	}
}

// expectCounted expects a review to count, but for the one that is there to show one that does not.
func (c *company) expectCounted(t *testing.T, review *v1alpha1.Review) {
	t.Helper()
	if review.Name == "tariff-change-autumn" {
		return
	}
	if counted := meta.FindStatusCondition(review.Status.Conditions, v1alpha1.ConditionCounted); counted == nil ||
		counted.Status != metav1.ConditionTrue || counted.Reason != v1alpha1.ReasonCounted {
		t.Errorf("the review %s is %+v, want True/Counted", review.Name, counted)
	}
}
