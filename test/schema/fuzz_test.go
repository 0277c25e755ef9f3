package schema

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	kjson "sigs.k8s.io/json"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

var (
	fuzzObjects = flag.Int("schema.objects", 20000, "how many objects to generate over all kinds")
	fuzzSeed    = flag.Uint64("schema.seed", 20260131, "seed of the generated objects")
)

const (
	// fuzzWorkers keep the API server of a small machine busy.
	fuzzWorkers = 16
	// slowDecode is what decoding one object may take at most.
	slowDecode = time.Second
)

// tally counts what became of the objects of one kind.
type tally struct {
	created, refused             int
	statusStored, statusRefused  int
	undecodable, slow, surprised int
	examples                     []string
}

func (t *tally) add(o tally) {
	t.created += o.created
	t.refused += o.refused
	t.statusStored += o.statusStored
	t.statusRefused += o.statusRefused
	t.undecodable += o.undecodable
	t.slow += o.slow
	t.surprised += o.surprised
	if len(t.examples) < 5 {
		t.examples = append(t.examples, o.examples...)
	}
}

func (t *tally) example(format string, args ...any) {
	t.examples = append(t.examples, fmt.Sprintf(format, args...))
}

// kindUnderTest is a kind with the schema that the API server holds it to and the Go type that it must decode into.
type kindUnderTest struct {
	crd    *apiextensionsv1.CustomResourceDefinition
	client *rest.RESTClient
	object func() runtime.Object
	seed   uint64
}

func TestEveryObjectThatTheAPIServerAcceptsDecodes(t *testing.T) {
	crds := loadCRDs(t)
	objects := *fuzzObjects
	if testing.Short() {
		objects = min(objects, 2100)
	}
	t.Logf("seed %d, %d objects of %d kinds (-schema.seed, -schema.objects)", *fuzzSeed, objects, len(crds))
	var total tally
	for i, crd := range crds {
		kind := kindUnderTest{crd: crd, client: newRawClient(t, crd.Spec.Group), object: typeOf(t, crd), seed: *fuzzSeed + uint64(i)}
		counts := kind.fuzz(t.Context(), (objects+len(crds)-1)/len(crds))
		report(t, crd.Spec.Names.Kind, counts)
		if err := kind.list(t.Context()); err != nil {
			t.Errorf("an informer of %s would not start: %v", crd.Spec.Names.Kind, err)
		}
		if share := float64(counts.created) / float64(counts.created+counts.refused); share < 0.3 || share > 0.95 {
			t.Errorf("%s: %.0f %% of the objects were accepted; between 30 and 95 say something about both sides",
				crd.Spec.Names.Kind, 100*share)
		}
		total.add(counts)
	}
	report(t, "all kinds", total)
	if total.undecodable != 0 || total.slow != 0 || total.surprised != 0 {
		t.Errorf("accepted but undecodable: %d, slower than %s to decode: %d, answers that neither accept nor refuse: %d\n%q",
			total.undecodable, slowDecode, total.slow, total.surprised, total.examples)
	}
}

func report(t *testing.T, name string, c tally) {
	t.Helper()
	t.Logf("%-16s stored %5d, refused %5d; status stored %5d, refused %5d; undecodable %d, slow %d, surprising %d",
		name, c.created, c.refused, c.statusStored, c.statusRefused, c.undecodable, c.slow, c.surprised)
}

// fuzz generates objects, stores them and decodes what was accepted.
func (k kindUnderTest) fuzz(ctx context.Context, objects int) tally {
	var (
		total tally
		lock  sync.Mutex
		wait  sync.WaitGroup
		next  = make(chan int)
	)
	for range fuzzWorkers {
		wait.Go(func() {
			for i := range next {
				counts := k.try(ctx, i)
				lock.Lock()
				total.add(counts)
				lock.Unlock()
			}
		})
	}
	for i := range objects {
		next <- i
	}
	close(next)
	wait.Wait()
	return total
}

// try makes object number i, creates it, then gives it a status.
func (k kindUnderTest) try(ctx context.Context, i int) (counts tally) {
	root := k.crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	spec, status := root.Properties["spec"], root.Properties["status"]
	g := newGenerator(k.seed, uint64(i))
	object := map[string]any{
		"apiVersion": k.crd.Spec.Group + "/" + k.crd.Spec.Versions[0].Name,
		"kind":       k.crd.Spec.Names.Kind,
		"metadata":   map[string]any{"name": fmt.Sprintf("generated-%d", i)},
		"spec":       g.value("spec", &spec),
	}
	g.spoil()
	stored := k.send(ctx, &counts, &counts.created, &counts.refused, k.request("POST"), object)
	if stored == nil {
		return counts
	}
	g = newGenerator(k.seed, math.MaxUint64-uint64(i))
	object["status"] = g.value("status", &status)
	g.spoil()
	object["metadata"] = stored["metadata"]
	update := k.request("PUT").Name(fmt.Sprintf("generated-%d", i)).SubResource("status")
	k.send(ctx, &counts, &counts.statusStored, &counts.statusRefused, update, object)
	return counts
}

