package controllers_test

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/egress"
)

// A cluster may keep Gemba from reading the Secrets of a namespace. That is something to be told, and not to be retried in
// silence while nothing of the KPIs is judged.
func TestASecretThatMayNotBeReadIsToldOf(t *testing.T) {
	guard, err := egress.NewGuard(egress.GuardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	forbidding := interceptor.NewClient(fake.NewClientBuilder().Build(), interceptor.Funcs{
		Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return apierrors.NewForbidden(corev1.Resource("secrets"), "login", nil)
		},
	})
	source := builders.MakeMetricSource("metrics", "https://metrics.example.com").Tune(func(spec *v1alpha1.MetricSourceSpec) {
		spec.Auth = &v1alpha1.Auth{Bearer: &v1alpha1.SecretKeyReference{Name: "login", Key: "token"}}
	}).Obj()
	_, err = controllers.NewMetricSources(forbidding, guard).Client(t.Context(), source)
	if err == nil || !strings.HasPrefix(err.Error(), "Gemba may not read Secret login") {
		t.Errorf("%v", err)
	}
}
