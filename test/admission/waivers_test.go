package admission

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("Approving a waiver", func() {
	waiver := func() *builders.WaiverBuilder {
		return builders.MakeWaiver("moving-house").InNamespace(namespace).ApprovedBy(vera)
	}

	It("is open to the approver, who may take it back", func(ctx context.Context) {
		Expect(clients[vera].Create(ctx, waiver().Obj())).To(Succeed())
		Expect(clients[vera].Delete(ctx, waiver().Obj())).To(Succeed())
	})

	It("is refused in another's name, with a sentence that says what to do", func(ctx context.Context) {
		Expect(clients[vera].Create(ctx, waiver().ApprovedBy("otto").Obj())).To(MatchError(ContainSubstring(
			"spec.approvedBy is otto, but you are vera: approve the waiver as yourself, " +
				"or ask for the verb recordfor on waivers in namespace " + namespace)))
	})

	It("is open in another's name to who has the verb recordfor", func(ctx context.Context) {
		Expect(clients[flux].Create(ctx, waiver().ApprovedBy("otto").ActingFor("board").Obj())).To(Succeed())
	})

	It("takes a group of the approver in actingFor and refuses one that is not", func(ctx context.Context) {
		Expect(clients[vera].Create(ctx, waiver().ActingFor("board").Obj())).
			To(MatchError(ContainSubstring("you are not in the group board: name one of your own groups")))
		Expect(clients[vera].Create(ctx, waiver().ActingFor("auditors").Obj())).To(Succeed())
	})

	It("is refused before it was approved, but forgives clocks that differ by minutes", func(ctx context.Context) {
		now := serverNow(ctx)
		skip := waiver().Skips("full", "2024-06-30")
		Expect(clients[vera].Create(ctx, skip.ApprovedAt(now.Add(10*time.Minute)).Obj())).
			To(MatchError(ContainSubstring("spec.approvedAt lies in the future: record a waiver after it was approved")))
		Expect(clients[vera].Create(ctx, skip.ApprovedAt(now.Add(4*time.Minute)).Obj())).To(Succeed())
	})

	It("is capped at 366 days, whoever asks", func(ctx context.Context) {
		long := waiver().ApprovedOn("2024-07-01").Until("2025-07-02T00:00:01Z").Obj()
		for _, as := range []client.Client{clients[vera], clients[flux], env.Client} {
			Expect(as.Create(ctx, long.DeepCopy())).To(MatchError(ContainSubstring(
				"the waiver is too long: spec.until may lie at most 366 days after spec.approvedAt")))
		}
		Expect(clients[vera].Create(ctx, waiver().ApprovedOn("2024-07-01").Until("2025-07-02").Obj())).To(Succeed())
	})

	It("is final: nobody edits a waiver, not even an administrator", func(ctx context.Context) {
		Expect(clients[vera].Create(ctx, waiver().Obj())).To(Succeed())
		longer := client.RawPatch(mergePatch, []byte(`{"spec":{"until":"2024-12-01T00:00:00Z"}}`))
		Expect(env.Client.Patch(ctx, waiver().Obj(), longer)).To(MatchError(ContainSubstring(
			"a waiver cannot be edited: delete it, or create another with spec.extends")))
	})
})
