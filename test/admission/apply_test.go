package admission

import (
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

const mergePatch = types.MergePatchType

// manifest is an object as it stands in git: no status, nothing that the API server fills in.
func manifest(object client.Object) *unstructured.Unstructured {
	GinkgoHelper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	Expect(err).NotTo(HaveOccurred())
	delete(content, "status")
	unstructured.RemoveNestedField(content, "metadata", "creationTimestamp")
	return &unstructured.Unstructured{Object: content}
}

func apply(ctx context.Context, as client.Client, object client.Object) error {
	GinkgoHelper()
	return as.Apply(ctx, client.ApplyConfigurationFromUnstructured(manifest(object)), client.FieldOwner("gitops"))
}

func writeManifest(object client.Object) string {
	GinkgoHelper()
	text, err := yaml.Marshal(manifest(object).Object)
	Expect(err).NotTo(HaveOccurred())
	path := filepath.Join(GinkgoT().TempDir(), "object.yaml")
	Expect(os.WriteFile(path, text, 0o600)).To(Succeed())
	return path
}

// recorded is an object that carries a stamp, seen through the kind that it is.
type recorded struct {
	object client.Object
	stamp  func(client.Object) string
	forge  func(client.Object)
}

func recordedReview() recorded {
	return recorded{
		object: builders.MakeReview("refunds-2024").InNamespace(namespace).By(vera).Obj(),
		stamp:  func(o client.Object) string { return string(o.(*governancev1alpha1.Review).Spec.RecordedBy) },
		forge:  func(o client.Object) { o.(*governancev1alpha1.Review).Spec.RecordedBy = "otto" },
	}
}

func recordedWaiver() recorded {
	return recorded{
		object: builders.MakeWaiver("moving-house").InNamespace(namespace).ApprovedBy(vera).Obj(),
		stamp:  func(o client.Object) string { return string(o.(*governancev1alpha1.Waiver).Spec.RecordedBy) },
		forge:  func(o client.Object) { o.(*governancev1alpha1.Waiver).Spec.RecordedBy = "otto" },
	}
}

var _ = Describe("The stamp recordedBy", func() {
	for kind, make := range map[string]func() recorded{"Review": recordedReview, "Waiver": recordedWaiver} {
		Context("of a "+kind, func() {
			var it recorded

			BeforeEach(func() { it = make() })

			read := func(ctx context.Context) client.Object {
				GinkgoHelper()
				object := it.object.DeepCopyObject().(client.Object)
				Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
				return object
			}

			It("is the requesting user, also where another was given", func(ctx context.Context) {
				it.forge(it.object)
				Expect(clients[vera].Create(ctx, it.object)).To(Succeed())
				Expect(it.stamp(read(ctx))).To(Equal(vera))
			})

			It("is who recorded, not in whose name", func(ctx context.Context) {
				Expect(clients[flux].Create(ctx, it.object)).To(Succeed())
				Expect(it.stamp(read(ctx))).To(Equal(flux))
			})

			It("stays when an update gives another or none", func(ctx context.Context) {
				Expect(clients[vera].Create(ctx, it.object)).To(Succeed())
				object := read(ctx)
				it.forge(object)
				object.SetLabels(map[string]string{"year": "2024"})
				Expect(env.Client.Update(ctx, object)).To(Succeed())
				Expect(it.stamp(read(ctx))).To(Equal(vera))

				none := manifest(read(ctx))
				none.SetGroupVersionKind(governancev1alpha1.GroupVersion.WithKind(kind))
				unstructured.RemoveNestedField(none.Object, "spec", "recordedBy")
				Expect(env.Client.Update(ctx, none)).To(Succeed())
				Expect(it.stamp(read(ctx))).To(Equal(vera))
			})

			It("lets kubectl replace write an unchanged file", func(ctx context.Context) {
				file := writeManifest(it.object)
				Expect(kubectl(ctx, flux, "create", "-f", file)).To(ContainSubstring("created"))
				Expect(kubectl(ctx, flux, "replace", "-f", file)).To(ContainSubstring("replaced"))
				Expect(it.stamp(read(ctx))).To(Equal(flux))
			})

			It("shows no drift under server-side apply, and belongs to no field manager", func(ctx context.Context) {
				Expect(apply(ctx, clients[flux], it.object)).To(Succeed())
				first := read(ctx)
				Expect(it.stamp(first)).To(Equal(flux))

				// The second apply stores the default of status, as for any kind that has one; the third has nothing to do.
				Expect(apply(ctx, clients[flux], it.object)).To(Succeed())
				second := read(ctx)
				Expect(manifest(second).Object["spec"]).To(Equal(manifest(first).Object["spec"]))
				Expect(second.GetGeneration()).To(Equal(first.GetGeneration()))
				Expect(apply(ctx, clients[flux], it.object)).To(Succeed())
				Expect(read(ctx).GetResourceVersion()).To(Equal(second.GetResourceVersion()))
				for _, entry := range second.GetManagedFields() {
					Expect(owned(entry)).NotTo(ContainSubstring("recordedBy"), "field manager %s", entry.Manager)
				}
			})

			It("shows no drift under client-side apply", func(ctx context.Context) {
				file := writeManifest(it.object)
				Expect(kubectl(ctx, flux, "apply", "-f", file)).To(ContainSubstring("created"))
				Expect(kubectl(ctx, flux, "apply", "-f", file)).To(ContainSubstring("unchanged"))
				Expect(kubectl(ctx, flux, "diff", "-f", file)).To(BeEmpty())
			})
		})
	}
})

func owned(entry metav1.ManagedFieldsEntry) string {
	if entry.FieldsV1 == nil {
		return ""
	}
	return entry.FieldsV1.String()
}
