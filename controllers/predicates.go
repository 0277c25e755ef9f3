package controllers

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// resynced lets pass that the cache shows an object again that did not change. A timer waits for elapsed time: where a
// machine slept, or its clock was set, it rings too late, and this is what notices within the cache's resync period.
var resynced = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	UpdateFunc: func(update event.UpdateEvent) bool {
		return update.ObjectOld != nil && update.ObjectNew != nil &&
			update.ObjectOld.GetResourceVersion() == update.ObjectNew.GetResourceVersion()
	},
	DeleteFunc:  func(event.DeleteEvent) bool { return false },
	GenericFunc: func(event.GenericEvent) bool { return false },
}

// specChanged lets pass what an edit of a spec caused, and nothing that a status write did.
var specChanged = predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, resynced)

// declarationChanged lets pass what an edit of a spec or of labels caused, and nothing that a status write did.
var declarationChanged = predicate.Or(specChanged, predicate.LabelChangedPredicate{})

// arrived lets pass that an object is new, or gone.
var arrived = predicate.Funcs{
	UpdateFunc:  func(event.UpdateEvent) bool { return false },
	GenericFunc: func(event.GenericEvent) bool { return false },
}

// numbersChanged lets pass that the verdict on a KPI changed in what its process answers for, and not that its value
// moved.
var numbersChanged = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	UpdateFunc: func(update event.UpdateEvent) bool {
		before, okBefore := update.ObjectOld.(*governancev1alpha1.KPI)
		after, okAfter := update.ObjectNew.(*governancev1alpha1.KPI)
		return okBefore && okAfter && (before.Status.State != after.Status.State ||
			before.Status.Judged != after.Status.Judged ||
			!equality.Semantic.DeepEqual(before.Status.Findings, after.Status.Findings))
	},
	DeleteFunc:  func(event.DeleteEvent) bool { return false },
	GenericFunc: func(event.GenericEvent) bool { return false },
}

// findingsChanged lets pass that findings of a process came, went, or were waived, and not that their words changed.
var findingsChanged = predicate.Funcs{
	CreateFunc: func(event.CreateEvent) bool { return false },
	UpdateFunc: func(update event.UpdateEvent) bool {
		before, okBefore := update.ObjectOld.(*governancev1alpha1.Process)
		after, okAfter := update.ObjectNew.(*governancev1alpha1.Process)
		return okBefore && okAfter && !slices.EqualFunc(before.Status.Findings, after.Status.Findings, sameStanding)
	},
	DeleteFunc:  func(event.DeleteEvent) bool { return false },
	GenericFunc: func(event.GenericEvent) bool { return false },
}

func sameStanding(a, b governancev1alpha1.Finding) bool {
	return a.Rule == b.Rule && a.About == b.About && a.WaivedBy == b.WaivedBy && a.MutedBy == b.MutedBy
}
