package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SubjectKind is a kind that is judged.
//
// +kubebuilder:validation:Enum=Process;KPI
type SubjectKind string

// The kinds that are judged.
const (
	KindProcess SubjectKind = "Process"
	KindKPI     SubjectKind = "KPI"
)

// SubjectReference names what is judged, in the namespace of the object that refers to it.
type SubjectReference struct {
	// kind of the subject. Default: Process.
	// +kubebuilder:default=Process
	// +optional
	Kind SubjectKind `json:"kind,omitempty"`

	// name of the subject.
	Name ObjectName `json:"name"`
}

// ObjectReference names an object, by default in the namespace of the object that refers to it. An object in another
// namespace is found only where its spec.allowedNamespaces admits the namespace that refers to it.
type ObjectReference struct {
	// name of the object.
	Name ObjectName `json:"name"`

	// namespace of the object. Default: the namespace of the object that refers to it.
	// +optional
	Namespace ObjectName `json:"namespace,omitempty"`
}

// NamespacedReference names an object together with its namespace.
type NamespacedReference struct {
	// name of the object.
	Name ObjectName `json:"name"`

	// namespace of the object.
	Namespace ObjectName `json:"namespace"`
}

// LocalReference names an object in the namespace of the object that refers to it.
type LocalReference struct {
	// name of the object.
	Name ObjectName `json:"name"`
}

// ClusterReference names an object that has no namespace.
type ClusterReference struct {
	// name of the object.
	Name ObjectName `json:"name"`
}

// SecretKeyReference names one key of a Secret in the namespace of the object that refers to it.
type SecretKeyReference struct {
	// name of the Secret.
	Name ObjectName `json:"name"`

	// key in the Secret.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// NamespacesFrom says which namespaces may refer to an object.
//
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

// The namespaces that may refer to an object.
const (
	NamespacesSame     NamespacesFrom = "Same"
	NamespacesAll      NamespacesFrom = "All"
	NamespacesSelector NamespacesFrom = "Selector"
)

// AllowedNamespaces admits references from other namespaces.
//
// +kubebuilder:validation:XValidation:rule="(self.from == 'Selector') == has(self.selector)",message="give a selector with from: Selector, and only there"
type AllowedNamespaces struct {
	// from says which namespaces may refer to the object: Same (its own only), All, or Selector. Default: Same.
	// +kubebuilder:default=Same
	// +optional
	From NamespacesFrom `json:"from,omitempty"`

	// selector chooses namespaces by their labels, with from: Selector.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// Party is who answers for something: a user, a team, a role. Any of the fields may be missing, not all.
//
// +kubebuilder:validation:XValidation:rule="has(self.user) || has(self.team) || has(self.role)",message="say who: give a user, a team or a role"
type Party struct {
	// user is the name of a person as the API server knows it. A review by this user does not count.
	// +optional
	User Identity `json:"user,omitempty"`

	// team is a group of users as the API server knows it. A review on behalf of this group does not count.
	// +optional
	Team Identity `json:"team,omitempty"`

	// role is what the party is in the company: "chief operating officer".
	// +optional
	Role Label `json:"role,omitempty"`

	// contact is where the party is reached: a mailbox, a channel.
	// +optional
	Contact Label `json:"contact,omitempty"`
}
