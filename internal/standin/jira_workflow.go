package standin

import "slices"

// The categories of statuses in Jira. A done issue is a closed one.
const (
	CategoryNew           = "new"
	CategoryIndeterminate = "indeterminate"
	CategoryDone          = "done"
)

// resolution is the field that says how an issue was resolved. "Won't Do" is one of those that Jira comes with.
//
// https://support.atlassian.com/jira-cloud-administration/docs/what-are-issue-statuses-priorities-and-resolutions/
const resolution = "resolution"

// Workflow is what an issue of Jira goes through. A new issue has the first status.
type Workflow struct {
	Statuses    []WorkflowStatus
	Transitions []WorkflowTransition
}

// WorkflowStatus is one status. Its name and the names of transitions are in the language of the instance.
type WorkflowStatus struct{ ID, Name, Category string }

// WorkflowTransition leads to a status.
type WorkflowTransition struct {
	ID, Name string
	// To is the name of the status.
	To string
	// From are the names of the statuses that it leads away from. Empty: all.
	From []string
	// Screen are the fields that can be set with the transition.
	Screen []string
	// Required are those of them that must be set.
	Required []string
}

// DefaultWorkflow is the simplified workflow of a new project: every status can be reached from every other.
func DefaultWorkflow() Workflow {
	return Workflow{
		Statuses: []WorkflowStatus{
			{"10000", "To Do", CategoryNew}, {"3", "In Progress", CategoryIndeterminate}, {"10001", "Done", CategoryDone},
		},
		Transitions: []WorkflowTransition{
			{ID: "11", Name: "To Do", To: "To Do"}, {ID: "21", Name: "In Progress", To: "In Progress"}, {ID: "31", Name: "Done", To: "Done"},
		},
	}
}

// status finds a status by its name.
func (w Workflow) status(name string) (WorkflowStatus, bool) {
	at := slices.IndexFunc(w.Statuses, func(s WorkflowStatus) bool { return s.Name == name })
	if at < 0 {
		return WorkflowStatus{}, false
	}
	return w.Statuses[at], true
}

// available are the transitions that lead away from a status.
func (w Workflow) available(status string) []WorkflowTransition {
	leading := []WorkflowTransition{}
	for _, transition := range w.Transitions {
		if len(transition.From) == 0 || slices.Contains(transition.From, status) {
			leading = append(leading, transition)
		}
	}
	return leading
}

// first is the name of the first status of which that holds; empty where there is none.
func (w Workflow) first(holds func(WorkflowStatus) bool) string {
	at := slices.IndexFunc(w.Statuses, holds)
	if at < 0 {
		return ""
	}
	return w.Statuses[at].Name
}

// done says whether a status is of the category done.
func (w Workflow) done(name string) bool {
	status, found := w.status(name)
	return found && status.Category == CategoryDone
}

func (w Workflow) states() states {
	return states{
		known:  func(name string) bool { _, found := w.status(name); return found },
		closed: w.done,
		open:   w.first(func(s WorkflowStatus) bool { return s.Category != CategoryDone }),
		shut:   w.first(func(s WorkflowStatus) bool { return s.Category == CategoryDone }),
		decline: func(r *record) {
			r.state = w.first(func(s WorkflowStatus) bool { return s.Category == CategoryDone })
			r.fields[resolution] = object{"name": "Won't Do"}
		},
	}
}
