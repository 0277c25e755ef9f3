package governance

import (
	"fmt"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Reference is another process that a process names, and whether it can be used.
type Reference struct {
	// From says where it is named, as in "step pay".
	From string
	// Namespace and Name of the process that is named.
	Namespace, Name string
	// Usable is true where it exists and, across namespaces, admits the reference.
	Usable bool
}

// ReferencesOf lists the processes that a process in a namespace names: those that its steps stand for, and the one that
// replaced it. Whether they can be used is left open.
func ReferencesOf(process *governancev1alpha1.Process) []Reference {
	var references []Reference
	for i := range process.Spec.Steps {
		step := &process.Spec.Steps[i]
		if step.ProcessRef == nil {
			continue
		}
		references = append(references, StepReference(process, step))
	}
	if retired := process.Spec.Retirement; retired != nil && retired.ReplacedBy != "" {
		references = append(references, Reference{
			From: "retirement", Namespace: process.Namespace, Name: string(retired.ReplacedBy),
		})
	}
	return references
}

// StepReference gives the process that a step with a processRef stands for. Whether it can be used is left open.
func StepReference(process *governancev1alpha1.Process, step *governancev1alpha1.Step) Reference {
	to, _ := subProcess(process, step)
	return Reference{From: "step " + string(step.Name), Namespace: to.Namespace, Name: to.Name}
}

// IsPartOf tells whether a step of another process stands for a process.
func IsPartOf(process, other *governancev1alpha1.Process) bool {
	for i := range other.Spec.Steps {
		to, named := subProcess(other, &other.Spec.Steps[i])
		if named && to.Namespace == process.Namespace && to.Name == process.Name {
			return true
		}
	}
	return false
}

// unusable says why the first reference that cannot be used cannot; nil where all can. Across namespaces the words are
// the same whether the process exists or not.
func unusable(process *governancev1alpha1.Process, references []Reference) *referenceProblem {
	for _, reference := range references {
		switch {
		case reference.Usable:
		case reference.Namespace == process.Namespace:
			return &referenceProblem{governancev1alpha1.ReasonReferenceNotFound, fmt.Sprintf(
				"Process %s of %s does not exist in this namespace: create it or name another one",
				reference.Name, reference.From)}
		default:
			return &referenceProblem{governancev1alpha1.ReasonReferenceNotPermitted, fmt.Sprintf(
				"Process %s/%s of %s cannot be used from namespace %s: its spec.allowedNamespaces must admit it",
				reference.Namespace, reference.Name, reference.From, process.Namespace)}
		}
	}
	return nil
}
