package schema

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gemba-dev/gemba/internal/testenv"
)

// env serves the CRDs alone: what is tried here is the schema, and admission policies would refuse before it.
var env *testenv.Env

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	logf.SetLogger(logr.Discard())
	var err error
	if env, err = testenv.Start(context.Background(), testenv.WithoutPolicies()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := env.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// rawClient speaks to one API group in bytes, so that a test sees what is on the wire.
func rawClient(version schema.GroupVersion) (*rest.RESTClient, error) {
	config := rest.CopyConfig(env.Config)
	config.APIPath = "/apis"
	config.WarningHandler = rest.NoWarnings{} // of unknown fields, by the hundred
	config.GroupVersion = &version
	config.NegotiatedSerializer = serializer.NewCodecFactory(env.Scheme).WithoutConversion()
	c, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", version, err)
	}
	return c, nil
}
