package governance

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// digestVersion names the rule by which a digest is made. A digest is compared with one of the same version alone.
const digestVersion = "v1"

// stepText is what a review of a step approves.
type stepText struct {
	Why        governancev1alpha1.Text  `json:"why,omitempty"`
	Role       governancev1alpha1.Label `json:"role,omitempty"`
	Department governancev1alpha1.Label `json:"department,omitempty"`
	System     governancev1alpha1.Label `json:"system,omitempty"`
	ProcessRef string                   `json:"processRef,omitempty"`
}

// processText is what a review of a process approves. Lists are maps by key, so that their order does not matter.
type processText struct {
	Why       governancev1alpha1.Text                                          `json:"why,omitempty"`
	What      governancev1alpha1.Text                                          `json:"what,omitempty"`
	Customers map[governancev1alpha1.Label]governancev1alpha1.CustomerRelation `json:"customers,omitempty"`
	Steps     map[governancev1alpha1.Key]stepText                              `json:"steps,omitempty"`
}

// ProcessDigest names the text of a process that a review approves: why, what, customers, and of each step its name,
// why, role, department, system and processRef. Empty fields are left out and lists are taken by key.
func ProcessDigest(spec *governancev1alpha1.ProcessSpec) governancev1alpha1.Digest {
	text := processText{Why: spec.Why, What: spec.What}
	if len(spec.Customers) > 0 {
		text.Customers = make(map[governancev1alpha1.Label]governancev1alpha1.CustomerRelation, len(spec.Customers))
	}
	for _, customer := range spec.Customers {
		text.Customers[customer.Name] = customer.Relation
	}
	if len(spec.Steps) > 0 {
		text.Steps = make(map[governancev1alpha1.Key]stepText, len(spec.Steps))
	}
	for i := range spec.Steps {
		text.Steps[spec.Steps[i].Name] = textOf(&spec.Steps[i])
	}
	return digest(text)
}

// kpiText is what a review of a KPI approves.
type kpiText struct {
	Why       governancev1alpha1.Text      `json:"why,omitempty"`
	What      governancev1alpha1.Text      `json:"what,omitempty"`
	Action    governancev1alpha1.Text      `json:"action,omitempty"`
	Objective governancev1alpha1.Objective `json:"objective"`
	Source    governancev1alpha1.KPISource `json:"source"`
}

// KPIDigest names the text of a KPI that a review approves: why, what, action, objective and source. Of measurements that
// are written down by hand only that they are: a new one changes no definition.
func KPIDigest(spec *governancev1alpha1.KPISpec) governancev1alpha1.Digest {
	text := kpiText{Why: spec.Why, What: spec.What, Action: spec.Action, Objective: spec.Objective, Source: spec.Source}
	if text.Source.Manual != nil {
		text.Source.Manual = &governancev1alpha1.ManualMeasurements{}
	}
	return digest(text)
}

// StepDigest names the text of one step that a review approves.
func StepDigest(step *governancev1alpha1.Step) governancev1alpha1.Digest {
	return digest(textOf(step))
}

// stepDigests gives the digest of each step, in the order of the process.
func stepDigests(steps []governancev1alpha1.Step) []governancev1alpha1.StepDigest {
	digests := make([]governancev1alpha1.StepDigest, 0, len(steps))
	for i := range steps {
		digests = append(digests, governancev1alpha1.StepDigest{
			Step: steps[i].Name, Digest: StepDigest(&steps[i]),
		})
	}
	return digests
}

func textOf(step *governancev1alpha1.Step) stepText {
	text := stepText{Why: step.Why, Role: step.Role, Department: step.Department, System: step.System}
	if step.ProcessRef != nil {
		text.ProcessRef = string(step.ProcessRef.Namespace) + "/" + string(step.ProcessRef.Name)
	}
	return text
}

// digest hashes the JSON of a text; encoding/json sorts the keys of maps, and these types cannot fail to encode.
func digest(text any) governancev1alpha1.Digest {
	encoded, err := json.Marshal(text)
	if err != nil {
		return ""
	}
	return governancev1alpha1.Digest(fmt.Sprintf("%s:sha256:%x", digestVersion, sha256.Sum256(encoded)))
}
