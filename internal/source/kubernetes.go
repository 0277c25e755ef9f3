package source

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
)

const (
	// maxObjects is how many objects are read at most.
	maxObjects = 500
	// readTimeout is the deadline for all that one question reads.
	readTimeout = 10 * time.Second
)

var kubernetesAdapter = adapter{
	reference: func(declared *v1alpha1.KPISource) (*v1alpha1.ObjectReference, bool) {
		return nil, declared.Kubernetes != nil
	},
	prepare: prepareKubernetes,
}

// objects reads objects of the cluster as a ServiceAccount.
type objects struct {
	reader  *Kubernetes
	account types.NamespacedName
	kind    schema.GroupVersionKind
	// name of the one object; empty: those that the selector chooses.
	name, selector string
	extraction     extraction
}

// prepareKubernetes makes the question.
func prepareKubernetes(in request) (Question, error) {
	declared := in.kpi.Spec.Source.Kubernetes
	if in.builder.Kubernetes == nil {
		return Question{}, problem(ErrNotPermitted, "reading objects of the cluster for KPIs is switched off",
			"Ask the operator of Gemba to switch it on, or use another source.")
	}
	version, err := schema.ParseGroupVersion(declared.APIVersion)
	if err != nil {
		return Question{}, problem(ErrInvalid, "the apiVersion is not of the form group/version", "")
	}
	asker := &objects{
		reader:  in.builder.Kubernetes,
		account: types.NamespacedName{Namespace: in.kpi.Namespace, Name: string(declared.ServiceAccountName)},
		kind:    version.WithKind(declared.Kind),
		name:    string(declared.Name),
	}
	if holdsSecrets(asker.kind.Kind, "") {
		return Question{}, problem(ErrNotPermitted, "Secrets are never read for a KPI", "Read something that holds no secret.")
	}
	variable := "object"
	if asker.name == "" {
		variable = "objects"
		selector, err := metav1.LabelSelectorAsSelector(declared.Selector)
		if err != nil {
			return Question{}, problem(ErrInvalid, "the selector is not valid", "Look at its operators and values.")
		}
		asker.selector = selector.String()
	}
	asker.extraction, err = in.builder.extraction(variable, declared.Value, declared.Time)
	if err != nil {
		return Question{}, err
	}
	key := keyOf("kubernetes", declared.APIVersion, declared.Kind, asker.name, variable, asker.selector,
		asker.extraction.value, asker.extraction.time)
	return Question{Lane: "ServiceAccount " + asker.account.String(), Key: key, Asker: asker}, nil
}

// holdsSecrets says whether a kind, or its resource, is that of Secrets, whatever group serves it: an aggregated API may
// serve those of the core under another name.
func holdsSecrets(kind, resource string) bool {
	return strings.EqualFold(kind, "Secret") || strings.EqualFold(kind, "SecretList") || resource == "secrets"
}

// Ask implements Asker by one read.
func (o *objects) Ask(ctx context.Context, now time.Time) kpi.Sample {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return sampled(now, func() finding {
		if come := o.reader.refuses(ctx, o.account); come != nil {
			return *come
		}
		target, mapping, come := o.target()
		if come != nil {
			return *come
		}
		if o.name != "" {
			return o.one(ctx, now, target, mapping)
		}
		return o.all(ctx, now, target, mapping)
	})
}

// target finds what to read. Objects of a namespace are read in that of the KPI only. A kind without namespaces can be
// read as well: what decides, there as here, is what RBAC lets the ServiceAccount do, and for which kinds it lets Gemba
// read as a ServiceAccount; a cluster role has to be bound for it, which no owner of a namespace can do alone.
func (o *objects) target() (dynamic.ResourceInterface, *meta.RESTMapping, *finding) {
	mapping, err := o.reader.mapper.RESTMapping(o.kind.GroupKind(), o.kind.Version)
	switch {
	case meta.IsNoMatchError(err):
		come := missing(v1alpha1.SampleInvalid, fmt.Sprintf("the cluster knows no %s of %s", o.kind.Kind, o.kind.GroupVersion()),
			"Look at apiVersion and kind.")
		return nil, nil, &come
	case err != nil:
		come := missing(v1alpha1.SampleNoAnswer, "the API server does not say which kinds it knows", "It is asked again.")
		return nil, nil, &come
	case holdsSecrets(mapping.GroupVersionKind.Kind, mapping.Resource.Resource):
		come := missing(v1alpha1.SampleForbidden, "Secrets are never read for a KPI", "Read something that holds no secret.")
		return nil, nil, &come
	}
	client, err := o.reader.as(o.account)
	if err != nil {
		come := missing(v1alpha1.SampleNoAnswer, "the API server cannot be asked as "+o.who(), "It is asked again.")
		return nil, nil, &come
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return client.Resource(mapping.Resource).Namespace(o.account.Namespace), mapping, nil
	}
	return client.Resource(mapping.Resource), mapping, nil
}

