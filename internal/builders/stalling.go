package builders

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Elsewhere is a namespace that every cluster has, and that is not the one that builders use.
const Elsewhere = metav1.NamespaceSystem

// StallingObject is a resource that the API server accepts and that cannot be used: its reconciler says so in Ready,
// and neither panics nor tries again and again.
type StallingObject struct {
	// Sentence says what is wrong with it, for the name of a test.
	Sentence string
	// Object to create, and what has to be there before.
	Object client.Object
	Needs  []client.Object
	// WantReason is the reason of Ready=False, and WantSubstring is part of its message, which says what to do.
	WantReason    string
	WantSubstring string
}

// StallingObjects are resources of all kinds that the API server accepts and that cannot be used. Their names differ.
func StallingObjects() []StallingObject {
	var all []StallingObject
	for _, some := range [][]StallingObject{
		stallingCadences(), stallingRules(), stallingPolicies(), stallingTicketSystems(), stallingReferences(),
	} {
		all = append(all, some...)
	}
	return all
}

func invalidCadence(sentence string, cadence *CadenceBuilder, want string) StallingObject {
	return StallingObject{
		Sentence: sentence, Object: cadence.Obj(),
		WantReason: governancev1alpha1.ReasonInvalidSpec, WantSubstring: want,
	}
}

func stallingCadences() []StallingObject {
	return []StallingObject{
		invalidCadence("a cadence in a zone that nobody knows",
			MakeCadence("atlantis").TimeZone("Atlantic/Atlantis"), "use an IANA name, as in Europe/Berlin"),
		invalidCadence("a cadence in the zone of whoever runs the manager",
			MakeCadence("local").TimeZone("Local"), "use an IANA name, as in Europe/Berlin"),
		invalidCadence("a cadence in a zone that is a path",
			MakeCadence("path").TimeZone("../../etc/passwd"), "use an IANA name, as in Europe/Berlin"),
		invalidCadence("a cadence with a grace longer than its period",
			MakeCadence("grace").Every("P1M").Grace("P1Y"), "make it shorter"),
		invalidCadence("a cadence that opens before the one before is due",
			MakeCadence("early").Every("P1M").Calendar("2024-01-31").OpenBefore("P12M"), "make it shorter"),
		invalidCadence("a rolling cadence with a start",
			MakeCadence("start").StartDate("2024-01-31"), "remove it, or set anchor to Calendar"),
	}
}

func stallingRules() []StallingObject {
	return []StallingObject{
		invalidCadence("a rule by the second",
			MakeCadence("secondly").RRule("FREQ=SECONDLY"), "reviews fall due by the day"),
		invalidCadence("a rule by the hour",
			MakeCadence("hourly").RRule("FREQ=HOURLY;INTERVAL=1"), "reviews fall due by the day"),
		invalidCadence("a rule with an interval and nothing to count from",
			MakeCadence("interval").RRule("FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO"), "needs a startDate to count from"),
		invalidCadence("a rule without a frequency",
			MakeCadence("frequency").RRule("BYMONTHDAY=1"), "begin it with FREQ="),
		invalidCadence("a rule with a part that is not supported",
			MakeCadence("count").RRule("FREQ=DAILY;COUNT=5"), "use FREQ, INTERVAL, BYDAY, BYMONTH, BYMONTHDAY and BYSETPOS"),
		invalidCadence("a rule that says one thing twice",
			MakeCadence("twice").RRule("FREQ=DAILY;FREQ=WEEKLY"), "write it once"),
		invalidCadence("a rule on 30 February",
			MakeCadence("never").RRule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "change BYMONTH, BYMONTHDAY"),
		invalidCadence("a rule in the 13th month",
			MakeCadence("undecember").RRule("FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1"), "is not a number from 1 to 12"),
		invalidCadence("a rule that does not say on which day",
			MakeCadence("someday").RRule("FREQ=MONTHLY"), "add BYDAY, BYMONTHDAY or a startDate"),
		invalidCadence("a rule that is prose",
			MakeCadence("prose").RRule("every other Tuesday"), "use FREQ, INTERVAL"),
	}
}

