package schema

import (
	"maps"
	"strconv"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// border is where a rule of the schema runs: the object with the good edits is accepted, and with the bad ones, a hair
// further on, it is refused.
type border struct {
	object    client.Object
	good, bad edits
	// want is part of the refusal.
	want string
}

func borders() map[string]border {
	table := map[string]border{}
	for _, part := range []map[string]border{
		objectiveBorders(), kpiTimeBorders(), kpiBorders(), measurementBorders(), sourceBorders(), kubernetesBorders(),
		metricSourceBorders(), endpointBorders("a metric source", validMetricSource()),
		endpointBorders("a ticket system", validTicketSystem()), protocolBorders(), policyBorders(), subjectBorders(),
	} {
		maps.Copy(table, part)
	}
	return table
}

func TestOneStepBeyondTheBorderIsRefused(t *testing.T) {
	number := 0
	for sentence, tc := range borders() {
		number++
		object := named(t, tc.object, "border-"+strconv.Itoa(number))
		t.Run(sentence, func(t *testing.T) {
			neighbour := object.DeepCopy()
			tc.good.apply(t, neighbour)
			mustCreate(t, neighbour, client.DryRunAll)
			tc.bad.apply(t, object)
			mustBeRefused(t, env.Client.Create(t.Context(), object, client.DryRunAll), tc.want)
		})
	}
	t.Logf("%d borders", number)
}
