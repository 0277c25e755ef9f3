package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Perspective from which a KPI looks at a process.
//
// +kubebuilder:validation:Enum=Customer;Employee;Quality;Efficiency;Financial;Risk
type Perspective string

// The perspectives.
const (
	PerspectiveCustomer   Perspective = "Customer"
	PerspectiveEmployee   Perspective = "Employee"
	PerspectiveQuality    Perspective = "Quality"
	PerspectiveEfficiency Perspective = "Efficiency"
	PerspectiveFinancial  Perspective = "Financial"
	PerspectiveRisk       Perspective = "Risk"
)

// KPIRole tells what is to be achieved from what is hoped to achieve it.
//
// +kubebuilder:validation:Enum=Outcome;Driver
type KPIRole string

// The roles of KPIs.
const (
	// KPIOutcome measures what the process is for.
	KPIOutcome KPIRole = "Outcome"
	// KPIDriver measures what is believed to bring the outcome about.
	KPIDriver KPIRole = "Driver"
)

// Criticality tells errors that must never happen from those that improvement lives on.
//
// +kubebuilder:validation:Enum=Fatal;NonFatal
type Criticality string

// The criticalities.
const (
	// CriticalityFatal makes a breach Critical at once: it ignores breachFor and outranks every score.
	CriticalityFatal Criticality = "Fatal"
	// CriticalityNonFatal feeds improvement.
	CriticalityNonFatal Criticality = "NonFatal"
)

// KPILevel is what a KPI judges.
//
// +kubebuilder:validation:Enum=Journey;Process;Team
type KPILevel string

// The levels.
const (
	KPILevelJourney KPILevel = "Journey"
	KPILevelProcess KPILevel = "Process"
	KPILevelTeam    KPILevel = "Team"
)

// Incentive says whose pay hangs on a KPI.
//
// +kubebuilder:validation:Enum=None;Team;Individual
type Incentive string

// The incentives.
const (
	IncentiveNone       Incentive = "None"
	IncentiveTeam       Incentive = "Team"
	IncentiveIndividual Incentive = "Individual"
)

// BasisKind says where a target comes from.
//
// +kubebuilder:validation:Enum=Customer;Regulator;Contract;Benchmark;Internal
type BasisKind string

// The bases of targets.
const (
	BasisCustomer  BasisKind = "Customer"
	BasisRegulator BasisKind = "Regulator"
	BasisContract  BasisKind = "Contract"
	BasisBenchmark BasisKind = "Benchmark"
	BasisInternal  BasisKind = "Internal"
)

// Basis says where a target comes from.
type Basis struct {
	// kind of basis.
	Kind BasisKind `json:"kind"`
	// link to where it is written down.
	// +optional
	Link Link `json:"link,omitempty"`
}

// ProxyFor says which KPI a KPI claims to predict.
type ProxyFor struct {
	// kpiRef names the KPI that is predicted, in the same namespace.
	KPIRef LocalReference `json:"kpiRef"`

	// lag is how much later the predicted KPI moves. Default: not at all.
	// +optional
	Lag Period `json:"lag,omitempty"`

	// window is how far back the two are compared. Default: P26W.
	// +kubebuilder:default=P26W
	// +optional
	Window Period `json:"window,omitempty"`

	// minCorrelation is the rank correlation (Spearman) whose size, whatever its sign, must be reached, between 0 and 1.
	// Default: 0.3.
	// +kubebuilder:validation:XValidation:rule="double(self) >= 0.0 && double(self) <= 1.0",message="minCorrelation must lie between 0 and 1"
	// +kubebuilder:default="0.3"
	// +optional
	MinCorrelation *Decimal `json:"minCorrelation,omitempty"`

	// minSamples is how many pairs of values there must be before anything is said. Default: 12.
	// +kubebuilder:validation:Minimum=4
	// +kubebuilder:validation:Maximum=200
	// +kubebuilder:default=12
	// +optional
	MinSamples int32 `json:"minSamples,omitempty"`
}

// Trend says how far back and how far ahead a KPI is looked at.
type Trend struct {
	// window is how far back values are looked at, between 1m and 8760h. Default: 336h (two weeks).
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('8760h')",message="window must lie between 1m and 8760h"
	// +kubebuilder:default="336h"
	// +optional
	Window Duration `json:"window,omitempty"`

	// horizon is how far ahead a crossing of the target makes the KPI at risk, between 1m and 8760h. Default: 336h.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('8760h')",message="horizon must lie between 1m and 8760h"
	// +kubebuilder:default="336h"
	// +optional
	Horizon Duration `json:"horizon,omitempty"`
}

