package ticket

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// Identity says which finding of which subject a Remediation is for. Nothing in it changes when a cluster is rebuilt
// from its declarations.
type Identity struct {
	Namespace string
	Kind      v1alpha1.SubjectKind
	Name      string
	Rule      v1alpha1.Rule
	About     string
	Episode   string
}

// IdentityOf reads the identity from a Remediation.
func IdentityOf(remediation *v1alpha1.Remediation) Identity {
	identity := Identity{Namespace: remediation.Namespace}
	if group := remediation.Spec.Group; group != nil {
		return identityOfGroup(identity, remediation.Spec.Route, group)
	}
	if subject := remediation.Spec.SubjectRef; subject != nil {
		identity.Kind, identity.Name = governance.KindOf(subject.Kind), string(subject.Name)
	}
	if finding := remediation.Spec.Finding; finding != nil {
		identity.Rule, identity.About, identity.Episode = finding.Rule, finding.About, finding.Episode
	}
	return identity
}

// kindGroup stands for the kind of a subject where a ticket is about several.
const kindGroup v1alpha1.SubjectKind = "Group"

// identityOfGroup names a group after its route, which tells it from others in the namespace.
func identityOfGroup(identity Identity, route v1alpha1.RouteSnapshot, group *v1alpha1.FindingGroup) Identity {
	identity.Kind, identity.Name = kindGroup, string(route.Name)
	identity.Rule, identity.Episode = group.Rule, group.Episode
	identity.About = "policy/" + string(route.Policy)
	if subject := group.SubjectRef; subject != nil {
		identity.About += "/" + string(governance.KindOf(subject.Kind)) + "/" + string(subject.Name)
	}
	return identity
}

const (
	// maxNamePart bounds the readable part of a Remediation's name: with a hyphen and the hash the name fits into a
	// label of 63 characters. The rule has a column of its own in what kubectl prints.
	maxNamePart = 54
	nameHash    = 8
	keyHash     = 40
	bodyHash    = 16
)

// RemediationName is the name of the Remediation for an identity: readable, at most 63 characters, and the same in every
// cluster that is built from the same declarations.
func RemediationName(identity Identity) string {
	sum := digest(identity.Namespace, string(identity.Kind), identity.Name, string(identity.Rule), identity.About,
		identity.Episode)
	return dnsPart(identity.Name, maxNamePart) + "-" + sum[:nameHash]
}

// Key is the key of the ticket for an identity in a system ("namespace/name" of the TicketSystem): fixed for the life of
// the ticket, and short enough for a label anywhere.
func Key(clusterID string, identity Identity, system string) string {
	sum := digest("ticket", clusterID, identity.Namespace, string(identity.Kind), identity.Name, string(identity.Rule),
		identity.About, identity.Episode, system)
	return "gemba-" + sum[:keyHash]
}

// SubjectKey is Key without the episode: tickets about the same thing share it.
func SubjectKey(clusterID string, identity Identity, system string) string {
	sum := digest("subject", clusterID, identity.Namespace, string(identity.Kind), identity.Name, string(identity.Rule),
		identity.About, system)
	return "gemba-" + sum[:keyHash]
}

// MessageKey names a message for good: the ticket key for a create, so that a cluster that was rebuilt without its
// status says nothing new, and otherwise ticket key, sequence and a digest of what is said.
func MessageKey(ticketKey string, operation v1alpha1.Operation, sequence int32, content []byte) string {
	if operation == v1alpha1.OperationCreate {
		return ticketKey
	}
	return ticketKey + "-" + strconv.Itoa(int(sequence)) + "-" + digest(string(content))[:bodyHash]
}

// digest hashes fields so that no two lists of fields run into each other.
func digest(fields ...string) string {
	hash := sha256.New()
	for _, field := range fields {
		// A hash never returns an error.
		_, _ = hash.Write([]byte(strconv.Itoa(len(field)) + ":" + field))
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// dnsPart keeps what may stand in a DNS label. A name that the API server has accepted begins with a letter or digit;
// anything else is made to.
func dnsPart(text string, limit int) string {
	mapped := strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	mapped = strings.Trim(mapped, "-")
	if len(mapped) > limit {
		mapped = strings.TrimRight(mapped[:limit], "-")
	}
	if mapped == "" {
		return "x"
	}
	return mapped
}
