package e2e_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("The manager", func() {
	// How long it takes is printed and not asserted: the machine may be busy with other things.
	It("takes over after a graceful exit, and after a kill", func(ctx SpecContext) {
		forgetLease(ctx)
		first := start(ctx, "--metrics-bind-address=0")
		Eventually(leader).WithContext(ctx).ShouldNot(BeEmpty())
		second := start(ctx, "--metrics-bind-address=0")

		before := leader(ctx)
		asked := wall.Now()
		Expect(first.Stop()).To(Succeed())
		Eventually(leader).WithContext(ctx).ShouldNot(BeElementOf(before, ""))
		graceful := wall.Since(asked)

		start(ctx, "--metrics-bind-address=0")
		before = leader(ctx)
		killed := wall.Now()
		Expect(second.Kill()).To(Succeed())
		Eventually(leader).WithContext(ctx).ShouldNot(BeElementOf(before, ""))
		hard := wall.Since(killed)
		AddReportEntry("failover", fmt.Sprintf("%s after a graceful exit, %s after kill -9",
			graceful.Round(10*time.Millisecond), hard.Round(10*time.Millisecond)), ReportEntryVisibilityAlways)
	}, SpecTimeout(3*time.Minute))

	It("shows its metrics to those alone who may see them", func(ctx SpecContext) {
		receiver := newDesk()
		namespace := newNamespace(ctx, receiver)
		apply(ctx, overdue(namespace, "refunds"))
		address, err := managerprocess.FreeAddress(ctx)
		Expect(err).NotTo(HaveOccurred())
		start(ctx, "--leader-elect=false", "--metrics-bind-address="+address)
		Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(1))

		var metrics string
		statusFor := func(token string) func() int {
			return func() (status int) {
				status, metrics = getMetrics(ctx, address, token)
				return status
			}
		}
		Eventually(statusFor("")).WithContext(ctx).Should(Equal(http.StatusUnauthorized))
		Expect(kubectl.Run(ctx, "-n", namespace, "create", "serviceaccount", "prometheus")).To(Succeed())
		token, err := kubectl.Output(ctx, "-n", namespace, "create", "token", "prometheus")
		Expect(err).NotTo(HaveOccurred())
		Eventually(statusFor(token)).WithContext(ctx).Should(Equal(http.StatusForbidden))

		other := "scraper"
		Expect(kubectl.Run(ctx, "-n", namespace, "create", "serviceaccount", other)).To(Succeed())
		Expect(kubectl.Run(ctx, "create", "clusterrolebinding", namespace, "--clusterrole=gemba-metrics-reader",
			"--serviceaccount="+namespace+":"+other)).To(Succeed())
		token, err = kubectl.Output(ctx, "-n", namespace, "create", "token", other)
		Expect(err).NotTo(HaveOccurred())
		Eventually(statusFor(token)).WithContext(ctx).Should(Equal(http.StatusOK))
		DeferCleanup(func(ctx context.Context) error { return kubectl.Run(ctx, "delete", "clusterrolebinding", namespace) })
		for _, line := range []string{
			`gemba_findings{kind="Process",namespace="` + namespace + `",rule="NeverReviewed",severity="High",waived="false"} 1`,
			`gemba_review_stage{kind="Process",name="refunds",namespace="` + namespace + `",requirement="full",stage="Overdue"} 1`,
			`gemba_remediations_open{namespace="` + namespace + `",rule="NeverReviewed"} 1`,
			`gemba_delivery_attempts_total{operation="Create",outcome="Delivered",system="` + namespace + `/desk"} 1`,
		} {
			Expect(metrics).To(ContainSubstring(line))
		}
	}, SpecTimeout(3*time.Minute))

	It("lets remediations go without their tickets when it is uninstalled", func(ctx SpecContext) {
		receiver := newDesk()
		namespace := newNamespace(ctx, receiver)
		apply(ctx, overdue(namespace, "refunds"))
		manager := start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(1))
		Expect(manager.Stop()).To(Succeed())
		remediation := &remediationsOf(ctx, namespace)[0]
		Expect(remediation.Finalizers).To(ContainElement(governancev1alpha1.FinalizerRemediation))

		output, err := exec.CommandContext(ctx, program, "remove-finalizers", "--kubeconfig="+kubectl.Kubeconfig).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		Expect(string(output)).To(ContainSubstring("removed the finalizer from 1 remediations"))
		Expect(env.Client.Delete(ctx, remediation)).To(Succeed())
		err = env.Client.Get(ctx, client.ObjectKeyFromObject(remediation), remediation)
		Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the remediation is still there")
		Expect(receiver.Messages()).To(HaveLen(1))
	}, SpecTimeout(3*time.Minute))

	It("sees only the namespaces that it is told to watch", func(ctx SpecContext) {
		receiver := newDesk()
		watched, other := newNamespace(ctx, receiver), newNamespace(ctx, receiver)
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0", "--watch-namespaces="+watched)
		// A process that names one elsewhere is judged all the same, and told that it may not use it.
		naming := overdue(watched, "refunds")
		naming.Spec.Steps[0].ProcessRef = &governancev1alpha1.ObjectReference{
			Namespace: governancev1alpha1.ObjectName(other), Name: "refunds",
		}
		apply(ctx, overdue(other, "refunds"), naming)
		Eventually(delivered).WithContext(ctx).WithArguments(watched).Should(Equal(1))
		ready := reasonOf(naming, governancev1alpha1.ConditionReady, func() []metav1.Condition { return naming.Status.Conditions })
		Eventually(ready).WithContext(ctx).Should(Equal("False/ReferenceNotPermitted"))
		var process governancev1alpha1.Process
		Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: other, Name: "refunds"}, &process)).To(Succeed())
		Expect(process.Status.ObservedSince).To(BeNil())
		Expect(remediationsOf(ctx, other)).To(BeEmpty())
	}, SpecTimeout(3*time.Minute))

	It("uses a ticket system in a namespace that it is not told to watch", func(ctx SpecContext) {
		receiver := newDesk()
		watched, platform := newNamespace(ctx, newDesk()), newNamespace(ctx, newDesk())
		policy := builders.MakePolicy(watched+"-platform").Selects("kubernetes.io/metadata.name", watched).Priority(1).
			Route("platform", platform, "shared").Obj()
		apply(ctx, policy, overdue(watched, "refunds"),
			builders.MakeTicketSystem("shared").InNamespace(platform).URL(receiver.URL()).Deduplicates().AllowAll().Obj())
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0", "--watch-namespaces="+watched)
		Eventually(delivered).WithContext(ctx).WithArguments(watched).Should(Equal(1))
		expectOneTicketEach(receiver, 1)
		Eventually(func(ctx context.Context) bool {
			Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(policy), policy)).To(Succeed())
			return meta.IsStatusConditionTrue(policy.Status.Conditions, governancev1alpha1.ConditionReady)
		}).WithContext(ctx).Should(BeTrue())
	}, SpecTimeout(3*time.Minute))

	DescribeTable("says in a sentence why it does not start", func(ctx SpecContext, sentence string, arguments ...string) {
		output, err := exec.CommandContext(ctx, program, arguments...).CombinedOutput()
		Expect(err).To(HaveOccurred())
		Expect(string(output)).To(ContainSubstring(sentence))
	},
		Entry("without a cluster id", "--cluster-id is missing: give this cluster a name"),
		Entry("with a cluster id that is no name", "use lower-case letters, digits and hyphens", "--cluster-id=Prod EU"),
		Entry("with a command that there is not", `"serve" is no command`, "serve"),
		Entry("with a public range to open", "only loopback and private ranges can be allowed",
			"--cluster-id=e2e", "--egress-allow-cidr=0.0.0.0/0"),
		Entry("with a metadata address to open", "169.254", "--cluster-id=e2e", "--egress-allow-cidr=169.254.0.0/16"),
	)

	It("shows every kind in lines that fit a terminal of 120 columns", func(ctx SpecContext) {
		receiver := newDesk()
		namespace := newNamespace(ctx, receiver)
		apply(ctx, builders.MakeProcess("refunds").InNamespace(namespace).Step("check", "somebody has to look").
			InEffectSince("2019-01-01").Obj())
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(1))
		for _, kind := range []string{"processes", "reviewcadences", "reviews", "remediations", "ticketsystems"} {
			printed, err := kubectl.Output(ctx, "-n", namespace, "get", kind)
			Expect(err).NotTo(HaveOccurred())
			for line := range strings.Lines(printed) {
				Expect(len(strings.TrimRight(line, " \n"))).To(BeNumerically("<=", 120), line)
			}
		}
	}, SpecTimeout(3*time.Minute))
})

const leaseName = "gemba.governance.gemba.dev"

// leader gives who holds the lease; nobody where there is none.
func leader(ctx context.Context) string {
	GinkgoHelper()
	var lease coordinationv1.Lease
	err := env.Client.Get(ctx, client.ObjectKey{Namespace: managerprocess.Namespace, Name: leaseName}, &lease)
	if apierrors.IsNotFound(err) || (err == nil && lease.Spec.HolderIdentity == nil) {
		return ""
	}
	Expect(err).NotTo(HaveOccurred())
	return *lease.Spec.HolderIdentity
}

// forgetLease drops what an earlier spec left.
func forgetLease(ctx context.Context) {
	GinkgoHelper()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: managerprocess.Namespace, Name: leaseName}}
	Expect(client.IgnoreNotFound(env.Client.Delete(ctx, lease))).To(Succeed())
}

// getMetrics asks for the metrics with a token, which may be empty. The certificate is self-signed. While nobody listens
// the status is 0: the server of the metrics is no part of readiness.
func getMetrics(ctx context.Context, address, token string) (status int, body string) {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+"/metrics", http.NoBody)
	Expect(err).NotTo(HaveOccurred())
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return 0, ""
	}
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return response.StatusCode, string(text)
}