// Plausibility says which values are reported as suspect. What is suspect is judged like any other value.
//
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || double(self.min) < double(self.max)",message="min must be below max"
type Plausibility struct {
	// min is the smallest value that can be true: 0 for a ratio.
	// +optional
	Min *Decimal `json:"min,omitempty"`
	// max is the largest value that can be true: 100 for a percentage.
	// +optional
	Max *Decimal `json:"max,omitempty"`
	// flatAfter is after how many equal values in a row a value is suspect. Default: never.
	// +kubebuilder:validation:Minimum=3
	// +kubebuilder:validation:Maximum=200
	// +optional
	FlatAfter int32 `json:"flatAfter,omitempty"`
	// jump is how many robust deviations (1.4826 times the median absolute deviation) from the median of the values
	// before it make a value suspect. Default: never.
	// +kubebuilder:validation:Minimum=3
	// +kubebuilder:validation:Maximum=100
	// +optional
	Jump int32 `json:"jump,omitempty"`
}

// Correction is a time whose values do not count: maintenance, a known error of the measurement.
//
// +kubebuilder:validation:XValidation:rule="self.from < self.to",message="from must lie before to"
type Correction struct {
	// from when values do not count.
	From metav1.Time `json:"from"`
	// to when they count again.
	To metav1.Time `json:"to"`
	// reason why they do not count.
	Reason Text `json:"reason"`
}

