package source

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
)

// Builder prepares the questions of KPIs. Make one for the whole process: it keeps what is costly to make. It is safe for
// concurrent use.
type Builder struct {
	// Kubernetes reads objects of the cluster. Nil: KPIs may not.
	Kubernetes *Kubernetes

	programs programs
}

// request is all that a question is made of.
type request struct {
	builder *Builder
	kpi     *v1alpha1.KPI
	// from and client are nil for sources that need no MetricSource.
	from   *v1alpha1.MetricSource
	client *egress.Client
}

// adapter makes the questions of one kind of source.
type adapter struct {
	// reference is the MetricSource that a KPI asks; found is false where its source is of another kind.
	reference func(declared *v1alpha1.KPISource) (reference *v1alpha1.ObjectReference, found bool)
	// needs is the type that the MetricSource must have; empty where there is none.
	needs v1alpha1.MetricSourceType
	// prepare makes the question.
	prepare func(in request) (Question, error)
}

// adapters by the field that declares them.
var adapters = map[string]adapter{
	"prometheus": prometheusAdapter,
	"http":       httpAdapter,
	"kubernetes": kubernetesAdapter,
}

// Reference returns the MetricSource that a KPI asks; nil where it asks none.
func Reference(declared *v1alpha1.KPISource) *v1alpha1.ObjectReference {
	for _, candidate := range adapters {
		if reference, found := candidate.reference(declared); found {
			return reference
		}
	}
	return nil
}

// Question prepares what a KPI asks. From is the MetricSource that it refers to, and client one that reaches it; both are
// nil where Reference is. That the KPI may refer to it was checked before. Errors are ProblemErrors, whose sentences say what
// to change.
func (b *Builder) Question(asking *v1alpha1.KPI, from *v1alpha1.MetricSource, client *egress.Client) (Question, error) {
	for _, candidate := range adapters {
		if _, found := candidate.reference(&asking.Spec.Source); found {
			return candidate.question(request{builder: b, kpi: asking, from: from, client: client})
		}
	}
	return Question{}, problem(ErrNotAsked, "the values stand in the KPI itself", "")
}

// question checks what it is made of.
func (a adapter) question(in request) (Question, error) {
	if a.needs == "" {
		return a.prepare(in)
	}
	if in.from == nil || in.client == nil {
		return Question{}, problem(ErrInvalid, "the KPI has no MetricSource", "Name one in metricSourceRef.")
	}
	if in.from.Spec.Type != a.needs {
		return Question{}, problem(ErrInvalid,
			fmt.Sprintf("MetricSource %s is of type %s", in.from.Name, in.from.Spec.Type),
			fmt.Sprintf("Name one of type %s.", a.needs))
	}
	return a.prepare(in)
}

// lane is that of the MetricSource.
func (r request) lane() string {
	return MetricSourceLane(types.NamespacedName{Namespace: r.from.Namespace, Name: r.from.Name})
}

// keyOf names a question by all that can change its answer. It is a hash, because queries and bodies are long and are
// nobody's business outside the KPI.
func keyOf(kind string, parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s,", len(part), part)
	}
	return kind + "/" + hex.EncodeToString(hash.Sum(nil)[:16])
}
