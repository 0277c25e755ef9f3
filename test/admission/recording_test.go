package admission

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("Recording a review", func() {
	review := func() *builders.ReviewBuilder {
		return builders.MakeReview("refunds-2024").InNamespace(namespace)
	}

	It("is open to the reviewer", func(ctx context.Context) {
		Expect(clients[vera].Create(ctx, review().By(vera).Obj())).To(Succeed())
	})

	It("is refused in another's name, with a sentence that says what to do", func(ctx context.Context) {
		err := clients[vera].Create(ctx, review().By("otto").Obj())
		Expect(err).To(MatchError(ContainSubstring(
			"spec.reviewer is otto, but you are vera: record the review as yourself, " +
				"or ask for the verb recordfor on reviews in namespace " + namespace)))
	})

	It("is open in another's name to who has the verb recordfor", func(ctx context.Context) {
		Expect(clients[flux].Create(ctx, review().By("otto").ActingFor("finance").Obj())).To(Succeed())
	})

	It("is refused in another's name where recordfor was granted for another namespace", func(ctx context.Context) {
		elsewhere := namespace
		var err error
		namespace, err = env.NewNamespace(ctx, "admission", nil)
		Expect(err).NotTo(HaveOccurred())
		bind(ctx, flux, "gemba-reviewer")
		Expect(clients[flux].Create(ctx, review().By("otto").Obj())).
			To(MatchError(ContainSubstring("spec.reviewer is otto, but you are flux")))
		Expect(clients[flux].Create(ctx, review().InNamespace(elsewhere).By("otto").Obj())).To(Succeed())
	})

	It("takes a group of the reviewer in actingFor and refuses one that is not", func(ctx context.Context) {
		Expect(clients[vera].Create(ctx, review().By(vera).ActingFor("finance").Obj())).
			To(MatchError(ContainSubstring("you are not in the group finance: name one of your own groups")))
		Expect(clients[vera].Create(ctx, review().By(vera).ActingFor("auditors").Obj())).To(Succeed())
	})

	It("is refused before the review was held, but forgives clocks that differ by minutes", func(ctx context.Context) {
		now := serverNow(ctx)
		Expect(clients[vera].Create(ctx, review().By(vera).HeldAt(now.Add(10*time.Minute)).Obj())).
			To(MatchError(ContainSubstring("spec.heldAt lies in the future: record a review after it was held")))
		Expect(clients[vera].Create(ctx, review().By(vera).HeldAt(now.Add(4*time.Minute)).Obj())).To(Succeed())
	})

	It("is refused before the review was held also under server-side apply", func(ctx context.Context) {
		future := serverNow(ctx).Add(time.Hour)
		Expect(apply(ctx, clients[vera], review().By(vera).HeldAt(future).Obj())).
			To(MatchError(ContainSubstring("spec.heldAt lies in the future")))
	})

	It("is refused with a withdrawal by somebody else", func(ctx context.Context) {
		withdrawn := review().By(vera).Withdrawn("otto", "wrong process", "2024-07-01").Obj()
		Expect(clients[vera].Create(ctx, withdrawn)).
			To(MatchError(ContainSubstring("spec.withdrawn.by is otto, but you are vera")))
	})

	It("is open with a withdrawal to who has the verb recordfor, as when a cluster is rebuilt", func(ctx context.Context) {
		withdrawn := review().By("otto").Withdrawn("otto", "wrong process", "2024-07-01").Obj()
		Expect(clients[flux].Create(ctx, withdrawn)).To(Succeed())
	})
})

var _ = Describe("A recorded review", func() {
	BeforeEach(func(ctx context.Context) {
		review := builders.MakeReview("refunds-2024").InNamespace(namespace).By(vera).
			Keeps("check").Removes("archive", "nobody reads it").Obj()
		Expect(clients[vera].Create(ctx, review)).To(Succeed())
	})

	edit := func(ctx context.Context, as, patch string) error {
		review := builders.MakeReview("refunds-2024").InNamespace(namespace).Obj()
		return clients[as].Patch(ctx, review, client.RawPatch(mergePatch, []byte(patch)))
	}
	const withdrawal = `{"spec":{"withdrawn":{"by":"vera","why":"wrong process","at":"2024-07-02T00:00:00Z"}}}`

	DescribeTable("cannot be edited by anybody",
		func(ctx context.Context, patch string) {
			for _, user := range []string{vera, flux} {
				Expect(edit(ctx, user, patch)).To(MatchError(ContainSubstring(
					"a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another")))
			}
		},
		Entry("in its subject", `{"spec":{"subjectRef":{"name":"tariff-change"}}}`),
		Entry("in its requirement", `{"spec":{"requirement":"board"}}`),
		Entry("in its reviewer", `{"spec":{"reviewer":"otto"}}`),
		Entry("in its date", `{"spec":{"heldAt":"2024-06-29T00:00:00Z"}}`),
		Entry("in its outcome", `{"spec":{"outcome":"Approved"}}`),
		Entry("by taking the outcome away", `{"spec":{"outcome":null}}`),
		Entry("in its verdicts", `{"spec":{"verdicts":[{"step":"check","verdict":"Keep"},{"step":"archive","verdict":"Change"}]}}`),
		Entry("by adding an action", `{"spec":{"actions":[{"name":"a","what":"b"}]}}`),
		Entry("by listing an action as done", `{"spec":{"actionsDone":[{"review":"r","action":"a"}]}}`),
		Entry("by adding an answer", `{"spec":{"answers":[{"answer":"yes"}]}}`),
		Entry("by adding evidence", `{"spec":{"evidence":[{"title":"minutes"}]}}`),
		Entry("by naming a group", `{"spec":{"actingFor":"auditors"}}`),
		Entry("by naming a department", `{"spec":{"department":"audit"}}`),
		Entry("by naming a method", `{"spec":{"method":"Data"}}`),
		Entry("by counting contacts", `{"spec":{"count":5}}`),
		Entry("by binding it to a text",
			`{"spec":{"subjectDigest":"v1:sha256:0000000000000000000000000000000000000000000000000000000000000000"}}`),
	)

	It("is withdrawn once, and stays withdrawn", func(ctx context.Context) {
		Expect(edit(ctx, vera, withdrawal)).To(Succeed())
		Expect(edit(ctx, vera, `{"spec":{"withdrawn":{"why":"on second thoughts"}}}`)).
			To(MatchError(ContainSubstring("a withdrawal cannot be changed or taken back: record another review")))
		Expect(edit(ctx, flux, `{"spec":{"withdrawn":null}}`)).
			To(MatchError(ContainSubstring("a withdrawal cannot be changed or taken back: record another review")))
	})

	It("can still be labelled after it was withdrawn", func(ctx context.Context) {
		Expect(edit(ctx, vera, withdrawal)).To(Succeed())
		Expect(edit(ctx, vera, `{"metadata":{"labels":{"year":"2024"}}}`)).To(Succeed())
	})

	It("is not withdrawn in another's name, save with the verb recordfor", func(ctx context.Context) {
		byOtto := `{"spec":{"withdrawn":{"by":"otto","why":"wrong process","at":"2024-07-02T00:00:00Z"}}}`
		Expect(edit(ctx, vera, byOtto)).To(MatchError(ContainSubstring(
			"spec.withdrawn.by is otto, but you are vera: withdraw the review as yourself")))
		Expect(edit(ctx, flux, byOtto)).To(Succeed())
	})
})