// one reads one object.
func (o *objects) one(ctx context.Context, now time.Time, from dynamic.ResourceInterface, mapping *meta.RESTMapping) finding {
	read, err := from.Get(ctx, o.name, metav1.GetOptions{})
	if err != nil {
		return o.failed(ctx, "get", mapping, err)
	}
	return o.extraction.extract(ctx, now, content(read))
}

// all reads those that the selector chooses.
func (o *objects) all(ctx context.Context, now time.Time, from dynamic.ResourceInterface, mapping *meta.RESTMapping) finding {
	read, err := from.List(ctx, metav1.ListOptions{LabelSelector: o.selector, Limit: maxObjects})
	if err != nil {
		return o.failed(ctx, "list", mapping, err)
	}
	if read.GetContinue() != "" || len(read.Items) > maxObjects {
		return missing(v1alpha1.SampleTooMany, fmt.Sprintf("the selector chooses more than %d objects", maxObjects),
			"Choose fewer by their labels.")
	}
	chosen := make([]any, 0, len(read.Items))
	for index := range read.Items {
		chosen = append(chosen, content(&read.Items[index]))
	}
	return o.extraction.extract(ctx, now, chosen)
}

// content is what expressions see of an object: all but who wrote which field, which is long and measures nothing.
func content(read *unstructured.Unstructured) any {
	unstructured.RemoveNestedField(read.Object, "metadata", "managedFields")
	return read.Object
}

func (o *objects) who() string { return "ServiceAccount " + o.account.Name }

// failed tells what became of a read. What the API server says in its own words is left out: it names Gemba's account, and
// tells more of the cluster than whoever sees the KPI may know.
func (o *objects) failed(ctx context.Context, verb string, mapping *meta.RESTMapping, err error) finding {
	kind := mapping.GroupVersionKind.Kind
	switch {
	case apierrors.IsForbidden(err) && strings.Contains(err.Error(), "cannot impersonate"):
		return missing(v1alpha1.SampleForbidden, fmt.Sprintf("Gemba may not %s %s as a ServiceAccount", verb, kind),
			"Have the kind added to those that Gemba may read for KPIs.")
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return missing(v1alpha1.SampleForbidden, fmt.Sprintf("%s may not %s %s", o.who(), verb, kind),
			"Bind a role to it that allows that.")
	case apierrors.IsNotFound(err) && o.name != "":
		return missing(v1alpha1.SampleEmpty, fmt.Sprintf("there is no %s %s", kind, o.name), "Create it, or look at the name.")
	case apierrors.IsNotFound(err):
		return missing(v1alpha1.SampleEmpty, fmt.Sprintf("the cluster serves no %s any more", kind), "Look at apiVersion and kind.")
	case errors.Is(err, errTooLong):
		return missing(v1alpha1.SampleTooMany, fmt.Sprintf("the objects are longer than %d MiB together", maxRead>>20),
			"Choose fewer by their labels.")
	case apierrors.IsBadRequest(err), apierrors.IsInvalid(err):
		return missing(v1alpha1.SampleInvalid, fmt.Sprintf("the API server cannot %s %s as it is asked", verb, kind),
			"Look at name and selector.")
	case ctx.Err() != nil:
		return missing(v1alpha1.SampleNoAnswer, "the API server does not answer in time", "It is asked again.")
	default:
		return missing(v1alpha1.SampleNoAnswer, "the API server gives no answer that can be used", "It is asked again.")
	}
}
