package controllers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

const (
	// maxRelatives bounds how many processes are looked at above or below one.
	maxRelatives = 1000
	// rollUpDelay is how long what changed below a process is gathered before it is judged again.
	rollUpDelay = 5 * time.Second
)

// aroundProcess gathers all that a verdict on a process needs.
func (o observer) aroundProcess(
	ctx context.Context, process *governancev1alpha1.Process,
) (input governance.ProcessInput, err error) {
	input.Process = process
	of := subjectKey{kind: governancev1alpha1.KindProcess, namespace: process.Namespace, name: process.Name}
	if input.Known, err = o.known(ctx, of, governance.ProcessSubject(process)); err != nil {
		return input, err
	}
	if input.References, err = o.referencesOf(ctx, process); err != nil {
		return input, err
	}
	if input.Tree, err = o.treeOf(ctx, process); err != nil {
		return input, err
	}
	kpis := input.Tree.KPIs[client.ObjectKeyFromObject(process)]
	if input.Experience, err = o.experienceOf(ctx, of, kpis); err != nil {
		return input, err
	}
	err = o.lookAbove(ctx, &input)
	return input, err
}

// treeOf gathers the sub-processes of a process, as far as they may be referred to, and the KPIs of all of them.
func (o observer) treeOf(ctx context.Context, root *governancev1alpha1.Process) (governance.Tree, error) {
	tree := governance.Tree{
		Processes: map[types.NamespacedName]*governancev1alpha1.Process{client.ObjectKeyFromObject(root): root},
		KPIs:      map[types.NamespacedName][]*governancev1alpha1.KPI{},
	}
	waiting := []*governancev1alpha1.Process{root}
	for len(waiting) > 0 && len(tree.Processes) < maxRelatives {
		process := waiting[0]
		waiting = waiting[1:]
		key := client.ObjectKeyFromObject(process)
		kpis, err := o.kpisOf(ctx, key)
		if err != nil {
			return tree, err
		}
		tree.KPIs[key] = kpis
		below, err := o.subProcesses(ctx, process)
		if err != nil {
			return tree, err
		}
		for _, one := range below {
			if name := client.ObjectKeyFromObject(one); tree.Processes[name] == nil {
				tree.Processes[name] = one
				waiting = append(waiting, one)
			}
		}
	}
	return tree, nil
}

// kpisOf gives the KPIs that judge a process.
func (o observer) kpisOf(ctx context.Context, process types.NamespacedName) ([]*governancev1alpha1.KPI, error) {
	var list governancev1alpha1.KPIList
	err := o.List(ctx, &list, client.InNamespace(process.Namespace), client.MatchingFields{fieldProcess: process.Name})
	if err != nil {
		return nil, fmt.Errorf("list the KPIs of process %s: %w", process, err)
	}
	kpis := make([]*governancev1alpha1.KPI, 0, len(list.Items))
	for i := range list.Items {
		kpis = append(kpis, &list.Items[i])
	}
	return kpis, nil
}

// subProcesses gives the processes that the steps of a process stand for and that admit it.
func (o observer) subProcesses(
	ctx context.Context, process *governancev1alpha1.Process,
) ([]*governancev1alpha1.Process, error) {
	var below []*governancev1alpha1.Process
	for i := range process.Spec.Steps {
		if process.Spec.Steps[i].ProcessRef == nil {
			continue
		}
		reference := governance.StepReference(process, &process.Spec.Steps[i])
		named, err := o.usable(ctx, &reference, process.Namespace)
		if err != nil {
			return nil, err
		}
		if named != nil {
			below = append(below, named)
		}
	}
	return below, nil
}

