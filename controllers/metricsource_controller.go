package controllers

import (
	"context"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
)

// MetricSourceReconciler says whether metric sources can be used and whether they answer. It asks nothing itself.
type MetricSourceReconciler struct {
	client.Client
	Clock   clock.PassiveClock
	Sources *MetricSources
	// Reach says what the answers to the questions of KPIs tell of a source.
	Reach *SourceReach
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=metricsources;kpis,verbs=get;list;watch
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=metricsources/status,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get

// Reconcile checks one MetricSource. Secrets are not watched, and so it is looked at again and again; that also tells, some
// minutes late, that no KPI asks it any more.
func (r *MetricSourceReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	found := &v1alpha1.MetricSource{}
	if err := r.Get(ctx, request.NamespacedName, found); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.Sources.Forget(request.NamespacedName)
			r.Reach.Forget(request.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("get MetricSource %s: %w", request.NamespacedName, err)
	}
	now := secondsNow(r.Clock)
	before := found.DeepCopy()
	readiness, err := r.judge(ctx, found)
	if err != nil {
		return ctrl.Result{}, err
	}
	found.Status.ObservedGeneration = found.Generation
	status.SetReady(&found.Status.Conditions, readiness, found.Generation, now)
	if err := r.setReachable(ctx, found, now); err != nil {
		return ctrl.Result{}, err
	}
	if _, err := status.Write(ctx, r.Client, found, before); err != nil {
		return afterConflict(err)
	}
	return ctrl.Result{RequeueAfter: recheckSecrets}, nil
}

func (r *MetricSourceReconciler) judge(ctx context.Context, found *v1alpha1.MetricSource) (status.Readiness, error) {
	err := r.Sources.Refresh(ctx, found)
	if err == nil {
		return status.Reconciled("The metric source can be used."), nil
	}
	if readiness, ok := asNotReady(err); ok {
		return readiness, nil
	}
	return status.Readiness{}, err
}

// setReachable says whether the source answers. What is shown stays where KPIs ask and nothing is known since the process
// began, and where it is as it was, so that the wording of one failure after another writes nothing.
func (r *MetricSourceReconciler) setReachable(ctx context.Context, found *v1alpha1.MetricSource, now time.Time) error {
	shown := status.Find(found.Status.Conditions, v1alpha1.ConditionReachable)
	learnt, known := r.Reach.Condition(client.ObjectKeyFromObject(found))
	if !known && shown != nil {
		asked, err := r.isAsked(ctx, found)
		if err != nil {
			return err
		}
		if !asked {
			learnt, known = sourceNotAsked(), true
			// Whatever is learnt next is news.
			r.Reach.Forget(client.ObjectKeyFromObject(found))
		}
	}
	switch {
	case known && (shown == nil || shown.Status != learnt.Status):
		status.Set(&found.Status.Conditions, learnt, found.Generation, now)
	case shown != nil:
		status.Set(&found.Status.Conditions, *shown, found.Generation, now)
	}
	return nil
}

// isAsked says whether any KPI asks the source. One that is not judged, because its process is none that runs, asks nothing,
// nor does one that may not.
func (r *MetricSourceReconciler) isAsked(ctx context.Context, found *v1alpha1.MetricSource) (bool, error) {
	var kpis v1alpha1.KPIList
	key := client.ObjectKeyFromObject(found).String()
	if err := r.List(ctx, &kpis, client.MatchingFields{fieldMetricSource: key}); err != nil {
		return false, fmt.Errorf("list the KPIs of MetricSource %s: %w", key, err)
	}
	return slices.ContainsFunc(kpis.Items, func(kpi v1alpha1.KPI) bool { return !asksNothing(&kpi) }), nil
}

func asksNothing(kpi *v1alpha1.KPI) bool {
	for _, condition := range kpi.Status.Conditions {
		switch condition.Reason {
		case v1alpha1.ReasonRetired, v1alpha1.ReasonDraft, v1alpha1.ReasonReferenceNotPermitted:
			return true
		}
	}
	return false
}

// SetupWithManager wakes the reconciler for each MetricSource, and where one begins or ceases to answer.
func (r *MetricSourceReconciler) SetupWithManager(mgr ctrl.Manager) error {
	learnt := source.Channel(r.Reach.changes, &handler.TypedEnqueueRequestForObject[*v1alpha1.MetricSource]{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named("metricsource").
		For(&v1alpha1.MetricSource{}, builder.WithPredicates(specChanged)).
		WatchesRawSource(learnt).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the controller of MetricSources: %w", err)
	}
	return nil
}

// sourceNotAsked is the condition of a source of which nobody can say whether it answers.
func sourceNotAsked() metav1.Condition {
	return metav1.Condition{
		Type: v1alpha1.ConditionReachable, Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonNotAsked,
		Message: "No KPI asks the metric source any more.",
	}
}

// sourceReachable is the condition of a source that answers, or does not.
func sourceReachable(answers bool, message string) metav1.Condition {
	condition := metav1.Condition{
		Type: v1alpha1.ConditionReachable, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonAnswered,
		Message: "The metric source answers.",
	}
	if !answers {
		condition.Status, condition.Reason, condition.Message = metav1.ConditionFalse, v1alpha1.ReasonNoAnswer, message
	}
	return condition
}
