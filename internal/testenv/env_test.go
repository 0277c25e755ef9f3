package testenv_test

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/testenv"
)

func TestTheControlPlaneServesTheKindsAndEndsNamespaces(t *testing.T) {
	ctx := t.Context()
	env, err := testenv.Start(ctx, testenv.WithControllerManager())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := env.Stop(); err != nil {
			t.Error(err)
		}
	}()
	namespace, err := env.NewNamespace(ctx, "testenv", nil)
	if err != nil {
		t.Fatal(err)
	}
	process := &governancev1alpha1.Process{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "refunds"},
		Spec:       governancev1alpha1.ProcessSpec{Why: "customers get their money back", Owner: governancev1alpha1.Party{Role: "head of service"}},
	}
	if err := env.Client.Create(ctx, process); err != nil {
		t.Fatalf("create a process: %v", err)
	}
	stranger, err := env.UserClient("nobody-knows-me")
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Delete(ctx, process); !apierrors.IsForbidden(err) {
		t.Errorf("a user without rights deletes a process: got %v, want forbidden", err)
	}
	if err := env.Client.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		t.Fatal(err)
	}
	err = wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		err := env.Client.Get(ctx, types.NamespacedName{Name: namespace}, &corev1.Namespace{})
		return apierrors.IsNotFound(err), nil
	})
	if err != nil {
		t.Errorf("the namespace does not go: %v", err)
	}
}

func TestAMissingControlPlaneIsSaidWithItsCure(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", t.TempDir())
	_, err := testenv.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "start the control plane of") {
		t.Errorf("got %v, want an error that names the folder", err)
	}
}