func stallingPolicies() []StallingObject {
	unknownOperator := &metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: "Like", Values: []string{"a*"}}},
	}
	invalid := func(sentence string, policy *PolicyBuilder, want string) StallingObject {
		return StallingObject{
			Sentence: sentence, Object: policy.Obj(),
			WantReason: governancev1alpha1.ReasonInvalidSpec, WantSubstring: want,
		}
	}
	selecting := MakePolicy("selecting")
	selecting.policy.Spec.NamespaceSelector = unknownOperator
	return []StallingObject{
		invalid("a policy that selects namespaces by an operator that is none", selecting,
			"spec.namespaceSelector is not understood"),
		invalid("a policy that selects subjects by an operator that is none",
			MakePolicy("requiring").Requires(governancev1alpha1.PolicyRequirement{Selector: unknownOperator}),
			"spec.requirements[0].selector is not understood"),
		invalid("a route that selects subjects by an operator that is none",
			MakePolicy("routing").RouteOf(governancev1alpha1.Route{
				Name: "all", Selector: unknownOperator, TicketSystemRef: systemReference(Namespace, "desk"),
			}), "The selector of route all is not understood"),
		invalid("a route that assigns tickets to a field that no subject has",
			MakePolicy("assigning").RouteOf(governancev1alpha1.Route{
				Name: "all", Assignee: "subject.owner.usr", TicketSystemRef: systemReference(Namespace, "desk"),
			}), "The assignee of route all is not understood: a subject has no owner.usr"),
		invalid("a policy that sets a rule that is none",
			MakePolicy("ruling").Rule(governancev1alpha1.RuleSetting{Name: "TooManyMeetings"}),
			"TooManyMeetings, which is no rule"),
		invalid("a route for a rule that is none",
			MakePolicy("routed").Route("all", Namespace, "desk", "TooManyMeetings"), "TooManyMeetings, which is no rule"),
	}
}

