package governance_test

import (
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// digested is a process that uses every field.
func digested() *v1alpha1.ProcessSpec {
	return &v1alpha1.ProcessSpec{
		Type: v1alpha1.ProcessTypeProcess, Tier: v1alpha1.TierKey, Lifecycle: v1alpha1.LifecycleActive,
		Owner: v1alpha1.Party{User: "otto", Role: "head of service"},
		Why:   "customers rely on it", What: "Pays back.",
		Customers: []v1alpha1.Customer{
			{Name: "households", Relation: v1alpha1.CustomerExternal}, {Name: "billing", Relation: v1alpha1.CustomerInternal},
		},
		Steps: []v1alpha1.Step{
			{Name: "receive", Why: "a claim must be known", What: "Take it.", Department: "service", Role: "clerk", System: "crm"},
			{Name: "check", Why: "fraud", ProcessRef: &v1alpha1.ObjectReference{Name: "audit", Namespace: "risk"}},
		},
		InEffectSince: "2024-01-01",
	}
}

// A digest that changes un-counts nothing, but every review that names the old one no longer fits: the rule is pinned.
func TestDigestIsPinned(t *testing.T) {
	t.Parallel()
	const want = "v1:sha256:3bcf734b83e2ee4f776a77da4aa8ee07d2d6c2fe524fec871531a8d88644a408"
	if got := governance.ProcessDigest(digested()); got != want {
		t.Errorf("digest is %s", got)
	}
	const wantStep = "v1:sha256:af6f9b8001a2c7820dcc03130a50fa18d2ff744c7cc595517f884a4ec8b6af06"
	if got := governance.StepDigest(&digested().Steps[0]); got != wantStep {
		t.Errorf("digest of the step is %s", got)
	}
}

func TestDigestOfAProcess(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		edit func(*v1alpha1.ProcessSpec)
		same bool
	}{
		"the reason is material":           {func(s *v1alpha1.ProcessSpec) { s.Why = "habit" }, false},
		"what it does is material":         {func(s *v1alpha1.ProcessSpec) { s.What = "" }, false},
		"a customer is material":           {func(s *v1alpha1.ProcessSpec) { s.Customers = s.Customers[1:] }, false},
		"the relation of one is material":  {func(s *v1alpha1.ProcessSpec) { s.Customers[0].Relation = "Internal" }, false},
		"a step is material":               {func(s *v1alpha1.ProcessSpec) { s.Steps = s.Steps[1:] }, false},
		"the name of a step is material":   {func(s *v1alpha1.ProcessSpec) { s.Steps[0].Name = "take" }, false},
		"the reason of a step is material": {func(s *v1alpha1.ProcessSpec) { s.Steps[0].Why = "habit" }, false},
		"the role of a step is material":   {func(s *v1alpha1.ProcessSpec) { s.Steps[0].Role = "head" }, false},
		"its department is material":       {func(s *v1alpha1.ProcessSpec) { s.Steps[0].Department = "billing" }, false},
		"its system is material":           {func(s *v1alpha1.ProcessSpec) { s.Steps[0].System = "sap" }, false},
		"the process it stands for is too": {func(s *v1alpha1.ProcessSpec) { s.Steps[1].ProcessRef.Name = "trust" }, false},
		"and the namespace of that":        {func(s *v1alpha1.ProcessSpec) { s.Steps[1].ProcessRef.Namespace = "" }, false},
		"the order of steps is not":        {func(s *v1alpha1.ProcessSpec) { slices.Reverse(s.Steps) }, true},
		"the order of customers is not":    {func(s *v1alpha1.ProcessSpec) { slices.Reverse(s.Customers) }, true},
		"who owns it is not":               {func(s *v1alpha1.ProcessSpec) { s.Owner = v1alpha1.Party{Role: "other"} }, true},
		"the tier is not":                  {func(s *v1alpha1.ProcessSpec) { s.Tier = v1alpha1.TierStandard }, true},
		"the title of a step is not":       {func(s *v1alpha1.ProcessSpec) { s.Steps[0].What = "Look." }, true},
		"a touchpoint is not":              {func(s *v1alpha1.ProcessSpec) { s.Steps[0].Touchpoint = true }, true},
		"authority is not":                 {func(s *v1alpha1.ProcessSpec) { s.Steps[0].Authority = []v1alpha1.Authority{{Role: "x"}} }, true},
		"a fallback is not":                {func(s *v1alpha1.ProcessSpec) { s.Steps[0].Fallback = "paper" }, true},
		"when it took effect is not":       {func(s *v1alpha1.ProcessSpec) { s.InEffectSince = "2020-01-01" }, true},
		"how often it is reviewed is not":  {func(s *v1alpha1.ProcessSpec) { s.Reviews = []v1alpha1.ReviewRequirement{{Name: "x"}} }, true},
		"suspension is not":                {func(s *v1alpha1.ProcessSpec) { s.Suspend = true }, true},
		"an empty list is no list":         {func(s *v1alpha1.ProcessSpec) { s.Links = []v1alpha1.TypedLink{} }, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			edited := digested()
			test.edit(edited)
			if same := governance.ProcessDigest(edited) == governance.ProcessDigest(digested()); same != test.same {
				t.Errorf("same digest: %v", same)
			}
		})
	}
}

func TestDigestOfAnyOrderIsTheSame(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^v1:sha256:[0-9a-f]{64}$`)
	rapid.Check(t, func(t *rapid.T) {
		spec := v1alpha1.ProcessSpec{Why: v1alpha1.Text(rapid.String().Draw(t, "why"))}
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,8}`), 0, 8, rapid.ID[string]).Draw(t, "steps")
		for _, name := range names {
			spec.Steps = append(spec.Steps, v1alpha1.Step{
				Name: v1alpha1.Key(name), Why: v1alpha1.Text(rapid.String().Draw(t, "why of "+name)),
			})
		}
		shuffled := *spec.DeepCopy()
		shuffled.Steps = rapid.Permutation(shuffled.Steps).Draw(t, "order")
		got := governance.ProcessDigest(&spec)
		if !form.MatchString(string(got)) || governance.ProcessDigest(&shuffled) != got {
			t.Fatalf("digests %s and %s", got, governance.ProcessDigest(&shuffled))
		}
	})
}
