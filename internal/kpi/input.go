package kpi

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Point is a value and when it was true.
type Point struct {
	At    time.Time
	Value float64
}

// Sample is what came of asking once.
type Sample struct {
	// AskedAt is when it was asked for.
	AskedAt time.Time
	// At is when the value was true; only with Result Answered. None is AskedAt, and so is one that lies ahead of it.
	At time.Time
	// Value is the answer; only with Result Answered.
	Value float64
	// Result is Answered, or what went wrong.
	Result v1alpha1.SampleResult
	// Message says in a sentence what went wrong. It holds nothing that moves from one try to the next, else each try
	// would be worth a write.
	Message string
}

// Input is all that a verdict on the values of a KPI needs.
type Input struct {
	// Namespace of the KPI: it says where in time the steps of its history begin. KPIs that predict each other stand in one.
	Namespace string

	// Spec declares the KPI.
	Spec *v1alpha1.KPISpec

	// Before is what was known before: as it was written, or the newer one in memory.
	Before *v1alpha1.KPIStatus

	// Samples are what came of asking since, in any order. Manual measurements are taken from Spec.
	Samples []Sample

	// Series are values of the past as the source itself keeps them, in any order; they count where HasSeries says so. A
	// Prometheus that has not been asked for them yet has none: trend, correlation and suspicion then stay as they were.
	Series    []Point
	HasSeries bool

	// Predicted are values of the KPI that this one is a proxy for. None: not known yet, the correlation stays as it was.
	Predicted []Point

	// KeepFor is how far back another KPI that is a proxy for this one needs its values. Zero: none does.
	KeepFor time.Duration

	// TriedSince is since when this process has been asking; zero: it has not asked yet.
	TriedSince time.Time
}

// Verdict is what the values of a KPI say.
type Verdict struct {
	// Status is a copy of Before with its value part replaced. What every subject has (conditions, findings, reviews) and
	// WrittenAt are as they were.
	Status v1alpha1.KPIStatus

	// Latest is the newest value for the metric: unrounded where it came with this input. It moves also where a correction
	// keeps a value from being judged. Nil: there never was one.
	Latest *Point

	// NeverMeasuredFor says that the finding NeverMeasured may be raised: this process tried for staleAfter, or the
	// measurements are manual, and there is no value.
	NeverMeasuredFor bool

	// NextChange is when time alone can change the verdict; zero: it cannot.
	NextChange time.Time
}
