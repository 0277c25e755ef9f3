package e2e_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("A KPI that objects of the cluster hold", func() {
	It("is read as a ServiceAccount that may, and as no other", func(ctx SpecContext) {
		namespace := newNamespace(ctx, newDesk())
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		apply(ctx,
			&corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "numbers", Labels: map[string]string{"numbers": "yes"}},
				Data:       map[string]string{"share": "95"},
			},
			&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "numbers"}, StringData: map[string]string{"share": "95"}},
			reader(namespace, "may-and-opted-in", true), reader(namespace, "may-not", true), reader(namespace, "did-not-opt-in", false),
			&rbacv1.Role{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "numbers"},
				Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps", "secrets"}, Verbs: []string{"get", "list"}}},
			},
			mayRead(namespace, "may-and-opted-in"), mayRead(namespace, "did-not-opt-in"),
			quick(namespace, "right").ConfigMap("numbers", "may-and-opted-in", "double(object.data.share)").Obj(),
			quick(namespace, "forbidden").ConfigMap("numbers", "may-not", "double(object.data.share)").Obj(),
			quick(namespace, "unwilling").ConfigMap("numbers", "did-not-opt-in", "double(object.data.share)").Obj(),
			quick(namespace, "nobody").ConfigMap("numbers", "does-not-exist", "double(object.data.share)").Obj(),
			quick(namespace, "missing").ConfigMap("gone", "may-and-opted-in", "double(object.data.share)").Obj(),
			quick(namespace, "text").ConfigMap("numbers", "may-and-opted-in", "object.data.share").Obj(),
			quick(namespace, "counted").Source(governancev1alpha1.KPISource{Kubernetes: &governancev1alpha1.KubernetesQuery{
				APIVersion: "v1", Kind: "ConfigMap", Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"numbers": "yes"}},
				ServiceAccountName: "may-and-opted-in", Value: "objects.size() * 100",
			}}).Obj(),
		)
		Eventually(stateOf(namespace, "right")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIMet))
		Eventually(stateOf(namespace, "counted")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIMet))
		for name, want := range map[string]governancev1alpha1.SampleResult{
			"forbidden": governancev1alpha1.SampleForbidden, "unwilling": governancev1alpha1.SampleForbidden,
			"nobody": governancev1alpha1.SampleForbidden, "missing": governancev1alpha1.SampleEmpty,
			"text": governancev1alpha1.SampleNotANumber,
		} {
			Eventually(attemptOf(namespace, name)).WithContext(ctx).Should(Equal(want), name)
			status := kpiStatus(ctx, namespace, name)
			Expect(status.Value).To(BeNil(), name)
			Expect(status.Attempt.Message).NotTo(BeEmpty(), name)
			AddReportEntry(name, status.Attempt.Message)
		}
		secret := quick(namespace, "secret").ConfigMap("numbers", "may-and-opted-in", "1.0").Obj()
		secret.Spec.Source.Kubernetes.Kind = "Secret"
		Expect(env.Client.Create(ctx, secret)).To(MatchError(ContainSubstring("Secrets are never read for a KPI")))
	})
})

func reader(namespace, name string, optedIn bool) *corev1.ServiceAccount {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if optedIn {
		account.Annotations = map[string]string{governancev1alpha1.AnnotationKPIReader: "true"}
	}
	return account
}

func mayRead(namespace, account string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "numbers"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account}},
	}
}

