package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Limits are the numbers that the rules judge by.
type Limits struct {
	// maxProcessReviewInterval is the longest elapsed time without a counted full review of a process. Default: P12M.
	// +kubebuilder:default=P12M
	// +optional
	MaxProcessReviewInterval Period `json:"maxProcessReviewInterval,omitempty"`

	// maxKPIReviewInterval is the longest elapsed time without a counted full review of a KPI's definition. Default: P18M.
	// +kubebuilder:default=P18M
	// +optional
	MaxKPIReviewInterval Period `json:"maxKPIReviewInterval,omitempty"`

	// maxKPIs that judge one process. Default: 7.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=200
	// +kubebuilder:default=7
	// +optional
	MaxKPIs int32 `json:"maxKPIs,omitempty"`

	// targetOutgrownAfter is for how long a KPI is met without risk before its target is outgrown. Default: P12M.
	// +kubebuilder:default=P12M
	// +optional
	TargetOutgrownAfter Period `json:"targetOutgrownAfter,omitempty"`

	// maxSteps of a process. Default: 20.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=200
	// +kubebuilder:default=20
	// +optional
	MaxSteps int32 `json:"maxSteps,omitempty"`

	// maxRoles of a process. Default: 8.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=200
	// +kubebuilder:default=8
	// +optional
	MaxRoles int32 `json:"maxRoles,omitempty"`

	// maxTouchpoints of a process. Default: 12.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=200
	// +kubebuilder:default=12
	// +optional
	MaxTouchpoints int32 `json:"maxTouchpoints,omitempty"`

	// maxHandoffs of a process. Default: 8.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=200
	// +kubebuilder:default=8
	// +optional
	MaxHandoffs int32 `json:"maxHandoffs,omitempty"`

	// maxPeopleCauseShare is how many in a hundred causes that count may be People. Default: 10.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +kubebuilder:default=10
	// +optional
	MaxPeopleCauseShare *int32 `json:"maxPeopleCauseShare,omitempty"`

	// minClosedCauses is how many causes there must be before their share is judged. Default: 10.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	// +kubebuilder:default=10
	// +optional
	MinClosedCauses int32 `json:"minClosedCauses,omitempty"`

	// actOnReviewWithin is how long after a review its decisions may stay undone before DecisionPending becomes Medium.
	// Default: P60D.
	// +kubebuilder:default=P60D
	// +optional
	ActOnReviewWithin Period `json:"actOnReviewWithin,omitempty"`

	// maxWaiver is the longest time for which findings may be accepted. Default: P6M.
	// +kubebuilder:default=P6M
	// +optional
	MaxWaiver Period `json:"maxWaiver,omitempty"`

	// maxWaiverExtensions is how often a waiver may be prolonged. Default: 2.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=20
	// +kubebuilder:default=2
	// +optional
	MaxWaiverExtensions *int32 `json:"maxWaiverExtensions,omitempty"`
}

// NoticeSettings say after how long something good is told.
type NoticeSettings struct {
	// enabled says whether notices are given at all. Default: true.
	// +kubebuilder:default=true
	// +optional
	Enabled *bool `json:"enabled,omitempty"`

	// targetHeldEvery is for how long no value of a KPI misses its objective before that is told, and told again. Default: P3M.
	// +kubebuilder:default=P3M
	// +optional
	TargetHeldEvery Period `json:"targetHeldEvery,omitempty"`

	// reviewedInTimeEvery is for how long each review of a requirement is held in time before that is told, and told again.
	// Default: P12M.
	// +kubebuilder:default=P12M
	// +optional
	ReviewedInTimeEvery Period `json:"reviewedInTimeEvery,omitempty"`
}

// PolicyRequirement tightens the review of some subjects.
type PolicyRequirement struct {
	// selector chooses subjects by their labels. Default: all.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// tier chooses processes by their tier. Default: all subjects, KPIs among them.
	// +optional
	Tier Tier `json:"tier,omitempty"`

	// maxReviewInterval is the longest elapsed time without a counted full review. The shortest that applies holds.
	// +optional
	MaxReviewInterval Period `json:"maxReviewInterval,omitempty"`

	// minApprovals that a full review needs. The highest that applies holds.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	MinApprovals int32 `json:"minApprovals,omitempty"`
}

// PolicyDefaults are used where a subject says nothing.
type PolicyDefaults struct {
	// processCadenceRef names the cadence of the implied full review of processes. Default: the limit itself as a rolling
	// period.
	// +optional
	ProcessCadenceRef *ClusterReference `json:"processCadenceRef,omitempty"`

	// kpiCadenceRef names the cadence of the implied full review of KPIs. Default: the limit itself as a rolling period.
	// +optional
	KPICadenceRef *ClusterReference `json:"kpiCadenceRef,omitempty"`
}

// RuleDisabled switches a rule off for a while.
type RuleDisabled struct {
	// reason for switching it off.
	Reason Text `json:"reason"`

	// until is the day on which it comes back.
	Until Date `json:"until"`
}

