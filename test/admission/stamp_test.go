package admission

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// mutating makes an empty object of the API group of admission policies.
func mutating(kind, name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion("admissionregistration.k8s.io/v1")
	object.SetKind(kind)
	object.SetName(name)
	return object
}

// stamps tells whether the API server fills in who records, for every kind that has the field.
func stamps(ctx context.Context) []bool {
	GinkgoHelper()
	var filled []bool
	for _, it := range []recorded{recordedReview(), recordedWaiver()} {
		it.object.SetName("probe")
		Expect(clients[vera].Create(ctx, it.object, client.DryRunAll)).To(Succeed())
		filled = append(filled, it.stamp(it.object) != "")
	}
	return filled
}

var _ = Describe("The stamp recordedBy of a cluster without MutatingAdmissionPolicy", Serial, Ordered, func() {
	BeforeAll(func(ctx context.Context) {
		binding := mutating("MutatingAdmissionPolicyBinding", "gemba-recorded-by")
		Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(binding), binding)).To(Succeed())
		Expect(env.Client.Delete(ctx, binding)).To(Succeed())
		DeferCleanup(func(ctx context.Context) {
			again := mutating(binding.GetKind(), binding.GetName())
			again.Object["spec"] = binding.Object["spec"]
			Expect(env.Client.Create(ctx, again)).To(Succeed())
			Eventually(stamps).WithContext(ctx).WithTimeout(time.Minute).Should(HaveEach(BeTrue()))
		})
		Eventually(stamps).WithContext(ctx).WithTimeout(time.Minute).Should(HaveEach(BeFalse()))
	})

	for kind, make := range map[string]func() recorded{"Review": recordedReview, "Waiver": recordedWaiver} {
		It("of a "+kind+" names nobody but who records, not even with the verb recordfor", func(ctx context.Context) {
			forged := make()
			forged.forge(forged.object)
			for _, user := range []string{vera, flux} {
				Expect(clients[user].Create(ctx, forged.object.DeepCopyObject().(client.Object))).To(MatchError(ContainSubstring(
					"leave spec.recordedBy out: the API server fills it in")))
			}
		})

		It("of a "+kind+" may be left out", func(ctx context.Context) {
			Expect(clients[flux].Create(ctx, make().object)).To(Succeed())
		})
	}
})