// lookAbove goes through the processes that one is a part of, however far above: whether one of them measures what the customer
// gets, and which findings they have.
func (o observer) lookAbove(ctx context.Context, input *governance.ProcessInput) error {
	seen := map[types.NamespacedName]bool{client.ObjectKeyFromObject(input.Process): true}
	waiting := []*governancev1alpha1.Process{input.Process}
	input.Muting = governance.Muting{}
	for len(waiting) > 0 && len(seen) < maxRelatives {
		below := waiting[0]
		waiting = waiting[1:]
		parents, err := o.parents(ctx, below)
		if err != nil {
			return err
		}
		for _, parent := range parents {
			key := client.ObjectKeyFromObject(parent)
			if seen[key] {
				continue
			}
			seen[key] = true
			if err := o.lookAt(ctx, input, parent); err != nil {
				return err
			}
			waiting = append(waiting, parent)
		}
	}
	return nil
}

// lookAt takes what matters of one process above. One of another namespace mutes nothing, because whoever may declare a process
// there could silence this one; nor does one that is a part of the process itself, in a circle.
func (o observer) lookAt(ctx context.Context, input *governance.ProcessInput, parent *governancev1alpha1.Process) error {
	key := client.ObjectKeyFromObject(parent)
	if input.Tree.Processes[key] == nil && parent.Namespace == input.Process.Namespace {
		input.Muting.Add(parent, input.Policy)
	}
	if input.ParentHasOutcome {
		return nil
	}
	kpis, err := o.kpisOf(ctx, key)
	input.ParentHasOutcome = err == nil && governance.HasCustomerOutcome(kpis)
	return err
}