var _ = Describe("A journey", func() {
	It("is a watermelon while its parts are green and what its customers get is red", func(ctx SpecContext) {
		receiver := newDesk()
		namespace := newNamespace(ctx, receiver)
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		journey := builders.MakeProcess("house-move").InNamespace(namespace).Type(governancev1alpha1.ProcessTypeJourney).
			InEffectSince(today()).Obj()
		measured := func(name, process, value string) *builders.KPIBuilder {
			return builders.MakeKPI(name).InNamespace(namespace).InEffectSince(today()).Process(process).
				Measured(today(), value).Tune(takenNow)
		}
		objects := []client.Object{
			measured("movers-retained", "house-move", "60").AtLeast("85").Outcome(governancev1alpha1.PerspectiveCustomer).Obj(),
		}
		for _, part := range []string{"close-old-address", "meter-handover", "open-new-address", "first-correct-bill"} {
			journey.Spec.Steps = append(journey.Spec.Steps, governancev1alpha1.Step{
				Name: governancev1alpha1.Key(part), Why: "it is needed",
				ProcessRef: &governancev1alpha1.ObjectReference{Name: governancev1alpha1.ObjectName(part)},
			})
			objects = append(objects,
				builders.MakeProcess(part).InNamespace(namespace).Step("do", "it is needed").InEffectSince(today()).Obj(),
				measured(part+"-right", part, "97").Obj())
		}
		apply(ctx, append(objects, journey)...)
		numbers := reasonOf(journey, governancev1alpha1.ConditionKPIsMet, func() []metav1.Condition { return journey.Status.Conditions })
		Eventually(numbers).WithContext(ctx).Should(Equal("False/Watermelon"))
		Expect(meta.FindStatusCondition(journey.Status.Conditions, governancev1alpha1.ConditionKPIsMet).Message).
			To(ContainSubstring("movers-retained"))
		Expect(conditionOf(journey.Status.Conditions, governancev1alpha1.ConditionCompliant)).To(Equal("False/Watermelon"))
		Expect(journey.Status.KPIs.Total).To(BeEquivalentTo(5))
		Expect(journey.Status.Score).To(HaveValue(BeEquivalentTo(0)))
		// One ticket for the watermelon, one for the outcome: the finding of a KPI is not the process's too.
		Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(2))
		expectOneTicketEach(receiver, 2)

		By("taking the outcome away")
		Expect(env.Client.Delete(ctx, objects[0])).To(Succeed())
		Eventually(func(ctx context.Context) []governancev1alpha1.Rule {
			Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(journey), journey)).To(Succeed())
			rules := []governancev1alpha1.Rule{}
			for _, finding := range journey.Status.Findings {
				rules = append(rules, finding.Rule)
			}
			return rules
		}).WithContext(ctx).Should(ConsistOf(governancev1alpha1.RuleNoOutcome))
		Eventually(numbers).WithContext(ctx).Should(Equal("True/Met"))
	})
})

var _ = Describe("A journey over namespaces", func() {
	It("answers for what a sub-process admits it to, and for that no more once it does not", func(ctx SpecContext) {
		top, middle, bottom := newNamespace(ctx, newDesk()), newNamespace(ctx, newDesk()), newNamespace(ctx, newDesk())
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		relabel := func(team string) {
			Expect(kubectl.Run(ctx, "label", "--overwrite", "namespace", middle, "team="+team)).To(Succeed())
		}
		relabel("movers")
		leads := func(namespace, name, toNamespace, to string) *governancev1alpha1.Process {
			process := builders.MakeProcess(name).InNamespace(namespace).InEffectSince(today()).Step("part", "it is needed").Obj()
			process.Spec.Steps[0].ProcessRef = &governancev1alpha1.ObjectReference{
				Namespace: governancev1alpha1.ObjectName(toNamespace), Name: governancev1alpha1.ObjectName(to),
			}
			process.Spec.AllowedNamespaces = &governancev1alpha1.AllowedNamespaces{From: governancev1alpha1.NamespacesAll}
			return process
		}
		journey := leads(top, "journey", middle, "middle")
		leaf := builders.MakeProcess("leaf").InNamespace(bottom).InEffectSince(today()).Obj()
		leaf.Spec.AllowedNamespaces = &governancev1alpha1.AllowedNamespaces{
			From:     governancev1alpha1.NamespacesSelector,
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "movers"}},
		}
		apply(ctx, leaf, leads(middle, "middle", bottom, "leaf"), journey,
			builders.MakeKPI("a-name-of-theirs").InNamespace(bottom).InEffectSince(today()).Process("leaf").
				Measured(today(), "10").Tune(takenNow).Obj())
		numbers := reasonOf(journey, governancev1alpha1.ConditionKPIsMet, func() []metav1.Condition { return journey.Status.Conditions })
		Eventually(numbers).WithContext(ctx).Should(Equal("False/Breached"))
		Expect(meta.FindStatusCondition(journey.Status.Conditions, governancev1alpha1.ConditionKPIsMet).Message).
			NotTo(ContainSubstring("a-name-of-theirs"))
		relabel("strangers")
		Eventually(numbers).WithContext(ctx).Should(Equal("Unknown/NoKPIs"))
		relabel("movers")
		Eventually(numbers).WithContext(ctx).Should(Equal("False/Breached"))
	}, SpecTimeout(4*time.Minute))
})

// takenNow moves the measurement of today to now: its end lies ahead.
func takenNow(spec *governancev1alpha1.KPISpec) {
	spec.Source.Manual.Measurements[0].TakenAt = metav1.NewTime(wall.Now())
}
