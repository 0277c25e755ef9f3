package v1alpha1

// Annotations that Gemba reads.
const (
	// AnnotationAllowedHosts stands on a Secret and lists the hosts, separated by commas, to which Gemba may send it.
	// A Secret without it is sent nowhere: whoever may write a TicketSystem could otherwise have any Secret of the
	// namespace posted to a URL of their own.
	AnnotationAllowedHosts = GroupName + "/allowed-hosts"

	// AnnotationKPIReader stands, as "true", on a ServiceAccount that Gemba may read objects as, for the KPIs of its
	// namespace. A ServiceAccount without it is never used: whoever may write a KPI could otherwise read whatever any
	// ServiceAccount of the namespace can.
	AnnotationKPIReader = GroupName + "/kpi-reader"
)

// FinalizerRemediation stands on a Remediation while a ticket of it is open or about to be, so that deleting the Remediation closes
// the ticket. It is the one finalizer of Gemba; Processes never carry one.
const FinalizerRemediation = GroupName + "/ticket"

// RequirementFull is the name of the full review that every process has, also where none is declared.
const RequirementFull = "full"
