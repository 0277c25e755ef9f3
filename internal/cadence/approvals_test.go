package cadence

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestGroup(t *testing.T) {
	at := func(name, reviewer, date string) Approval {
		return Approval{Name: name, Reviewer: reviewer, Digest: "text", HeldAt: noon(date), Outcome: Approved}
	}
	with := func(a Approval, edit func(*Approval)) Approval { edit(&a); return a }
	for name, test := range map[string]struct {
		approvals []Approval
		n         int
		counted   []string
		waiting   []string
	}{
		"one is enough: each counts": {
			[]Approval{at("a", "ada", "2025-01-01"), at("b", "ada", "2025-01-02")}, 1,
			[]string{"a 2025-01-01 Approved []", "b 2025-01-02 Approved []"}, nil,
		},
		"two are asked for and one is there": {
			[]Approval{at("a", "ada", "2025-01-01")}, 2, nil, []string{"a"},
		},
		"two reviewers within thirty days count at the later instant": {
			[]Approval{at("b", "bob", "2025-01-31"), at("a", "ada", "2025-01-01")}, 2,
			[]string{"b 2025-01-31 Approved [a b]"}, nil,
		},
		"two reviewers thirty-one days apart wait": {
			[]Approval{at("a", "ada", "2025-01-01"), at("b", "bob", "2025-02-01")}, 2, nil, []string{"a", "b"},
		},
		"the same reviewer twice is one reviewer": {
			[]Approval{at("a", "ada", "2025-01-01"), at("b", "ada", "2025-01-02")}, 2, nil, []string{"a", "b"},
		},
		"what the same reviewers said before goes with their group": {
			[]Approval{
				with(at("a", "ada", "2025-01-01"), func(a *Approval) { a.Outcome = ChangesRequired }),
				at("b", "ada", "2025-01-02"), at("c", "bob", "2025-01-03"),
			}, 2,
			[]string{"c 2025-01-03 ChangesRequired [a b c]"}, nil,
		},
		"approvals of different texts do not add up": {
			[]Approval{at("a", "ada", "2025-01-01"), with(at("b", "bob", "2025-01-02"), func(a *Approval) { a.Digest = "other" })}, 2,
			nil, []string{"a", "b"},
		},
		"the worst outcome stands": {
			[]Approval{
				with(at("a", "ada", "2025-01-01"), func(a *Approval) { a.Outcome = Retire }),
				with(at("b", "bob", "2025-01-02"), func(a *Approval) { a.Outcome = ChangesRequired }),
				at("c", "cleo", "2025-01-03"),
			}, 3,
			[]string{"c 2025-01-03 Retire [a b c]"}, nil,
		},
		"a third waits for a group of its own": {
			[]Approval{at("a", "ada", "2025-01-01"), at("b", "bob", "2025-01-02"), at("c", "cleo", "2025-01-03")}, 2,
			[]string{"b 2025-01-02 Approved [a b]"}, []string{"c"},
		},
		"a latched group stays as it is when an older approval arrives": {
			[]Approval{
				at("older", "cleo", "2024-12-30"),
				with(at("a", "ada", "2025-01-01"), func(a *Approval) { a.LatchedWith = "b" }),
				with(at("b", "bob", "2025-01-02"), func(a *Approval) { a.LatchedWith = "b" }),
			}, 2,
			[]string{"b 2025-01-02 Approved [a b]"}, []string{"older"},
		},
		"a latched group that lost one waits with the others": {
			[]Approval{
				with(at("a", "ada", "2025-01-01"), func(a *Approval) { a.LatchedWith = "b" }),
				at("c", "cleo", "2025-01-10"),
			}, 2,
			[]string{"c 2025-01-10 Approved [a c]"}, nil,
		},
		"a latched group that lost more than it needs to spare goes on": {
			[]Approval{
				with(at("a", "ada", "2025-01-01"), func(a *Approval) { a.LatchedWith = "c" }),
				with(at("b", "bob", "2025-01-02"), func(a *Approval) { a.LatchedWith = "c" }),
			}, 2,
			[]string{"b 2025-01-02 Approved [a b]"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			counted, waiting := Group(test.approvals, test.n)
			var got []string
			for _, h := range counted {
				got = append(got, fmt.Sprint(h.Name, " ", dateOf(h.HeldAt), " ", h.Outcome, " ", h.Members))
			}
			if !slices.Equal(got, test.counted) || !slices.Equal(waiting, test.waiting) {
				t.Errorf("counted %q waiting %q", got, waiting)
			}
		})
	}
}

func TestEveryApprovalIsCountedOnceOrWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 3).Draw(t, "n")
		var approvals []Approval
		for i := range rapid.IntRange(0, 10).Draw(t, "approvals") {
			approvals = append(approvals, Approval{
				Name:        fmt.Sprintf("r%02d", i),
				Reviewer:    rapid.SampledFrom([]string{"ada", "bob", "cleo"}).Draw(t, "reviewer"),
				Digest:      rapid.SampledFrom([]string{"x", "y"}).Draw(t, "digest"),
				HeldAt:      worldStart.AddDate(0, 0, rapid.IntRange(0, 90).Draw(t, "held")),
				LatchedWith: rapid.SampledFrom([]string{"", "", "r03"}).Draw(t, "latched"),
			})
		}
		counted, waiting := Group(approvals, n)
		seen := slices.Clone(waiting)
		for _, h := range counted {
			if len(h.Members) == 0 {
				seen = append(seen, h.Name)
			}
			seen = append(seen, h.Members...)
		}
		slices.Sort(seen)
		if len(seen) != len(approvals) || len(slices.Compact(seen)) != len(approvals) {
			t.Fatalf("%d approvals, counted %+v, waiting %v", len(approvals), counted, waiting)
		}
		slices.Reverse(approvals)
		again, stillWaiting := Group(approvals, n)
		if fmt.Sprint(again, stillWaiting) != fmt.Sprint(counted, waiting) {
			t.Fatalf("in another order: %+v %v, was %+v %v", again, stillWaiting, counted, waiting)
		}
	})
}
