package schema

import (
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

func malformedCadences() map[string]malformed {
	valid := func() client.Object { return builders.MakeCadence("annual").Grace("P14D").Obj() }
	ruled := func() client.Object { return builders.MakeCadence("monthly").RRule("FREQ=MONTHLY;BYMONTHDAY=-1").Obj() }
	working := func() client.Object {
		return builders.MakeCadence("working").BusinessDays(governancev1alpha1.RollFollowing, "2026-01-01").Obj()
	}
	const howOften = "say how often: give exactly one of every and rrule"
	return map[string]malformed{
		"a cadence with both every and rrule":    {valid(), edits{"spec.rrule": "FREQ=MONTHLY"}, howOften},
		"a cadence with neither every nor rrule": {valid(), edits{"spec.every": absent{}}, howOften},
		"a cadence of zero days":                 {valid(), edits{"spec.every": "P0D"}, "the period is zero: give at least one day"},
		"a cadence of zeros all over":            {valid(), edits{"spec.every": "P0Y0M0W0D"}, "the period is zero: give at least one day"},
		"a cadence of 400 years":                 {valid(), edits{"spec.every": "P400Y"}, "should match"},
		"a cadence of an hour":                   {valid(), edits{"spec.every": "PT1H"}, "should match"},
		"a rule that rolls":                      {ruled(), edits{"spec.anchor": "Completion"}, "an rrule has fixed occurrences: leave anchor out"},
		"fixed occurrences without a start":      {valid(), edits{"spec.anchor": "Calendar"}, "give a startDate: fixed occurrences with every start there"},
		"a rolling period that opens":            {valid(), edits{"spec.openBefore": "P30D"}, "openBefore belongs to anchor Calendar"},
		"an unknown anchor":                      {valid(), edits{"spec.anchor": "Moon"}, "Unsupported value"},
		"a rule of four letters":                 {ruled(), edits{"spec.rrule": "FREQ"}, "at least 6 chars long"},
		"a rule as long as a novel":              {ruled(), edits{"spec.rrule": strings.Repeat("FREQ=DAILY;", 30)}, "may not be more than 256"},
		"due at 24:00":                           {valid(), edits{"spec.dueTime": "24:00"}, "should match"},
		"due at noon, in a word":                 {valid(), edits{"spec.dueTime": "noon"}, "should match"},
		"a zone without a name":                  {valid(), edits{"spec.timeZone": ""}, "at least 1 chars long"},
		"a zone with a very long name":           {valid(), edits{"spec.timeZone": strings.Repeat("z", 65)}, "may not be more than 64"},
		"a start on a day that no month has":     {valid(), edits{"spec.startDate": "2025-02-29"}, "must be of type date"},
		"nine lead times":                        {valid(), edits{"spec.leadTimes": many(9, func(i int) any { return fmt.Sprintf("P%dD", i+1) })}, "must have at most 8 items"},
		"a lead time twice":                      {valid(), edits{"spec.leadTimes": []any{"P7D", "P7D"}}, "Duplicate value"},
		"a lead time of no time":                 {valid(), edits{"spec.leadTimes": []any{"P0D"}}, "the period is zero"},
		"a grace of no time":                     {valid(), edits{"spec.grace": "P0D"}, "the period is zero"},
		"a week of weekends":                     {working(), edits{"spec.businessDays.weekend": many(7, weekday)}, "must have at most 6 items"},
		"a weekend on a day that no week has":    {working(), edits{"spec.businessDays.weekend": []any{"Caturday"}}, "Unsupported value"},
		"a holiday in a thirteenth month":        {working(), edits{"spec.businessDays.holidays": []any{"2026-13-01"}}, "should match"},
		"a holiday twice":                        {working(), edits{"spec.businessDays.holidays": []any{"2026-01-01", "2026-01-01"}}, "Duplicate value"},
		"a year and two days of holidays":        {working(), edits{"spec.businessDays.holidays": many(367, day)}, "must have at most 366 items"},
		"a roll in no known direction":           {working(), edits{"spec.businessDays.roll": "Sideways"}, "Unsupported value"},
	}
}

func weekday(i int) any {
	return []any{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}[i]
}

func day(i int) any { return fmt.Sprintf("%d-%02d-%02d", 2000+i/336, 1+i/28%12, 1+i%28) }

func malformedPolicies() map[string]malformed {
	valid := func() client.Object {
		return builders.MakePolicy("default").Route("all", "desk", "desk").
			Rule(governancev1alpha1.RuleSetting{Name: governancev1alpha1.RuleNoCustomer, VerifyFor: "24h"}).Obj()
	}
	const verifyFor = "spec.rules.0.verifyFor"
	route := func(i int) any {
		return map[string]any{
			"name":            fmt.Sprintf("route-%d", i),
			"ticketSystemRef": map[string]any{"namespace": "desk", "name": "desk"},
		}
	}
	return map[string]malformed{
		"a limit of no steps":         {valid(), edits{"spec.limits.maxSteps": int64(0)}, "greater than or equal to 1"},
		"a limit of a thousand steps": {valid(), edits{"spec.limits.maxSteps": int64(1000)}, "less than or equal to 200"},
		"a share of less than nobody": {valid(), edits{"spec.limits.maxPeopleCauseShare": int64(-1)}, "greater than or equal to 0"},
		"a share of more than all":    {valid(), edits{"spec.limits.maxPeopleCauseShare": int64(101)}, "less than or equal to 100"},
		"a share of no causes":        {valid(), edits{"spec.limits.minClosedCauses": int64(0)}, "greater than or equal to 1"},
		"a share of more causes than there will be": {
			valid(), edits{"spec.limits.minClosedCauses": int64(1001)}, "less than or equal to 1000"},
		"a limit beyond 32 bits":              {valid(), edits{"spec.limits.maxHandoffs": int64(1) << 31}, "less than or equal to 200"},
		"a limit on reviews of no time":       {valid(), edits{"spec.limits.maxProcessReviewInterval": "P0D"}, "the period is zero"},
		"a waiver of no time":                 {valid(), edits{"spec.limits.maxWaiver": "P0M"}, "the period is zero"},
		"remediations kept for no time":       {valid(), edits{"spec.retention.closedRemediations": "P0D"}, "the period is zero"},
		"remediations kept for a while":       {valid(), edits{"spec.retention.closedRemediations": "a while"}, "should match"},
		"twenty-one extensions":               {valid(), edits{"spec.limits.maxWaiverExtensions": int64(21)}, "less than or equal to 20"},
		"a priority beyond all others":        {valid(), edits{"spec.priority": int64(1000001)}, "less than or equal to 1000000"},
		"a rule that is set twice":            {valid(), edits{"spec.rules": many(2, func(int) any { return map[string]any{"name": "NoCustomer"} })}, "Duplicate value"},
		"a rule of an unknown severity":       {valid(), edits{"spec.rules.0.severity": "Fatal"}, "Unsupported value"},
		"a rule switched off for no reason":   {valid(), edits{"spec.rules.0.disabled": map[string]any{"until": "2026-01-01"}}, "reason: Required value"},
		"a rule switched off for ever":        {valid(), edits{"spec.rules.0.disabled": map[string]any{"reason": "noise"}}, "until: Required value"},
		"verified for 30d":                    {valid(), edits{verifyFor: "30d"}, "should match"},
		"verified for an empty duration":      {valid(), edits{verifyFor: ""}, "at least 2 chars long"},
		"verified for 9999999999h":            {valid(), edits{verifyFor: "9999999999h"}, "should match"},
		"verified for more than a year":       {valid(), edits{verifyFor: "8761h"}, "verifyFor must lie between 0s and 8760h"},
		"verified for minus an hour":          {valid(), edits{verifyFor: "-1h"}, "should match"},
		"two routes of one name":              {valid(), edits{"spec.routes": many(2, func(int) any { return route(1) })}, "two routes have the same name: give each its own"},
		"a route to a system of no namespace": {valid(), edits{"spec.routes.0.ticketSystemRef.namespace": absent{}}, "namespace: Required value"},
		"a route that reopens for no time":    {valid(), edits{"spec.routes.0.reopenWithin": "P0D"}, "the period is zero"},
		"a route for findings of no severity": {valid(), edits{"spec.routes.0.minSeverity": "None"}, "Unsupported value"},
		"thirty-three routes":                 {valid(), edits{"spec.routes": many(33, route)}, "must have at most 32 items"},
		"an unknown assurance":                {valid(), edits{"spec.minAssurance": "Sworn"}, `supported values: "Asserted", "Authenticated"`},
		"a rule in small letters":             {valid(), edits{"spec.rules.0.name": "noCustomer"}, "should match"},
		"a rule switched off until 1900":      {valid(), edits{"spec.rules.0.disabled": map[string]any{"reason": "noise", "until": "1900-01-01"}}, "should match"},
		"a route in capitals":                 {valid(), edits{"spec.routes.0.name": "ALL"}, "should match"},
		"a requirement of eleven approvals":   {valid(), edits{"spec.requirements": []any{map[string]any{"minApprovals": int64(11)}}}, "less than or equal to 10"},
	}
}

func malformedTicketSystems() map[string]malformed {
	valid := func() client.Object { return builders.MakeTicketSystem("desk").Bearer("desk", "token").Obj() }
	secret := map[string]any{"name": "desk", "key": "token"}
	header := func(name string) map[string]any {
		return map[string]any{"header": map[string]any{"name": name, "value": secret}}
	}
	const timeout = "timeout must lie between 1s and 60s"
	return map[string]malformed{
		"a ticket system at no address":        {valid(), edits{"spec.url": absent{}}, "spec.url: Required value"},
		"a ticket system at a file":            {valid(), edits{"spec.url": "file:///etc/passwd"}, "should match"},
		"a ticket system of no known type":     {valid(), edits{"spec.type": "Carrier pigeon"}, "Unsupported value"},
		"a timeout of no time":                 {valid(), edits{"spec.timeout": "0s"}, timeout},
		"a timeout of an hour":                 {valid(), edits{"spec.timeout": "1h"}, timeout},
		"a timeout without a unit":             {valid(), edits{"spec.timeout": "10"}, "should match"},
		"a timeout of 30d":                     {valid(), edits{"spec.timeout": "30d"}, "should match"},
		"a timeout beyond what fits":           {valid(), edits{"spec.timeout": "9999999999h"}, "should match"},
		"a login in two ways":                  {valid(), edits{"spec.auth.header": header("X-Api-Key")["header"]}, "give exactly one of basic, bearer, header and oauth2"},
		"a login in no way":                    {valid(), edits{"spec.auth": map[string]any{}}, "give exactly one of basic, bearer, header and oauth2"},
		"a header that smuggles another":       {valid(), edits{"spec.auth": header("X-Key\r\nHost")}, "should match"},
		"a header with an underscore":          {valid(), edits{"spec.auth": header("X_Api_Key")}, "should match"},
		"a secret without a key":               {valid(), edits{"spec.auth.bearer.key": absent{}}, "key: Required value"},
		"five signing keys":                    {valid(), edits{"spec.webhook.signingSecrets": many(5, func(int) any { return secret })}, "must have at most 4 items"},
		"a proxy without a scheme":             {valid(), edits{"spec.proxy": "proxy:3128"}, "should match"},
		"more authorities than anybody trusts": {valid(), edits{"spec.tls.caBundle": strings.Repeat("A", 65537)}, "may not be more than 65536"},
	}
}
