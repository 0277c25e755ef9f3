package builders

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// CadenceBuilder makes a ReviewCadence.
type CadenceBuilder struct {
	cadence governancev1alpha1.ReviewCadence
}

// MakeCadence begins with a cadence that rolls every twelve months, in UTC, due at the end of the day, without grace.
func MakeCadence(name string) *CadenceBuilder {
	return &CadenceBuilder{governancev1alpha1.ReviewCadence{
		TypeMeta:   typeMeta("ReviewCadence"),
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: governancev1alpha1.ReviewCadenceSpec{
			Every:    "P12M",
			TimeZone: "UTC",
			DueTime:  "23:59:59",
		},
	}}
}

// Every sets the period, in place of a rule.
func (b *CadenceBuilder) Every(period string) *CadenceBuilder {
	b.cadence.Spec.Every, b.cadence.Spec.RRule = governancev1alpha1.Period(period), ""
	return b
}

// RRule sets a recurrence rule, in place of a period.
func (b *CadenceBuilder) RRule(rule string) *CadenceBuilder {
	b.cadence.Spec.RRule, b.cadence.Spec.Every = rule, ""
	return b
}

// Calendar fixes the occurrences, the first on that day.
func (b *CadenceBuilder) Calendar(startDate string) *CadenceBuilder {
	b.cadence.Spec.Anchor = governancev1alpha1.AnchorCalendar
	return b.StartDate(startDate)
}

// StartDate sets the day of the first occurrence.
func (b *CadenceBuilder) StartDate(day string) *CadenceBuilder {
	b.cadence.Spec.StartDate = governancev1alpha1.Date(day)
	return b
}

// TimeZone sets the zone in which days begin and end.
func (b *CadenceBuilder) TimeZone(zone string) *CadenceBuilder {
	b.cadence.Spec.TimeZone = zone
	return b
}

// DueTime sets the local time at which reviews fall due.
func (b *CadenceBuilder) DueTime(local string) *CadenceBuilder {
	b.cadence.Spec.DueTime = governancev1alpha1.TimeOfDay(local)
	return b
}

// OpenBefore says how early a review counts for an occurrence.
func (b *CadenceBuilder) OpenBefore(period string) *CadenceBuilder {
	b.cadence.Spec.OpenBefore = governancev1alpha1.Period(period)
	return b
}

// LeadTimes sets the stages before a review falls due.
func (b *CadenceBuilder) LeadTimes(periods ...string) *CadenceBuilder {
	for _, period := range periods {
		b.cadence.Spec.LeadTimes = append(b.cadence.Spec.LeadTimes, governancev1alpha1.Period(period))
	}
	return b
}

// Grace says how long after its due time a review is in time.
func (b *CadenceBuilder) Grace(period string) *CadenceBuilder {
	b.cadence.Spec.Grace = governancev1alpha1.Period(period)
	return b
}

// BusinessDays moves due days off Saturdays, Sundays and holidays.
func (b *CadenceBuilder) BusinessDays(roll governancev1alpha1.Roll, holidays ...string) *CadenceBuilder {
	days := &governancev1alpha1.BusinessDays{
		Weekend: []governancev1alpha1.Weekday{"Saturday", "Sunday"},
		Roll:    roll,
	}
	for _, day := range holidays {
		days.Holidays = append(days.Holidays, governancev1alpha1.Date(day))
	}
	b.cadence.Spec.BusinessDays = days
	return b
}

// Obj gives a ReviewCadence of its own; the builder can go on.
func (b *CadenceBuilder) Obj() *governancev1alpha1.ReviewCadence { return b.cadence.DeepCopy() }