// RuleSetting changes how a rule judges.
type RuleSetting struct {
	// name of the rule.
	Name Rule `json:"name"`

	// severity of its findings. Default: the rule's own.
	// +optional
	Severity Severity `json:"severity,omitempty"`

	// ticketed says whether its findings may open tickets. Default: true.
	// +optional
	Ticketed *bool `json:"ticketed,omitempty"`

	// criticalWaivable says whether findings of severity Critical, such as a Fatal KPI that is Breached, may be waived. All others
	// may. Default: false.
	// +optional
	CriticalWaivable bool `json:"criticalWaivable,omitempty"`

	// verifyFor is how long a finding must stay gone before its ticket is closed, at most 8760h. Default: at once for
	// rules about reviews and texts, and days for rules about numbers; docs/principles.md lists them.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('8760h')",message="verifyFor must lie between 0s and 8760h"
	// +optional
	VerifyFor Duration `json:"verifyFor,omitempty"`

	// disabled switches the rule off for a while.
	// +optional
	Disabled *RuleDisabled `json:"disabled,omitempty"`
}

// Retention says what is kept for how long.
type Retention struct {
	// closedRemediations is how long after it was closed a Remediation is kept, and never shorter than its reopenWithin.
	// Default: P400D.
	// +kubebuilder:default=P400D
	// +optional
	ClosedRemediations Period `json:"closedRemediations,omitempty"`
}

// GovernancePolicySpec says how the subjects of some namespaces are judged and where tickets about them are opened.
//
// +kubebuilder:validation:XValidation:rule="!has(self.routes) || self.routes.all(r, self.routes.exists_one(o, o.name == r.name))",message="two routes have the same name: give each its own"
type GovernancePolicySpec struct {
	// namespaceSelector chooses the namespaces whose subjects the policy judges. Empty: all.
	// +optional
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector,omitempty"`

	// priority decides where several policies choose a namespace: the highest applies as a whole, then the first by
	// name. Policies are never merged. Default: 0.
	// +kubebuilder:validation:Minimum=-1000000
	// +kubebuilder:validation:Maximum=1000000
	// +optional
	Priority int32 `json:"priority,omitempty"`

	// limits are the numbers that the rules judge by.
	// +kubebuilder:default={}
	// +optional
	Limits Limits `json:"limits,omitempty"`

	// notices say after how long something good is told.
	// +kubebuilder:default={}
	// +optional
	Notices NoticeSettings `json:"notices,omitempty"`

	// requirements tighten the review of some subjects.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Requirements []PolicyRequirement `json:"requirements,omitempty"`

	// defaults are used where a subject says nothing.
	// +optional
	Defaults PolicyDefaults `json:"defaults,omitempty"`

	// separationOfDuties keeps owners from reviewing and from waiving what they own. Default: true.
	// +kubebuilder:default=true
	// +optional
	SeparationOfDuties *bool `json:"separationOfDuties,omitempty"`

	// minAssurance that a review needs to count, unless it is older than the cluster's knowledge of its subject.
	// Default: Asserted.
	// +kubebuilder:default=Asserted
	// +optional
	MinAssurance Assurance `json:"minAssurance,omitempty"`

	// waiverApprovers are the users and groups who may approve waivers. Empty: anyone but the owner.
	// +kubebuilder:validation:MaxItems=64
	// +listType=set
	// +optional
	WaiverApprovers []Identity `json:"waiverApprovers,omitempty"`

	// rules change how single rules judge.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=name
	// +optional
	Rules []RuleSetting `json:"rules,omitempty"`

	// retention says what is kept for how long.
	// +kubebuilder:default={}
	// +optional
	Retention Retention `json:"retention,omitempty"`

	// routes say which findings open tickets, and where; the first that matches wins. Without a route nothing opens.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Routes []Route `json:"routes,omitempty"`
}

// GovernancePolicyStatus is what Gemba made of a policy.
type GovernancePolicyStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the policy: Ready.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// namespaces is the number of namespaces that the policy judges.
	// +optional
	Namespaces int32 `json:"namespaces"`

	// shadowed is the number of namespaces that it chooses and another policy judges.
	// +optional
	Shadowed int32 `json:"shadowed"`
}

// GovernancePolicy says how the subjects of the namespaces that it selects are judged.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=gpol,categories=governance,path=governancepolicies
// +kubebuilder:printcolumn:name="Priority",type=integer,JSONPath=`.spec.priority`
// +kubebuilder:printcolumn:name="Namespaces",type=integer,JSONPath=`.status.namespaces`
// +kubebuilder:printcolumn:name="Shadowed",type=integer,JSONPath=`.status.shadowed`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type GovernancePolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says how to judge.
	Spec GovernancePolicySpec `json:"spec"`

	// status is what Gemba made of it.
	// +kubebuilder:default:={"observedGeneration":-1,"namespaces":0,"shadowed":0}
	// +optional
	Status GovernancePolicyStatus `json:"status,omitempty"`
}

// GovernancePolicyList is a list of policies.
//
// +kubebuilder:object:root=true
type GovernancePolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []GovernancePolicy `json:"items"`
}
