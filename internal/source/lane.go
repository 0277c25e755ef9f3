package source

import (
	"strings"

	"k8s.io/apimachinery/pkg/types"
)

// metricSourceLanes begins the names of lanes that are MetricSources.
const metricSourceLanes = "MetricSource "

// MetricSourceLane names the lane of a MetricSource.
func MetricSourceLane(key types.NamespacedName) string { return metricSourceLanes + key.String() }

// MetricSourceOf gives the MetricSource that a lane is; ok is false for other lanes.
func MetricSourceOf(lane string) (key types.NamespacedName, ok bool) {
	name, found := strings.CutPrefix(lane, metricSourceLanes)
	namespace, name, parted := strings.Cut(name, "/")
	return types.NamespacedName{Namespace: namespace, Name: name}, found && parted
}
