package controllers_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// memory keeps Remediations as an API server does: resource versions, conflicts, finalizers and the status apart from the
// rest. It is a hundred times cheaper than a real one, and no schema is enforced; the trials without edits run on the real one
// as well, and must come to the same.
type memory struct {
	client.WithWatch
	now clock.PassiveClock

	mu      sync.Mutex
	version int
	stored  map[types.NamespacedName]*v1alpha1.Remediation
}

var (
	remediationResource = v1alpha1.GroupVersion.WithResource("remediations").GroupResource()
	errNoRemediation    = errors.New("only Remediations are kept here")
	errStale            = errors.New("the object has been modified")
)

func newMemory(rest client.WithWatch, now clock.PassiveClock) *memory {
	return &memory{WithWatch: rest, now: now, stored: map[types.NamespacedName]*v1alpha1.Remediation{}}
}

// Get copies what is stored.
func (m *memory) Get(_ context.Context, key client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	return m.change(key, object, func(*v1alpha1.Remediation) error { return nil })
}

// Create stores what is not there yet.
func (m *memory) Create(_ context.Context, object client.Object, _ ...client.CreateOption) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := client.ObjectKeyFromObject(object)
	if m.stored[key] != nil {
		return apierrors.NewAlreadyExists(remediationResource, key.Name)
	}
	created, ok := object.(*v1alpha1.Remediation)
	if !ok {
		return errNoRemediation
	}
	made := created.DeepCopy()
	made.UID, made.Generation = types.UID(fmt.Sprint(key.Name, "-", m.version)), 1
	made.CreationTimestamp = metav1.NewTime(m.now.Now().Truncate(1e9))
	made.Status = v1alpha1.RemediationStatus{}
	m.put(key, made)
	made.DeepCopyInto(created)
	return nil
}

// Patch merges.
func (m *memory) Patch(_ context.Context, object client.Object, patch client.Patch, _ ...client.PatchOption) error {
	content, err := patch.Data(object)
	if err != nil {
		return err
	}
	var said struct{ Metadata metav1.ObjectMeta }
	if err := json.Unmarshal(content, &said); err != nil {
		return err
	}
	return m.change(client.ObjectKeyFromObject(object), object, func(stored *v1alpha1.Remediation) error {
		if read := said.Metadata.ResourceVersion; read != "" && read != stored.ResourceVersion {
			return apierrors.NewConflict(remediationResource, stored.Name, errStale)
		}
		version := stored.ResourceVersion
		if err := mergeMetadata(content, stored); err != nil {
			return err
		}
		stored.ResourceVersion = version
		return nil
	})
}

// mergeMetadata merges the lists and maps that these tests change.
func mergeMetadata(content []byte, into *v1alpha1.Remediation) error {
	var patch struct {
		Metadata struct {
			Annotations map[string]string `json:"annotations"`
			Finalizers  *[]string         `json:"finalizers"`
		} `json:"metadata"`
	}
	var raw struct {
		Metadata map[string]json.RawMessage `json:"metadata"`
	}
	if err := errors.Join(json.Unmarshal(content, &patch), json.Unmarshal(content, &raw)); err != nil {
		return err
	}
	if _, said := raw.Metadata["finalizers"]; said {
		into.Finalizers = nil
	}
	if patch.Metadata.Finalizers != nil {
		into.Finalizers = *patch.Metadata.Finalizers
	}
	for name, value := range patch.Metadata.Annotations {
		metav1.SetMetaDataAnnotation(&into.ObjectMeta, name, value)
	}
	return nil
}

// Delete removes what has no finalizer, and marks the rest.
func (m *memory) Delete(_ context.Context, object client.Object, _ ...client.DeleteOption) error {
	return m.change(client.ObjectKeyFromObject(object), object.DeepCopyObject().(client.Object), func(stored *v1alpha1.Remediation) error {
		if stored.DeletionTimestamp == nil {
			at := metav1.NewTime(m.now.Now().Truncate(1e9))
			stored.DeletionTimestamp = &at
			stored.Generation++
		}
		return nil
	})
}

// SubResource is the status.
func (m *memory) SubResource(name string) client.SubResourceClient {
	return memoryStatus{m.WithWatch.SubResource(name), m}
}

type memoryStatus struct {
	client.SubResourceClient
	memory *memory
}

// Update replaces the status of the version that was read.
func (s memoryStatus) Update(_ context.Context, object client.Object, _ ...client.SubResourceUpdateOption) error {
	written, ok := object.(*v1alpha1.Remediation)
	if !ok {
		return errNoRemediation
	}
	return s.memory.change(client.ObjectKeyFromObject(object), object, func(stored *v1alpha1.Remediation) error {
		if written.ResourceVersion != stored.ResourceVersion {
			return apierrors.NewConflict(remediationResource, stored.Name, errStale)
		}
		stored.Status = *written.Status.DeepCopy()
		return nil
	})
}

// change alters what is stored, and gives it back in object. What stays the same keeps its version.
func (m *memory) change(key types.NamespacedName, object client.Object, alter func(*v1alpha1.Remediation) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	into, ok := object.(*v1alpha1.Remediation)
	if !ok {
		return errNoRemediation
	}
	stored := m.stored[key]
	if stored == nil {
		return apierrors.NewNotFound(remediationResource, key.Name)
	}
	altered := stored.DeepCopy()
	if err := alter(altered); err != nil {
		return err
	}
	if !equality.Semantic.DeepEqual(stored, altered) {
		m.put(key, altered)
	}
	*into = v1alpha1.Remediation{}
	altered.DeepCopyInto(into)
	return nil
}

// put stores a new version, or nothing where the last finalizer of something deleted is gone.
func (m *memory) put(key types.NamespacedName, made *v1alpha1.Remediation) {
	m.version++
	made.ResourceVersion = strconv.Itoa(m.version)
	if made.DeletionTimestamp != nil && len(made.Finalizers) == 0 {
		delete(m.stored, key)
		return
	}
	m.stored[key] = made
}