// parents gives the processes in effect that a process is a part of and that it admits.
func (o observer) parents(
	ctx context.Context, process *governancev1alpha1.Process,
) ([]*governancev1alpha1.Process, error) {
	var list governancev1alpha1.ProcessList
	key := client.ObjectKeyFromObject(process)
	if err := o.List(ctx, &list, client.MatchingFields{fieldReference: key.String()}); err != nil {
		return nil, fmt.Errorf("list the processes that name process %s: %w", key, err)
	}
	var parents []*governancev1alpha1.Process
	for i := range list.Items {
		parent := &list.Items[i]
		if parent.Spec.Lifecycle != governancev1alpha1.LifecycleActive || !governance.IsPartOf(process, parent) {
			continue
		}
		if parent.Namespace != process.Namespace {
			admitted, err := admits(ctx, o, process.Spec.AllowedNamespaces, parent.Namespace)
			if err != nil {
				return nil, err
			}
			if !admitted {
				continue
			}
		}
		parents = append(parents, parent)
	}
	// An index knows no order, and which parent comes first is shown.
	slices.SortFunc(parents, func(a, b *governancev1alpha1.Process) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return parents, nil
}

// relatives asks for the processes above a process, whose size and numbers it is a part of, and for those below, which
// may be missing an outcome that it has.
func (r *ProcessReconciler) relatives(ctx context.Context, object client.Object) []reconcile.Request {
	process, ok := object.(*governancev1alpha1.Process)
	if !ok {
		return nil
	}
	seen := map[types.NamespacedName]bool{client.ObjectKeyFromObject(process): true}
	found := r.climb(ctx, client.ObjectKeyFromObject(process), seen)
	return append(found, r.descend(ctx, process, seen)...)
}

// ofNamespace asks for the processes of a namespace whose labels changed, and for all above and below them: the labels
// decide which policy judges them, and which processes elsewhere they may refer to.
func (r *ProcessReconciler) ofNamespace(ctx context.Context, namespace client.Object) []reconcile.Request {
	var list governancev1alpha1.ProcessList
	if err := r.List(ctx, &list, client.InNamespace(namespace.GetName())); err != nil {
		log.FromContext(ctx).Error(err, "List the processes of a namespace to judge again", "namespace", namespace.GetName())
		return nil
	}
	seen := map[types.NamespacedName]bool{}
	var found []reconcile.Request
	add := func(key types.NamespacedName) {
		if !seen[key] {
			seen[key] = true
			found = append(found, reconcile.Request{NamespacedName: key})
		}
	}
	addAll := func(requests []reconcile.Request) {
		for _, request := range requests {
			add(request.NamespacedName)
		}
	}
	for i := range list.Items {
		key := client.ObjectKeyFromObject(&list.Items[i])
		add(key)
		addAll(r.climb(ctx, key, map[types.NamespacedName]bool{key: true}))
		for _, reference := range governance.ReferencesOf(&list.Items[i]) {
			below := types.NamespacedName{Namespace: reference.Namespace, Name: reference.Name}
			add(below)
			var named governancev1alpha1.Process
			if r.Get(ctx, below, &named) == nil {
				// Whether it may be referred to is what may have changed.
				addAll(r.descend(ctx, &named, map[types.NamespacedName]bool{below: true}))
			}
		}
	}
	return found
}

// below asks for the processes that a process is made of: its findings mute theirs.
func (r *ProcessReconciler) below(ctx context.Context, object client.Object) []reconcile.Request {
	process, ok := object.(*governancev1alpha1.Process)
	if !ok || len(governance.ReferencesOf(process)) == 0 {
		return nil
	}
	return r.descend(ctx, process, map[types.NamespacedName]bool{client.ObjectKeyFromObject(process): true})
}

// climb asks for everything that names a process, permitted or not, and what names that.
func (r *ProcessReconciler) climb(
	ctx context.Context, from types.NamespacedName, seen map[types.NamespacedName]bool,
) []reconcile.Request {
	var found []reconcile.Request
	waiting := []types.NamespacedName{from}
	for len(waiting) > 0 && len(seen) < maxRelatives {
		at := waiting[0]
		waiting = waiting[1:]
		for _, request := range r.requests(ctx, client.MatchingFields{fieldReference: at.String()}) {
			if !seen[request.NamespacedName] {
				seen[request.NamespacedName] = true
				found = append(found, request)
				waiting = append(waiting, request.NamespacedName)
			}
		}
	}
	return found
}

// descend asks for the processes that a process is made of.
func (r *ProcessReconciler) descend(
	ctx context.Context, process *governancev1alpha1.Process, seen map[types.NamespacedName]bool,
) []reconcile.Request {
	tree, err := observer{r}.treeOf(ctx, process)
	if err != nil {
		log.FromContext(ctx).Error(err, "List the sub-processes to judge again", "process", process.Name)
		return nil
	}
	var found []reconcile.Request
	for key := range tree.Processes {
		if !seen[key] {
			seen[key] = true
			found = append(found, reconcile.Request{NamespacedName: key})
		}
	}
	return found
}

// queue is what a handler puts requests into.
type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// ofKPI asks for the process that a KPI judges, or judged, and for its relatives. Many KPIs of one process that change at
// once have it judged once: what is asked for within rollUpDelay is asked for together.
func (r *ProcessReconciler) ofKPI() handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, created event.CreateEvent, q queue) { r.rollUp(ctx, created.Object, q) },
		UpdateFunc: func(ctx context.Context, updated event.UpdateEvent, q queue) {
			r.rollUp(ctx, updated.ObjectNew, q)
			if before := processOf(updated.ObjectOld); len(before) > 0 && before[0] != "" {
				r.rollUp(ctx, updated.ObjectOld, q)
			}
		},
		DeleteFunc: func(ctx context.Context, deleted event.DeleteEvent, q queue) { r.rollUp(ctx, deleted.Object, q) },
	}
}

func (r *ProcessReconciler) rollUp(ctx context.Context, kpi client.Object, q queue) {
	names := processOf(kpi)
	if len(names) == 0 {
		return
	}
	key := types.NamespacedName{Namespace: kpi.GetNamespace(), Name: names[0]}
	q.AddAfter(reconcile.Request{NamespacedName: key}, rollUpDelay)
	for _, request := range r.climb(ctx, key, map[types.NamespacedName]bool{key: true}) {
		q.AddAfter(request, rollUpDelay)
	}
	var process governancev1alpha1.Process
	if !isOutcomeKPI(kpi) || r.Get(ctx, key, &process) != nil {
		return
	}
	for _, request := range r.descend(ctx, &process, map[types.NamespacedName]bool{key: true}) {
		q.AddAfter(request, rollUpDelay)
	}
}

func isOutcomeKPI(object client.Object) bool {
	kpi, ok := object.(*governancev1alpha1.KPI)
	return ok && kpi.Spec.Role == governancev1alpha1.KPIOutcome
}