func (k kindUnderTest) request(verb string) *rest.Request {
	request := k.client.Verb(verb).Resource(k.crd.Spec.Names.Plural)
	if k.crd.Spec.Scope == apiextensionsv1.NamespaceScoped {
		return request.Namespace(metav1.NamespaceDefault)
	}
	return request
}

// send writes the object, counts the answer, and returns what was stored, or nil.
func (k kindUnderTest) send(ctx context.Context, counts *tally, accepted, refused *int, request *rest.Request, object any) map[string]any {
	body, err := json.Marshal(object)
	if err != nil {
		counts.surprised++
		counts.example("marshal: %v", err)
		return nil
	}
	answer, err := request.Body(body).Do(ctx).Raw()
	switch {
	case apierrors.IsInvalid(err) || apierrors.IsBadRequest(err):
		*refused++
		return nil
	case err != nil:
		counts.surprised++
		counts.example("%.2000s: %v", body, err)
		return nil
	}
	*accepted++
	k.decode(counts, answer)
	stored := map[string]any{}
	if err := json.Unmarshal(answer, &stored); err != nil {
		counts.surprised++
	}
	return stored
}

// list decodes all that was stored at once, as an informer does when it starts.
func (k kindUnderTest) list(ctx context.Context) error {
	list, err := env.Scheme.New(governancev1alpha1.GroupVersion.WithKind(k.crd.Spec.Names.ListKind))
	if err != nil {
		return err
	}
	return env.Client.List(ctx, list.(client.ObjectList))
}

// decode does to the stored object what an informer does.
func (k kindUnderTest) decode(counts *tally, stored []byte) {
	stopwatch := clock.RealClock{}
	start := stopwatch.Now()
	if err := kjson.UnmarshalCaseSensitivePreserveInts(stored, k.object()); err != nil {
		counts.undecodable++
		counts.example("%v: %.2000s", err, stored)
	}
	if stopwatch.Since(start) > slowDecode {
		counts.slow++
		counts.example("slow: %.2000s", stored)
	}
}

// TestAnObjectThatDoesNotDecodeIsNoticed takes the strict pattern of times away, under another group, and so shows
// that the test above can fail.
func TestAnObjectThatDoesNotDecodeIsNoticed(t *testing.T) {
	for _, crd := range loadCRDs(t) {
		if crd.Spec.Names.Kind != "Review" {
			continue
		}
		object := typeOf(t, crd)
		lax := laxCopy(crd)
		options := envtest.CRDInstallOptions{CRDs: []*apiextensionsv1.CustomResourceDefinition{lax}}
		if _, err := envtest.InstallCRDs(env.Config, options); err != nil {
			t.Fatal(err)
		}
		kind := kindUnderTest{crd: lax, client: newRawClient(t, lax.Spec.Group), object: object, seed: *fuzzSeed}
		counts := kind.fuzz(t.Context(), 1000)
		report(t, "lax Review", counts)
		if counts.undecodable == 0 {
			t.Error("times without a strict pattern were all decoded: the generator misses what it is there for")
		}
	}
}

func laxCopy(crd *apiextensionsv1.CustomResourceDefinition) *apiextensionsv1.CustomResourceDefinition {
	lax := crd.DeepCopy()
	lax.Spec.Group = "lax.gemba.dev"
	lax.Name = lax.Spec.Names.Plural + "." + lax.Spec.Group
	spec := lax.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	heldAt := spec.Properties["heldAt"]
	heldAt.Pattern = ""
	spec.Properties["heldAt"] = heldAt
	return lax
}

func loadCRDs(t *testing.T) []*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files := envtest.CRDInstallOptions{Paths: []string{filepath.Join("..", "..", "config", "crd", "bases")}}
	if err := envtest.ReadCRDFiles(&files); err != nil {
		t.Fatal(err)
	}
	if len(files.CRDs) != 9 {
		t.Fatalf("found %d CRDs, want 9", len(files.CRDs))
	}
	// The files come in any order; the seed of a kind goes by its place.
	slices.SortFunc(files.CRDs, func(a, b *apiextensionsv1.CustomResourceDefinition) int {
		return strings.Compare(a.Name, b.Name)
	})
	return files.CRDs
}

func typeOf(t *testing.T, crd *apiextensionsv1.CustomResourceDefinition) func() runtime.Object {
	t.Helper()
	kind := governancev1alpha1.GroupVersion.WithKind(crd.Spec.Names.Kind)
	if _, err := env.Scheme.New(kind); err != nil {
		t.Fatal(err)
	}
	return func() runtime.Object {
		object, _ := env.Scheme.New(kind)
		return object
	}
}

func newRawClient(t *testing.T, group string) *rest.RESTClient {
	t.Helper()
	c, err := rawClient(schema.GroupVersion{Group: group, Version: governancev1alpha1.GroupVersion.Version})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func decodeJSON(text []byte) any {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		panic(fmt.Sprintf("schema holds %q: %v", text, err))
	}
	return value
}

func regexpMatches(t *testing.T, pattern, text string) bool {
	t.Helper()
	return regexp.MustCompile(pattern).MatchString(text)
}
