package kpi

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// judgedBy is what a value is held against.
type judgedBy struct {
	Objective v1alpha1.Objective `json:"objective"`
	Fatal     bool               `json:"fatal"`
}

// definitionOf names, by two short hashes, what values are held against and where they come from. Of manual measurements only
// that they are: a new one changes no definition.
func definitionOf(spec *v1alpha1.KPISpec) string {
	source := spec.Source
	if source.Manual != nil {
		source.Manual = &v1alpha1.ManualMeasurements{}
	}
	by := judgedBy{Objective: spec.Objective, Fatal: spec.Criticality == v1alpha1.CriticalityFatal}
	return shortHash(by) + "-" + shortHash(source)
}

// sameSource says whether two definitions take values from the same place, so that values of the past can be compared.
func sameSource(a, b string) bool {
	_, sourceOfA, _ := strings.Cut(a, "-")
	_, sourceOfB, _ := strings.Cut(b, "-")
	return sourceOfA == sourceOfB
}

// shortHash takes twelve digits of the hash of the JSON; these types cannot fail to encode.
func shortHash(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(encoded))[:12]
}
