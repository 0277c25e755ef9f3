package governance

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

func timestamp(instant time.Time) metav1.Time {
	return metav1.NewTime(instant.UTC().Truncate(time.Second))
}

func timestampPointer(instant time.Time) *metav1.Time {
	if instant.IsZero() {
		return nil
	}
	stamp := timestamp(instant)
	return &stamp
}

func instantOf(stamp *metav1.Time) time.Time {
	if stamp == nil {
		return time.Time{}
	}
	return stamp.UTC()
}

// storedRequirement gives what the status of a subject says of a requirement; nil where it says nothing.
func storedRequirement(
	subject *Subject, name governancev1alpha1.Key,
) *governancev1alpha1.RequirementStatus {
	for i := range subject.Status.Reviews {
		if subject.Status.Reviews[i].Name == name {
			return &subject.Status.Reviews[i]
		}
	}
	return nil
}

// requirementStatus writes a verdict on a requirement as status.
func requirementStatus(
	r requirement, state cadence.State, change *governancev1alpha1.SubjectChange,
) governancev1alpha1.RequirementStatus {
	return governancev1alpha1.RequirementStatus{
		Name:          r.declared.Name,
		Type:          r.declared.Type,
		Stage:         governancev1alpha1.Stage(state.Stage),
		Lead:          governancev1alpha1.Period(state.Lead.String()),
		OverdueSince:  timestampPointer(state.OverdueSince),
		InTimeSince:   timestampPointer(state.InTimeSince),
		InTimeAfter:   timestampPointer(state.InTimeAfter),
		AgeBasis:      governancev1alpha1.AgeBasis(state.AgeBasis),
		LastReview:    governancev1alpha1.ObjectName(state.LastReview),
		LastHeldAt:    timestampPointer(state.LastHeld),
		LastOutcome:   governancev1alpha1.ReviewOutcome(state.LastOutcome),
		Due:           timestampPointer(state.Due),
		Deadline:      timestampPointer(state.Deadline),
		LimitDeadline: timestampPointer(state.LimitDeadline),
		Current:       periodEntry(state.Current),
		Extra:         periodEntry(state.Extra),
		Change:        change,
		Ledger:        ledgerEntries(state.Ledger),
		Totals:        periodTotals(state.Totals),
		Schedule:      state.ScheduleDigest,
		CutOver:       cutOver(state.CutOver),
	}
}

func ledgerEntries(ledger []cadence.Entry) []governancev1alpha1.PeriodEntry {
	if len(ledger) == 0 {
		return nil
	}
	entries := make([]governancev1alpha1.PeriodEntry, 0, len(ledger))
	for i := range ledger {
		entries = append(entries, *periodEntry(&ledger[i]))
	}
	return entries
}

func periodEntry(entry *cadence.Entry) *governancev1alpha1.PeriodEntry {
	if entry == nil {
		return nil
	}
	return &governancev1alpha1.PeriodEntry{
		ID:       entry.ID,
		Nominal:  governancev1alpha1.ComputedDate(entry.Nominal.String()),
		Opens:    timestampPointer(entry.Opens),
		Due:      timestampPointer(entry.Due),
		Deadline: timestampPointer(entry.Deadline),
		Until:    timestampPointer(entry.Until),
		State:    governancev1alpha1.PeriodState(entry.State),
		ClosedBy: governancev1alpha1.ObjectName(entry.ClosedBy),
		ClosedAt: timestampPointer(entry.ClosedAt),
		Amended:  entry.Amended,
		Frozen:   entry.Frozen,
	}
}

func periodTotals(totals cadence.Totals) governancev1alpha1.PeriodTotals {
	return governancev1alpha1.PeriodTotals{
		Satisfied: int32(totals.Satisfied), Late: int32(totals.Late), Failed: int32(totals.Failed),
		Gap: int32(totals.Gap), Waived: int32(totals.Waived),
	}
}

func cutOver(cut *cadence.CutOver) *governancev1alpha1.ScheduleCutOver {
	if cut == nil {
		return nil
	}
	return &governancev1alpha1.ScheduleCutOver{
		At:           timestamp(cut.At),
		Nominal:      governancev1alpha1.ComputedDate(cut.Nominal.String()),
		Start:        timestampPointer(cut.Start),
		StartID:      cut.StartID,
		Missed:       timestampPointer(cut.Missed),
		Limit:        timestampPointer(cut.Limit),
		LimitFrom:    timestampPointer(cut.LimitFrom),
		Dropped:      periodTotals(cut.Dropped),
		InTimeSince:  timestampPointer(cut.InTimeSince),
		DroppedUntil: timestampPointer(cut.DroppedUntil),
		DroppedBy:    governancev1alpha1.ObjectName(cut.DroppedBy),
	}
}

// stateOf reads back what requirementStatus wrote, as far as the next evaluation needs it.
func stateOf(stored *governancev1alpha1.RequirementStatus) *cadence.State {
	if stored == nil || stored.Schedule == "" {
		return nil
	}
	state := &cadence.State{
		Stage:          cadence.Stage(stored.Stage),
		OverdueSince:   instantOf(stored.OverdueSince),
		InTimeSince:    instantOf(stored.InTimeSince),
		InTimeAfter:    instantOf(stored.InTimeAfter),
		AgeBasis:       cadence.AgeBasis(stored.AgeBasis),
		LimitDeadline:  instantOf(stored.LimitDeadline),
		ScheduleDigest: stored.Schedule,
		Current:        cadenceEntry(stored.Current),
		Extra:          cadenceEntry(stored.Extra),
		Totals:         cadenceTotals(stored.Totals),
	}
	for i := range stored.Ledger {
		state.Ledger = append(state.Ledger, *cadenceEntry(&stored.Ledger[i]))
	}
	if cut := stored.CutOver; cut != nil {
		state.CutOver = &cadence.CutOver{
			At: cut.At.UTC(), Nominal: dateOf(cut.Nominal), Start: instantOf(cut.Start), StartID: cut.StartID,
			Missed: instantOf(cut.Missed), Limit: instantOf(cut.Limit), LimitFrom: instantOf(cut.LimitFrom),
			Dropped: cadenceTotals(cut.Dropped), DroppedUntil: instantOf(cut.DroppedUntil),
			DroppedBy: string(cut.DroppedBy), InTimeSince: instantOf(cut.InTimeSince),
		}
	}
	return state
}

// dateOf reads a date that was written here; an absent one is zero.
func dateOf(written governancev1alpha1.ComputedDate) cadence.Date {
	date, err := cadence.ParseDate(string(written))
	if err != nil {
		return cadence.Date{}
	}
	return date
}

func cadenceEntry(entry *governancev1alpha1.PeriodEntry) *cadence.Entry {
	if entry == nil {
		return nil
	}
	return &cadence.Entry{
		ID: entry.ID, Nominal: dateOf(entry.Nominal),
		Opens: instantOf(entry.Opens), Due: instantOf(entry.Due),
		Deadline: instantOf(entry.Deadline), Until: instantOf(entry.Until),
		State: cadence.PeriodState(entry.State), ClosedBy: string(entry.ClosedBy), ClosedAt: instantOf(entry.ClosedAt),
		Amended: entry.Amended, Frozen: entry.Frozen,
	}
}

func cadenceTotals(totals governancev1alpha1.PeriodTotals) cadence.Totals {
	return cadence.Totals{
		Satisfied: int(totals.Satisfied), Late: int(totals.Late), Failed: int(totals.Failed),
		Gap: int(totals.Gap), Waived: int(totals.Waived),
	}
}