// KPISpec declares a KPI: why it exists, what it measures, what to do when it misses, and where its value comes from.
//
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.inEffectSince) || (has(self.inEffectSince) && self.inEffectSince <= oldSelf.inEffectSince)",message="inEffectSince can only be moved back, and not be taken away"
// +kubebuilder:validation:XValidation:rule="!has(self.staleAfter) || duration(self.staleAfter) >= duration(has(self.every) ? self.every : has(self.source.manual) ? '744h' : '1m')",message="staleAfter must be at least as long as every, which is 1m where it is left out, and 744h for manual measurements"
type KPISpec struct {
	// processRef names the Process that the KPI judges, in the same namespace.
	// +optional
	ProcessRef *LocalReference `json:"processRef,omitempty"`

	// owner answers for the definition of the KPI. A review by the owner, or on behalf of the owner's team, does not count.
	Owner Party `json:"owner"`

	// why the KPI exists. Without it the KPI is NotExplainable.
	// +optional
	Why Text `json:"why,omitempty"`

	// what the KPI measures, so that the newest member can explain it. Without it the KPI is NotExplainable.
	// +optional
	What Text `json:"what,omitempty"`

	// action to take when the KPI misses its objective. Without it the KPI is NotActionable.
	// +optional
	Action Text `json:"action,omitempty"`

	// perspective from which the KPI looks at the process.
	Perspective Perspective `json:"perspective"`

	// role tells an outcome from what is believed to bring it about. Default: Driver.
	// +kubebuilder:default=Driver
	// +optional
	Role KPIRole `json:"role,omitempty"`

	// criticality tells errors that must never happen from the rest. Default: NonFatal.
	// +kubebuilder:default=NonFatal
	// +optional
	Criticality Criticality `json:"criticality,omitempty"`

	// level is what the KPI judges. Default: Process.
	// +kubebuilder:default=Process
	// +optional
	Level KPILevel `json:"level,omitempty"`

	// incentive says whose pay hangs on the KPI. Default: None.
	// +kubebuilder:default=None
	// +optional
	Incentive Incentive `json:"incentive,omitempty"`

	// weight of the KPI in the score of its process. Default: 1.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +kubebuilder:default=1
	// +optional
	Weight *int32 `json:"weight,omitempty"`

	// basis says where the target comes from.
	// +optional
	Basis *Basis `json:"basis,omitempty"`

	// unit of the value: a currency, "%", "s".
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unit string `json:"unit,omitempty"`

	// objective says which values are good.
	Objective Objective `json:"objective"`

	// balancedBy names the KPIs, in the same namespace, that keep this one from being met at somebody's expense.
	// +kubebuilder:validation:MaxItems=8
	// +listType=set
	// +optional
	BalancedBy []ObjectName `json:"balancedBy,omitempty"`

	// proxyFor names the KPI that this one claims to predict.
	// +optional
	ProxyFor *ProxyFor `json:"proxyFor,omitempty"`

	// source says where the value comes from.
	Source KPISource `json:"source"`

	// every is how often the value is asked for, between 5s and 8760h. Default: 1m; for manual measurements 744h, how
	// often one is expected.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('5s') && duration(self) <= duration('8760h')",message="every must lie between 5s and 8760h"
	// +optional
	Every Duration `json:"every,omitempty"`

	// staleAfter is how old a value may be, between 5s and 17520h. Default: three times every.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('5s') && duration(self) <= duration('17520h')",message="staleAfter must lie between 5s and 17520h"
	// +optional
	StaleAfter Duration `json:"staleAfter,omitempty"`

	// breachFor is for how long values must miss the objective before the KPI is Breached, at most 8760h. Default: at
	// once. A Fatal KPI is Breached at once in any case.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('8760h')",message="breachFor must lie between 0s and 8760h"
	// +optional
	BreachFor Duration `json:"breachFor,omitempty"`

	// recoverFor is for how long values must meet the objective again before the KPI has recovered, at most 8760h.
	// Default: at once.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('8760h')",message="recoverFor must lie between 0s and 8760h"
	// +optional
	RecoverFor Duration `json:"recoverFor,omitempty"`

	// trend looks ahead. Default: only the warning band is looked at.
	// +optional
	Trend *Trend `json:"trend,omitempty"`

	// plausibility says which values are reported as suspect.
	// +optional
	Plausibility *Plausibility `json:"plausibility,omitempty"`

	// corrections are times whose values do not count, at most 92 days of them together: drop what is long over.
	// +kubebuilder:validation:XValidation:rule="self.map(c, c.to - c.from).sum() <= duration('2208h')",message="the corrections are longer than 92 days together: drop those that are over, or suspend the KPI"
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Corrections []Correction `json:"corrections,omitempty"`

	// links to what explains the KPI.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Links []TypedLink `json:"links,omitempty"`

	// inEffectSince is the first day on which the KPI was reported. Without it and without a counted full review the age of
	// the definition is unknown, and the KPI is NeverReviewed at once. It can be moved back, never forward.
	// +optional
	InEffectSince Date `json:"inEffectSince,omitempty"`

	// reviews that the definition needs. A full review is always needed: where none is declared, one named "full" with the
	// policy's default cadence is implied.
	// +kubebuilder:validation:MaxItems=5
	// +listType=map
	// +listMapKey=name
	// +optional
	Reviews []ReviewRequirement `json:"reviews,omitempty"`

	// suspend stops tickets and events about the KPI, not the verdicts on it.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// KPI is a number that judges a process: why it exists, what it measures, what to do when it misses, and where its value
// comes from.
//
// +kubebuilder:validation:XValidation:rule="!has(self.spec.balancedBy) || !(self.metadata.name in self.spec.balancedBy)",message="a KPI cannot be its own counterweight: name another one in balancedBy"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.proxyFor) || self.spec.proxyFor.kpiRef.name != self.metadata.name",message="a KPI cannot be a proxy for itself: name another one in proxyFor"
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=kpis,shortName=kpi,categories=governance
// +kubebuilder:selectablefield:JSONPath=`.spec.processRef.name`
// +kubebuilder:printcolumn:name="Process",type=string,JSONPath=`.spec.processRef.name`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Value",type=string,JSONPath=`.status.value`
// +kubebuilder:printcolumn:name="Objective",type=string,JSONPath=`.status.objective`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Compliant")].reason`
// +kubebuilder:printcolumn:name="Ready",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Measured",type=date,priority=1,JSONPath=`.status.valueTime`
// +kubebuilder:printcolumn:name="Review",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="ReviewCurrent")].reason`
// +kubebuilder:printcolumn:name="Next due",type=string,priority=1,JSONPath=`.status.nextReview.day`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type KPI struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the KPI.
	Spec KPISpec `json:"spec"`

	// status is what Gemba found.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status KPIStatus `json:"status,omitempty"`
}

// KPIList is a list of KPIs.
//
// +kubebuilder:object:root=true
type KPIList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []KPI `json:"items"`
}
