package admission

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("Removing a review", func() {
	const refusal = "a recorded review is kept: withdraw it by setting spec.withdrawn, or ask for the verb purge on reviews"
	var review *governancev1alpha1.Review

	BeforeEach(func(ctx context.Context) {
		review = builders.MakeReview("refunds-2024").InNamespace(namespace).By(vera).Obj()
		Expect(clients[vera].Create(ctx, review)).To(Succeed())
	})

	It("is refused to who may delete but not purge, one by one and all at once", func(ctx context.Context) {
		Expect(clients[cleaner].Delete(ctx, review)).To(MatchError(ContainSubstring(refusal)))
		Expect(clients[cleaner].DeleteAllOf(ctx, &governancev1alpha1.Review{}, client.InNamespace(namespace))).
			To(MatchError(ContainSubstring(refusal)))
	})

	It("is open to who has the verb purge", func(ctx context.Context) {
		Expect(clients[janitor].Delete(ctx, review)).To(Succeed())
		err := env.Client.Get(ctx, client.ObjectKeyFromObject(review), review)
		Expect(apierrors.IsNotFound(err)).To(BeTrue(), "got %v", err)
	})

	DescribeTable("is refused to the controllers of Kubernetes while the namespace stays",
		func(ctx context.Context, controller string) {
			config := rest.CopyConfig(env.Config)
			config.Impersonate.UserName = "system:serviceaccount:kube-system:" + controller
			as, err := client.New(config, client.Options{Scheme: env.Scheme})
			Expect(err).NotTo(HaveOccurred())
			Expect(as.Delete(ctx, review)).To(MatchError(ContainSubstring(refusal)))
		},
		Entry("the garbage collector, so that an owner reference removes no evidence", "generic-garbage-collector"),
		Entry("the namespace controller", "namespace-controller"),
	)

	It("happens by itself while its namespace goes", func(ctx context.Context) {
		gone := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
		Expect(env.Client.Delete(ctx, gone)).To(Succeed())
		Eventually(func(g Gomega) {
			err := env.Client.Get(ctx, client.ObjectKeyFromObject(gone), gone)
			g.Expect(apierrors.IsNotFound(err)).To(BeTrue(), "namespace: %+v, %v", gone.Status, err)
		}).WithTimeout(90 * time.Second).WithPolling(200 * time.Millisecond).Should(Succeed())
	})
})
