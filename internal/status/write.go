package status

import (
	"context"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Write sends the status of an object where it differs from that of before, the object as it was read: one PUT of the
// status with the resource version that was read, so that a stale read is refused as a conflict. It tells whether it
// wrote.
func Write(ctx context.Context, c client.Client, object, before client.Object) (bool, error) {
	same, err := sameStatus(object, before)
	if err != nil || same {
		return false, err
	}
	if err := c.Status().Update(ctx, object); err != nil {
		return false, fmt.Errorf("write the status of %T %s: %w", object, client.ObjectKeyFromObject(object), err)
	}
	return true, nil
}

// sameStatus compares semantically: an empty list is no list, times are instants.
func sameStatus(a, b runtime.Object) (bool, error) {
	left, right := statusOf(a), statusOf(b)
	if !left.IsValid() || !right.IsValid() || left.Type() != right.Type() {
		return false, fmt.Errorf("compare the status of %T and %T: not two objects of one kind with a status", a, b)
	}
	return equality.Semantic.DeepEqual(left.Interface(), right.Interface()), nil
}

func statusOf(object runtime.Object) reflect.Value {
	value := reflect.ValueOf(object)
	if value.Kind() != reflect.Pointer || value.IsNil() || value.Elem().Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return value.Elem().FieldByName("Status")
}
