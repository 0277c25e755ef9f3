package builders

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// TicketSystemBuilder makes a TicketSystem.
type TicketSystemBuilder struct {
	system governancev1alpha1.TicketSystem
}

// MakeTicketSystem begins with a webhook that removes no duplicates, needs no login and serves its own namespace only.
func MakeTicketSystem(name string) *TicketSystemBuilder {
	return &TicketSystemBuilder{governancev1alpha1.TicketSystem{
		TypeMeta:   typeMeta("TicketSystem"),
		ObjectMeta: objectMeta(name),
		Spec: governancev1alpha1.TicketSystemSpec{
			Type:     governancev1alpha1.TicketSystemWebhook,
			Endpoint: governancev1alpha1.Endpoint{URL: "https://tickets.example.com", Timeout: "10s"},
			Webhook:  &governancev1alpha1.Webhook{},
		},
	}}
}

// InNamespace puts the system into a namespace.
func (b *TicketSystemBuilder) InNamespace(namespace string) *TicketSystemBuilder {
	b.system.Namespace = namespace
	return b
}

// URL says where the system is.
func (b *TicketSystemBuilder) URL(url string) *TicketSystemBuilder {
	b.system.Spec.URL = governancev1alpha1.Link(url)
	return b
}

// Timeout bounds one request.
func (b *TicketSystemBuilder) Timeout(timeout string) *TicketSystemBuilder {
	b.system.Spec.Timeout = governancev1alpha1.Duration(timeout)
	return b
}

// RateLimit bounds the requests to it.
func (b *TicketSystemBuilder) RateLimit(perSecond, concurrent int32) *TicketSystemBuilder {
	b.system.Spec.RateLimit = governancev1alpha1.TicketRateLimit{PerSecond: perSecond, Concurrent: concurrent}
	return b
}

// Deduplicates says that the receiver recognises what it has received before.
func (b *TicketSystemBuilder) Deduplicates() *TicketSystemBuilder {
	if b.system.Spec.Webhook == nil {
		b.system.Spec.Webhook = &governancev1alpha1.Webhook{}
	}
	b.system.Spec.Webhook.Deduplicates = true
	return b
}

// SignedWith adds a key that signs messages.
func (b *TicketSystemBuilder) SignedWith(secret, key string) *TicketSystemBuilder {
	b.system.Spec.Webhook.SigningSecrets = append(b.system.Spec.Webhook.SigningSecrets, secretKey(secret, key))
	return b
}

// Bearer logs in with a token.
func (b *TicketSystemBuilder) Bearer(secret, key string) *TicketSystemBuilder {
	token := secretKey(secret, key)
	b.system.Spec.Auth = &governancev1alpha1.Auth{Bearer: &token}
	return b
}

// OfType makes it a system of a type that is built in, with its parameters as "name=value".
func (b *TicketSystemBuilder) OfType(systemType governancev1alpha1.TicketSystemType, parameters ...string) *TicketSystemBuilder {
	b.system.Spec.Type, b.system.Spec.Webhook = systemType, nil
	if systemType != governancev1alpha1.TicketSystemCustom {
		b.system.Spec.Custom = nil
	}
	b.system.Spec.Parameters = map[governancev1alpha1.ParameterName]governancev1alpha1.ParameterValue{}
	for _, parameter := range parameters {
		name, value, _ := strings.Cut(parameter, "=")
		b.system.Spec.Parameters[governancev1alpha1.ParameterName(name)] = governancev1alpha1.ParameterValue(value)
	}
	return b
}

// ReadEvery says how often the state of open tickets is read.
func (b *TicketSystemBuilder) ReadEvery(every string) *TicketSystemBuilder {
	b.system.Spec.ReadEvery = governancev1alpha1.Duration(every)
	return b
}

// Custom makes it a system that a user describes.
func (b *TicketSystemBuilder) Custom(protocol governancev1alpha1.TicketProtocol) *TicketSystemBuilder {
	b.OfType(governancev1alpha1.TicketSystemCustom)
	b.system.Spec.Custom = &protocol
	return b
}

// Proxy sends everything through a proxy.
func (b *TicketSystemBuilder) Proxy(url string) *TicketSystemBuilder {
	b.system.Spec.Proxy = governancev1alpha1.Link(url)
	return b
}

// HeaderAuth logs in with a header of its own.
func (b *TicketSystemBuilder) HeaderAuth(header, secret, key string) *TicketSystemBuilder {
	b.system.Spec.Auth = &governancev1alpha1.Auth{Header: &governancev1alpha1.HeaderAuth{
		Name: header, Value: secretKey(secret, key),
	}}
	return b
}

// AllowAll admits references from every namespace.
func (b *TicketSystemBuilder) AllowAll() *TicketSystemBuilder {
	b.system.Spec.AllowedNamespaces = &governancev1alpha1.AllowedNamespaces{From: governancev1alpha1.NamespacesAll}
	return b
}

// AllowLabelled admits references from namespaces with a label.
func (b *TicketSystemBuilder) AllowLabelled(key, value string) *TicketSystemBuilder {
	b.system.Spec.AllowedNamespaces = &governancev1alpha1.AllowedNamespaces{
		From:     governancev1alpha1.NamespacesSelector,
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{key: value}},
	}
	return b
}

// Assigns says which account tickets are assigned to that a route gives to a user.
func (b *TicketSystemBuilder) Assigns(user, account string) *TicketSystemBuilder {
	b.system.Spec.Assignees = append(b.system.Spec.Assignees, governancev1alpha1.TicketAssignee{User: user, Account: account})
	return b
}

// DryRun sends nothing.
func (b *TicketSystemBuilder) DryRun() *TicketSystemBuilder {
	b.system.Spec.DryRun = true
	return b
}

// Obj gives a TicketSystem of its own; the builder can go on.
func (b *TicketSystemBuilder) Obj() *governancev1alpha1.TicketSystem { return b.system.DeepCopy() }

func secretKey(secret, key string) governancev1alpha1.SecretKeyReference {
	return governancev1alpha1.SecretKeyReference{Name: governancev1alpha1.ObjectName(secret), Key: key}
}
