package governance

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Bounds of what is unrolled. A process that is a part of itself many times over counts as this much and no more.
const (
	maxUnrolledSteps = 2000
	maxUnrolledDepth = 16
)

// Tree holds processes with all that they are made of, by name.
type Tree struct {
	// Processes that can be reached over the processRef of steps that can be used, the process itself among them or not.
	Processes map[types.NamespacedName]*governancev1alpha1.Process
	// KPIs that name each of them and the process itself, by name.
	KPIs map[types.NamespacedName][]*governancev1alpha1.KPI
}

// family is a process with its sub-processes.
type family struct {
	// steps of the process, where a step that stands for a sub-process is replaced by the steps of that one.
	steps []governancev1alpha1.Step
	// own KPIs of the process, and kpis of the whole family, each once.
	own, kpis []*governancev1alpha1.KPI
	// problem is the cycle that the references make, nil where there is none.
	problem *referenceProblem
}

// familyOf gathers the family of a process. A reference that leads back to a process on its own way is a cycle, and is
// not followed.
func (t Tree) familyOf(process *governancev1alpha1.Process) family {
	walk := familyWalk{tree: t, seen: map[types.NamespacedName]bool{}}
	root := types.NamespacedName{Namespace: process.Namespace, Name: process.Name}
	walk.collect(root)
	gathered := family{own: t.KPIs[root], kpis: walk.kpis}
	gathered.steps = walk.unroll(process, []types.NamespacedName{root})
	gathered.problem = walk.problem
	slices.SortStableFunc(gathered.kpis, byIdentity)
	return gathered
}

// byIdentity orders KPIs so that what is said of several is said in the same order each time.
func byIdentity(a, b *governancev1alpha1.KPI) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// familyWalk goes through the sub-processes of one process.
type familyWalk struct {
	tree    Tree
	seen    map[types.NamespacedName]bool
	kpis    []*governancev1alpha1.KPI
	problem *referenceProblem
	total   int
}

// collect gathers the KPIs of a process and of those below it.
func (w *familyWalk) collect(root types.NamespacedName) {
	waiting := []types.NamespacedName{root}
	w.seen[root] = true
	for len(waiting) > 0 {
		at := waiting[0]
		waiting = waiting[1:]
		w.kpis = append(w.kpis, w.tree.KPIs[at]...)
		process := w.tree.Processes[at]
		if process == nil {
			continue
		}
		for i := range process.Spec.Steps {
			to, named := subProcess(process, &process.Spec.Steps[i])
			if named && !w.seen[to] && inEffect(w.tree.Processes[to]) {
				w.seen[to] = true
				waiting = append(waiting, to)
			}
		}
	}
}

// inEffect tells whether a sub-process is there and judged: the numbers of one that is retired, or a draft, are nobody's.
func inEffect(process *governancev1alpha1.Process) bool {
	return process != nil && process.Spec.Lifecycle != governancev1alpha1.LifecycleRetired &&
		process.Spec.Lifecycle != governancev1alpha1.LifecycleDraft
}

// unroll gives the steps of a process with those of its sub-processes in their place. way holds the processes that led
// here, itself last.
func (w *familyWalk) unroll(process *governancev1alpha1.Process, way []types.NamespacedName) []governancev1alpha1.Step {
	var steps []governancev1alpha1.Step
	for i := range process.Spec.Steps {
		if w.total >= maxUnrolledSteps {
			break
		}
		step := &process.Spec.Steps[i]
		to, named := subProcess(process, step)
		below := w.tree.Processes[to]
		if named && slices.Contains(way, to) {
			w.noteCycle(way, to, step)
			below = nil
		}
		if !named || below == nil || len(below.Spec.Steps) == 0 || len(way) >= maxUnrolledDepth {
			w.total++
			steps = append(steps, *step)
			continue
		}
		steps = append(steps, w.unroll(below, append(slices.Clone(way), to))...)
	}
	return steps
}

// noteCycle keeps the first cycle that the process itself is on; one below it is told where it is. Names of other
// namespaces are not told.
func (w *familyWalk) noteCycle(way []types.NamespacedName, to types.NamespacedName, step *governancev1alpha1.Step) {
	if w.problem != nil || to != way[0] {
		return
	}
	names := make([]string, 0, len(way)+1)
	for _, one := range append(slices.Clone(way), to) {
		if one.Namespace != way[0].Namespace {
			names = append(names, "a process of another namespace")
			continue
		}
		names = append(names, one.Name)
	}
	w.problem = &referenceProblem{governancev1alpha1.ReasonReferenceCycle,
		"The process is a part of itself: " + strings.Join(names, " > ") + "; take the processRef out of step " +
			string(step.Name) + " of the last one, or of one before"}
}

// subProcess gives the process that a step stands for; ok is false where it stands for none.
func subProcess(process *governancev1alpha1.Process, step *governancev1alpha1.Step) (name types.NamespacedName, ok bool) {
	if step.ProcessRef == nil {
		return types.NamespacedName{}, false
	}
	namespace := string(step.ProcessRef.Namespace)
	if namespace == "" {
		namespace = process.Namespace
	}
	return types.NamespacedName{Namespace: namespace, Name: string(step.ProcessRef.Name)}, true
}
