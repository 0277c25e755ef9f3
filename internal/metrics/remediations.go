package metrics

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Remediations feeds a Recorder from the cache. It runs where the manager leads.
type Remediations struct {
	Cache    cache.Informers
	Recorder *Recorder
}

// Start implements manager.Runnable: it feeds until the context ends.
func (f *Remediations) Start(ctx context.Context) error {
	informer, err := f.Cache.GetInformer(ctx, &governancev1alpha1.Remediation{})
	if err != nil {
		return fmt.Errorf("watch remediations for the metrics: %w", err)
	}
	registration, err := informer.AddEventHandler(f.handler())
	if err != nil {
		return fmt.Errorf("watch remediations for the metrics: %w", err)
	}
	<-ctx.Done()
	if err := informer.RemoveEventHandler(registration); err != nil {
		return fmt.Errorf("stop watching remediations for the metrics: %w", err)
	}
	return nil
}

// NeedLeaderElection implements manager.LeaderElectionRunnable.
func (f *Remediations) NeedLeaderElection() bool { return true }

func (f *Remediations) handler() toolscache.ResourceEventHandler {
	observe := func(object any) {
		if remediation, ok := object.(*governancev1alpha1.Remediation); ok {
			f.Recorder.ObserveRemediation(remediation)
		}
	}
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc:    observe,
		UpdateFunc: func(_, object any) { observe(object) },
		DeleteFunc: func(object any) {
			key, err := toolscache.DeletionHandlingMetaNamespaceKeyFunc(object)
			if err != nil {
				return
			}
			namespace, name, err := toolscache.SplitMetaNamespaceKey(key)
			if err == nil {
				f.Recorder.ForgetRemediation(types.NamespacedName{Namespace: namespace, Name: name})
			}
		},
	}
}
