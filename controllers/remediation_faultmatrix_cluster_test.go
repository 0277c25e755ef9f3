package controllers_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// cluster is Kubernetes as a trial sees it. Each write of a Remediation goes to an API server, and reads are answered as by a
// cache that has seen all writes. What people declare is kept here alone: no fault is about it, and thousands of trials need
// it.
type cluster struct {
	base client.WithWatch

	mu           sync.Mutex
	declared     map[string]client.Object
	remediations map[types.NamespacedName]*v1alpha1.Remediation
	// lives are the UIDs of all Remediations that there ever were.
	lives map[types.UID]bool
}

func newCluster(base client.WithWatch) *cluster {
	return &cluster{
		base: base, declared: map[string]client.Object{}, remediations: map[types.NamespacedName]*v1alpha1.Remediation{},
		lives: map[types.UID]bool{},
	}
}

// around carries out a write, which is named, or fails it on purpose.
type around func(of effect, object client.Object, do func() error) error

// undisturbed carries out every write.
func undisturbed(_ effect, _ client.Object, do func() error) error { return do() }

// client is one that works on the cluster; alive is called before each read.
func (c *cluster) client(write around, alive func()) client.Client {
	return interceptor.NewClient(c.base, interceptor.Funcs{
		Get: func(ctx context.Context, _ client.WithWatch, key client.ObjectKey, object client.Object, _ ...client.GetOption) error {
			alive()
			return c.get(ctx, key, object)
		},
		List: func(ctx context.Context, base client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			alive()
			if remediations, ok := list.(*v1alpha1.RemediationList); ok {
				remediations.Items = c.all()
				return nil
			}
			return base.List(ctx, list, opts...)
		},
		Create: func(ctx context.Context, base client.WithWatch, object client.Object, opts ...client.CreateOption) error {
			return write(effect{kind: opening}, object, func() error { return c.learn(ctx, object, base.Create(ctx, object, opts...)) })
		},
		Patch: func(ctx context.Context, base client.WithWatch, object client.Object, patch client.Patch, opts ...client.PatchOption) error {
			return write(c.patching(object), object, func() error { return c.learn(ctx, object, base.Patch(ctx, object, patch, opts...)) })
		},
		SubResourceUpdate: func(ctx context.Context, base client.Client, name string, object client.Object, opts ...client.SubResourceUpdateOption) error {
			return write(c.writing(object), object, func() error { return c.learn(ctx, object, base.SubResource(name).Update(ctx, object, opts...)) })
		},
	})
}

// get answers from what is known here, and never asks.
func (c *cluster) get(_ context.Context, key client.ObjectKey, object client.Object) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found client.Object
	if _, wanted := object.(*v1alpha1.Remediation); !wanted {
		found = c.declared[declaredAs(object, key)]
	} else if kept := c.remediations[key]; kept != nil {
		found = kept
	}
	if found == nil {
		return apierrors.NewNotFound(schema.GroupResource{Resource: fmt.Sprintf("%T", object)}, key.Name)
	}
	reflect.ValueOf(object).Elem().Set(reflect.ValueOf(found.DeepCopyObject()).Elem())
	return nil
}

func declaredAs(object client.Object, key client.ObjectKey) string {
	return fmt.Sprintf("%T %s", object, key)
}

// declare keeps an object, or a new generation of it.
func (c *cluster) declare(object client.Object) {
	c.mu.Lock()
	defer c.mu.Unlock()
	object.SetUID(types.UID(object.GetName()))
	object.SetGeneration(object.GetGeneration() + 1)
	kept, _ := object.DeepCopyObject().(client.Object)
	c.declared[declaredAs(object, client.ObjectKeyFromObject(object))] = kept
}

// all are the Remediations that there are.
func (c *cluster) all() []v1alpha1.Remediation {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []v1alpha1.Remediation
	for _, kept := range c.remediations {
		all = append(all, *kept.DeepCopy())
	}
	return all
}

// learn notes what a write has led to: what the reply says or, where there is none that says it, what the API server has.
func (c *cluster) learn(ctx context.Context, object client.Object, err error) error {
	remediation, ok := object.DeepCopyObject().(*v1alpha1.Remediation)
	if !ok {
		return err
	}
	if err != nil {
		c.look(ctx, client.ObjectKeyFromObject(object))
		return err
	}
	c.keep(client.ObjectKeyFromObject(object), remediation)
	return nil
}

// look learns what the API server has.
func (c *cluster) look(ctx context.Context, key client.ObjectKey) {
	stored := &v1alpha1.Remediation{}
	switch err := c.base.Get(ctx, key, stored); {
	case apierrors.IsNotFound(err):
		c.keep(key, nil)
	case err == nil:
		c.keep(key, stored)
	}
}

func (c *cluster) keep(key client.ObjectKey, remediation *v1alpha1.Remediation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if remediation != nil {
		c.lives[remediation.UID] = true
	}
	if remediation == nil || remediation.DeletionTimestamp != nil && len(remediation.Finalizers) == 0 {
		delete(c.remediations, key)
		return
	}
	c.remediations[key] = remediation
}

// created counts the Remediations that there ever were.
func (c *cluster) created() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.lives)
}

// patching names a patch of a Remediation.
func (c *cluster) patching(object client.Object) effect {
	if len(object.GetFinalizers()) > 0 {
		return effect{kind: holding}
	}
	return effect{kind: releasing}
}

// writing names a write of a status: it announces a try, stores what came of one, or tells the rest.
func (c *cluster) writing(object client.Object) effect {
	c.mu.Lock()
	defer c.mu.Unlock()
	written, ok := object.(*v1alpha1.Remediation)
	if !ok {
		return effect{kind: telling}
	}
	stored := c.remediations[client.ObjectKeyFromObject(object)]
	if try := sending(written); try != "" {
		return effect{kind: announcing, of: try}
	}
	if stored != nil && sending(stored) != "" {
		return effect{kind: storing, of: sending(stored)}
	}
	return effect{kind: telling}
}

// sending is the operation of the message that a status says is under way; empty where none is.
func sending(remediation *v1alpha1.Remediation) v1alpha1.Operation {
	for i := range remediation.Status.Tickets {
		if message := remediation.Status.Tickets[i].Delivery; message != nil && message.State == v1alpha1.DeliverySending {
			return message.Operation
		}
	}
	return ""
}
