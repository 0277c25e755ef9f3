package controllers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/sampling"
	"github.com/gemba-dev/gemba/internal/source"
)

// declare tells the sampler what a KPI wants to know. What keeps it from being asked is told of; errors may pass by
// themselves, and leave what was declared before.
func (r *KPIReconciler) declare(ctx context.Context, input governance.KPIInput) (*governance.SourceProblem, error) {
	found := input.KPI
	key := client.ObjectKeyFromObject(found)
	if found.Spec.Source.Manual != nil || input.NotJudged() {
		r.Sampler.Forget(key)
		return nil, nil
	}
	asked, limits, err := r.question(ctx, found)
	var problem *sourceProblemError
	if errors.As(err, &problem) {
		r.Sampler.Forget(key)
		return &problem.SourceProblem, nil
	}
	if err != nil {
		return nil, err
	}
	plan := sampling.Plan{KPI: key, Question: asked, Every: kpi.Every(&found.Spec), Limits: limits}
	if attempt := found.Status.Attempt; attempt != nil {
		plan.AskedAt = attempt.At.Time
	}
	plan.Window, plan.Step, _ = kpi.SeriesSpan(&found.Spec, input.Values.KeepFor)
	r.Sampler.Declare(plan)
	return nil, nil
}

// sourceProblemError says why a source cannot be asked until somebody changes something.
type sourceProblemError struct{ governance.SourceProblem }

// Error is the sentence of the problem.
func (e *sourceProblemError) Error() string { return e.Message }

func sourceProblem(reason, format string, arguments ...any) error {
	return &sourceProblemError{governance.SourceProblem{Reason: reason, Message: fmt.Sprintf(format, arguments...)}}
}

// question prepares what a KPI wants to know. A *sourceProblemError says what somebody must change.
func (r *KPIReconciler) question(
	ctx context.Context, found *governancev1alpha1.KPI,
) (asked source.Question, limits sampling.Limits, err error) {
	key, named := metricSourceKey(found)
	var from *governancev1alpha1.MetricSource
	var through *egress.Client
	if named {
		if from, err = r.metricSource(ctx, key, found.Namespace); err != nil {
			return asked, limits, err
		}
		if through, err = r.Sources.Client(ctx, from); err != nil {
			if _, notReady := asNotReady(err); notReady {
				return asked, limits, sourceProblem(governancev1alpha1.ReasonReferenceNotReady,
					"MetricSource %s cannot be asked: see its condition Ready", key)
			}
			return asked, limits, err
		}
		limits = limitsOf(from)
	}
	if asked, err = r.Questions.Question(found, from, through); err != nil {
		return asked, limits, asProblem(err)
	}
	return asked, limits, nil
}

// asProblem says of a question that cannot be made what somebody must change.
func asProblem(err error) error {
	reason := governancev1alpha1.ReasonInvalidSpec
	if errors.Is(err, source.ErrNotPermitted) {
		reason = governancev1alpha1.ReasonReferenceNotPermitted
	}
	return sourceProblem(reason, "%s", strings.TrimRight(err.Error(), "."))
}

// metricSourceKey names the MetricSource that a KPI asks; ok is false where it asks none.
func metricSourceKey(found *governancev1alpha1.KPI) (key types.NamespacedName, ok bool) {
	ref := source.Reference(&found.Spec.Source)
	if ref == nil {
		return types.NamespacedName{}, false
	}
	key = types.NamespacedName{Namespace: string(ref.Namespace), Name: string(ref.Name)}
	if key.Namespace == "" {
		key.Namespace = found.Namespace
	}
	return key, true
}

// metricSource looks up a MetricSource for a KPI of a namespace: across namespaces it is refused in the same words
// whether it exists or not.
func (r *KPIReconciler) metricSource(
	ctx context.Context, key types.NamespacedName, namespace string,
) (*governancev1alpha1.MetricSource, error) {
	found := &governancev1alpha1.MetricSource{}
	err := r.Get(ctx, key, found)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("get MetricSource %s: %w", key, err)
	}
	exists := err == nil
	if key.Namespace == namespace {
		if !exists {
			return nil, sourceProblem(governancev1alpha1.ReasonReferenceNotFound,
				"MetricSource %s does not exist in this namespace: create it or name another one", key.Name)
		}
		return found, nil
	}
	permitted := false
	if exists {
		if permitted, err = admits(ctx, r, found.Spec.AllowedNamespaces, namespace); err != nil {
			return nil, err
		}
	}
	if !permitted {
		return nil, sourceProblem(governancev1alpha1.ReasonReferenceNotPermitted,
			"MetricSource %s cannot be used from namespace %s: its spec.allowedNamespaces must admit it", key, namespace)
	}
	return found, nil
}

// limitsOf says how a MetricSource may be asked. A question may take as long as the pause before a token, the request and
// the reading of the reply together.
func limitsOf(from *governancev1alpha1.MetricSource) sampling.Limits {
	return sampling.Limits{
		PerSecond: int(from.Spec.RateLimit.PerSecond), Concurrent: int(from.Spec.RateLimit.Concurrent),
		Timeout: timeoutOf(&from.Spec.Endpoint),
	}
}

// processOfKPI tells whether the process that a KPI judges exists, and gives its lifecycle; a KPI that names none needs none.
func (o observer) processOfKPI(
	ctx context.Context, found *governancev1alpha1.KPI,
) (exists bool, lifecycle governancev1alpha1.Lifecycle, err error) {
	if found.Spec.ProcessRef == nil {
		return true, "", nil
	}
	key := types.NamespacedName{Namespace: found.Namespace, Name: string(found.Spec.ProcessRef.Name)}
	process := &governancev1alpha1.Process{}
	err = o.Get(ctx, key, process)
	if apierrors.IsNotFound(err) {
		return false, "", nil
	}
	if err != nil {
		return false, "", fmt.Errorf("get process %s: %w", key, err)
	}
	return true, process.Spec.Lifecycle, nil
}

// otherKPIs gives the KPIs that a KPI names, as far as they exist.
func (o observer) otherKPIs(
	ctx context.Context, found *governancev1alpha1.KPI,
) (map[governancev1alpha1.ObjectName]*governancev1alpha1.KPI, error) {
	others := map[governancev1alpha1.ObjectName]*governancev1alpha1.KPI{}
	for _, name := range otherKPIsOf(found) {
		other := &governancev1alpha1.KPI{}
		key := types.NamespacedName{Namespace: found.Namespace, Name: name}
		err := o.Get(ctx, key, other)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("get KPI %s: %w", key, err)
		}
		others[governancev1alpha1.ObjectName(name)] = other
	}
	return others, nil
}

// wantedBack gives how far back the KPIs that are proxies for a KPI want its values; zero where none is.
func (o observer) wantedBack(
	ctx context.Context, found *governancev1alpha1.KPI,
) (wanted time.Duration, err error) {
	var naming governancev1alpha1.KPIList
	err = o.List(ctx, &naming, client.InNamespace(found.Namespace), client.MatchingFields{fieldOtherKPI: found.Name})
	if err != nil {
		return 0, fmt.Errorf("list the KPIs that name KPI %s/%s: %w", found.Namespace, found.Name, err)
	}
	for i := range naming.Items {
		spec := &naming.Items[i].Spec
		if spec.ProxyFor != nil && string(spec.ProxyFor.KPIRef.Name) == found.Name {
			wanted = max(wanted, kpi.ProxySpan(spec))
		}
	}
	return wanted, nil
}
