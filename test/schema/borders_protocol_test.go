package schema

import (
	"fmt"
	"strings"
)

// protocolBorders are those of ticket systems that users describe themselves.
func protocolBorders() map[string]border {
	const (
		only    = "give custom with type: Custom, and only there"
		reading = "readEvery must lie between 1m and 24h, or be 0s"
		visible = "visibleAfter must lie between 0s and 1h"
	)
	valid := validTicketSystem()
	request := func() map[string]any { return map[string]any{"path": `"/tickets"`} }
	with := func(field string, value any) map[string]any {
		made := request()
		made[field] = value
		return made
	}
	protocol := func(field string, value any) edits {
		spoken := map[string]any{"create": request()}
		place(spoken, field, value)
		return edits{"spec.type": "Custom", "spec.custom": spoken}
	}
	header := func(name, value string) edits {
		return protocol("headers", []any{map[string]any{"name": name, "value": value}})
	}
	parameter := func(name string) edits { return protocol("parameters", []any{map[string]any{"name": name}}) }
	find := func(after string) edits {
		return protocol("find", map[string]any{"path": `"/tickets"`, "tickets": "reply.body", "visibleAfter": after})
	}
	filled := func(name, secret, key string) edits {
		value := map[string]any{"name": secret, "key": key}
		return edits{"spec.type": "PagerDuty", "spec.webhook": absent{}, "spec.secretFields": []any{map[string]any{"name": name, "value": value}}}
	}
	read := func(field, value string) edits {
		return protocol("read", map[string]any{"path": `"/tickets"`, "state": "reply.body.state", field: value})
	}
	named := func(count int) edits {
		return protocol("parameters", many(count, func(i int) any {
			return map[string]any{"name": "p" + strings.Repeat("x", i)}
		}))
	}
	assigned := func(user, account string) edits {
		return edits{"spec.assignees": []any{map[string]any{"user": user, "account": account}}}
	}
	known := func(count int) edits {
		return edits{"spec.assignees": many(count, func(i int) any {
			return map[string]any{"user": fmt.Sprint("user-", i), "account": "a"}
		})}
	}
	return map[string]border{
		"an account of two lines":           {valid, assigned("ayse", "a 1"), assigned("ayse", "a\n1"), "should match"},
		"an account without a letter":       {valid, assigned("ayse", "1"), assigned("ayse", ""), "at least 1 chars"},
		"an account that is a book":         {valid, assigned("ayse", strings.Repeat("x", 256)), assigned("ayse", strings.Repeat("x", 257)), "may not be more than 256"},
		"a user of two lines":               {valid, assigned("team:a b", "1"), assigned("ayse\tb", "1"), "should match"},
		"a user without a name":             {valid, assigned("a", "1"), assigned("", "1"), "at least 1 chars"},
		"a user with the name of a book":    {valid, assigned(strings.Repeat("x", 253), "1"), assigned(strings.Repeat("x", 254), "1"), "may not be more than 253"},
		"accounts of a thousand and one":    {valid, known(1000), known(1001), "must have at most 1000 items"},
		"a request that assigns to no path": {valid, protocol("assign", request()), protocol("assign", map[string]any{}), "path: Required value"},
		"custom without a word of it":       {valid, protocol("unknownOutcome", "Search"), edits{"spec.type": "Custom"}, only},
		"a word of custom for Jira":         {valid, edits{"spec.type": "Jira", "spec.webhook": absent{}}, edits{"spec.type": "Jira", "spec.webhook": absent{}, "spec.custom": map[string]any{"create": request()}}, only},
		"keys to sign for Jira":             {valid, edits{"spec.webhook": map[string]any{}}, edits{"spec.type": "Jira", "spec.webhook": map[string]any{}}, "webhook belongs to type: Webhook"},
		"an outcome that is guessed":        {valid, protocol("unknownOutcome", "Hold"), protocol("unknownOutcome", "Guess"), "Unsupported value"},
		"a protocol that opens nothing":     {valid, protocol("create", request()), protocol("create", absent{}), "create: Required value"},
		"a request without a path":          {valid, protocol("close", request()), protocol("close", map[string]any{}), "path: Required value"},
		"a request with an empty path":      {valid, protocol("close", with("path", `""`)), protocol("close", with("path", "")), "should be at least 1 chars"},
		"an expression that is a book":      {valid, protocol("create", with("body", strings.Repeat("1", 2048))), protocol("create", with("body", strings.Repeat("1", 2049))), "may not be more than 2048"},
		"a request with a method to trace":  {valid, protocol("create", with("method", "PUT")), protocol("create", with("method", "TRACE")), "Unsupported value"},
		"a declared header of underscores":  {valid, header("X-Api", "1"), header("X_Api", "1"), "should match"},
		"a declared header of two lines":    {valid, header("X-Api", "1"), header("X-Api", "1\nHost: x"), "should match"},
		"a type of content of two lines":    {valid, protocol("contentType", "text/plain"), protocol("contentType", "text/plain\n"), "should match"},
		"a parameter in capitals":           {valid, parameter("issueType"), parameter("IssueType"), "should match"},
		"thirty-three parameters":           {valid, named(32), named(33), "must have at most 32 items"},
		"a list that lags for two hours":    {valid, find("1h"), find("2h"), visible},
		"a list that lags in days":          {valid, find("30s"), find("1d"), "should match"},
		"a field that is two words":         {valid, protocol("secretFields", []any{"routing_key"}), protocol("secretFields", []any{"routing key"}), "should match"},
		"a filled field of two words":       {valid, filled("routing_key", "pager", "key"), filled("routing key", "pager", "key"), "should match"},
		"a field from a secret in capitals": {valid, filled("routing_key", "pager", "key"), filled("routing_key", "Pager", "key"),
			"should match"},
		"a desk that is never sent to":           {valid, edits{"spec.rateLimit.perSecond": int64(1)}, edits{"spec.rateLimit.perSecond": int64(0)}, "greater than or equal to 1"},
		"a desk that is sent to too often":       {valid, edits{"spec.rateLimit.perSecond": int64(10000)}, edits{"spec.rateLimit.perSecond": int64(10001)}, "less than or equal to 10000"},
		"a desk that is sent nothing at a time":  {valid, edits{"spec.rateLimit.concurrent": int64(1)}, edits{"spec.rateLimit.concurrent": int64(0)}, "greater than or equal to 1"},
		"a desk that is sent too much at a time": {valid, edits{"spec.rateLimit.concurrent": int64(6)}, edits{"spec.rateLimit.concurrent": int64(7)}, "less than or equal to 6"},
		"tickets read by the second":             {valid, edits{"spec.readEvery": "1m"}, edits{"spec.readEvery": "59s"}, reading},
		"tickets read by the week":               {valid, edits{"spec.readEvery": "24h"}, edits{"spec.readEvery": "25h"}, reading},
		"tickets that are read in days":          {valid, edits{"spec.readEvery": "0s"}, edits{"spec.readEvery": "1d"}, "should match"},
		"a parameter that is a book": {valid, edits{"spec.parameters": map[string]any{"project": strings.Repeat("x", 1024)}},
			edits{"spec.parameters": map[string]any{"project": strings.Repeat("x", 1025)}}, "may not be more than 1024"},
		"a cause that is a book": {valid, read("cause", strings.Repeat("1", 2048)), read("cause", strings.Repeat("1", 2049)),
			"may not be more than 2048"},
		"a warning that is empty": {valid, protocol("create", with("warning", `""`)), protocol("create", with("warning", "")),
			"should be at least 1 chars"},
		"a key that is looked for in a book": {valid, read("carries", strings.Repeat("1", 2048)), read("carries", strings.Repeat("1", 2049)),
			"may not be more than 2048"},
		"a text that is taken out by a book": {valid, read("text", strings.Repeat("1", 2048)), read("text", strings.Repeat("1", 2049)),
			"may not be more than 2048"},
		"a text that is taken out by nothing": {valid, read("text", `""`), read("text", ""), "should be at least 1 chars"},
		"a hint at the cause that is empty":   {valid, read("causeHint", `""`), read("causeHint", ""), "should be at least 1 chars"},
	}
}