func stallingTicketSystems() []StallingObject {
	badBundle := MakeTicketSystem("bundle").Obj()
	badBundle.Spec.TLS = &governancev1alpha1.TLS{CABundle: "-----BEGIN NONSENSE-----"}
	host := MakeTicketSystem("host-header").Obj()
	host.Spec.Auth = &governancev1alpha1.Auth{
		Header: &governancev1alpha1.HeaderAuth{Name: "Host", Value: secretKey("desk-host", "token")},
	}
	create := func(path governancev1alpha1.Expression) governancev1alpha1.TicketProtocol {
		return governancev1alpha1.TicketProtocol{Create: governancev1alpha1.TicketRequest{Path: path}}
	}
	blind, hosted := create(`""`), create(`""`)
	blind.UnknownOutcome = governancev1alpha1.UnknownSearch
	hosted.Headers = []governancev1alpha1.TicketHeader{{Name: "Host", Value: "elsewhere.example.com"}}
	invalid := func(sentence string, object client.Object, want string, needs ...client.Object) StallingObject {
		return StallingObject{
			Sentence: sentence, Object: object, Needs: needs,
			WantReason: governancev1alpha1.ReasonInvalidSpec, WantSubstring: want,
		}
	}
	return []StallingObject{
		invalid("a ticket system whose URL holds a password",
			MakeTicketSystem("password").URL("https://gemba:secret@tickets.example.com").Obj(), "name a Secret in auth"),
		invalid("a ticket system whose URL has a fragment",
			MakeTicketSystem("fragment").URL("https://tickets.example.com/#new").Obj(), "must have a host and no fragment"),
		invalid("a ticket system at a port that is none",
			MakeTicketSystem("port").URL("https://tickets.example.com:99999").Obj(), "spec.url cannot be used"),
		invalid("a ticket system at the address where clouds hand out credentials",
			MakeTicketSystem("metadata").URL("https://169.254.169.254/latest").Obj(), "spec.url cannot be used"),
		invalid("a ticket system that trusts what is no certificate", badBundle, "The endpoint cannot be used"),
		invalid("a ticket system that would log in by the header Host", host, "cannot be set",
			deskSecret("desk-host", "tickets.example.com")),
		invalid("a custom ticket system with a slip in an expression", MakeTicketSystem("slip").Custom(create("\"/\" +\n  tocket.id")).Obj(),
			"spec.custom.create.path: line 2, column 3: undeclared reference to 'tocket'"),
		invalid("a custom ticket system that searches without a way to find", MakeTicketSystem("blind").Custom(blind).Obj(),
			"unknownOutcome: Search needs find"),
		invalid("a custom ticket system with the header Host", MakeTicketSystem("custom-host").Custom(hosted).Obj(), "cannot be set"),
		invalid("a ticket system of a type without its parameter", MakeTicketSystem("aimless").OfType(governancev1alpha1.TicketSystemJira).Obj(),
			"spec.parameters lacks project"),
		invalid("a ticket system with a parameter that its type does not know",
			MakeTicketSystem("chatty").OfType(governancev1alpha1.TicketSystemJira, "project=OPS", "board=7").Obj(),
			"spec.parameters has board, which type: Jira does not know"),
		invalid("a pager without its routing key", MakeTicketSystem("keyless").OfType(governancev1alpha1.TicketSystemPagerDuty).Obj(),
			"spec.secretFields lacks routing_key"),
		{
			Sentence: "a ticket system whose secret may be sent nowhere",
			Object:   MakeTicketSystem("nowhere").Bearer("desk-nowhere", "token").Obj(),
			Needs:    []client.Object{deskSecret("desk-nowhere")},

			WantReason:    governancev1alpha1.ReasonReferenceNotPermitted,
			WantSubstring: "Secret desk-nowhere cannot be used",
		},
	}
}

func stallingReferences() []StallingObject {
	system := MakeTicketSystem("guarded").InNamespace(Elsewhere).Obj()
	return []StallingObject{
		{
			Sentence:      "a remediation into a ticket system of another namespace that does not allow it",
			Object:        MakeRemediation("guarded").TicketSystem(Elsewhere, "guarded").Obj(),
			Needs:         []client.Object{system},
			WantReason:    governancev1alpha1.ReasonReferenceNotPermitted,
			WantSubstring: "its spec.allowedNamespaces must admit it",
		},
		{
			Sentence:      "a remediation into a ticket system of another namespace that does not exist",
			Object:        MakeRemediation("absent").TicketSystem(Elsewhere, "absent").Obj(),
			WantReason:    governancev1alpha1.ReasonReferenceNotPermitted,
			WantSubstring: "its spec.allowedNamespaces must admit it",
		},
		{
			Sentence:      "a process on a cadence that does not exist",
			Object:        MakeProcess("dangling").Cadence("no-such-cadence").Obj(),
			WantReason:    governancev1alpha1.ReasonReferenceNotFound,
			WantSubstring: "create it or name another one",
		},
		{
			Sentence:      "a waiver of a rule that is none",
			Object:        MakeWaiver("no-rule").Of("waived").Accepts("TooManyMeetings").Obj(),
			Needs:         []client.Object{MakeProcess("waived").Obj()},
			WantReason:    governancev1alpha1.ReasonInvalidSpec,
			WantSubstring: "TooManyMeetings is no rule",
		},
	}
}

func deskSecret(name string, hosts ...string) *corev1.Secret {
	secret := &corev1.Secret{ObjectMeta: objectMeta(name), Data: map[string][]byte{"token": []byte("a-token")}}
	if len(hosts) > 0 {
		secret.Annotations = map[string]string{governancev1alpha1.AnnotationAllowedHosts: strings.Join(hosts, ",")}
	}
	return secret
}
