// Package standin holds stand-ins of ticket systems that cannot run beside a test: Jira, ServiceNow, PagerDuty, GitHub,
// GitLab and Redmine. It is for tests alone.
//
// Each is a Tracker: an http.Handler that speaks the vendor's API, keeps tickets, and can be looked into and disturbed:
//
//   - Tracker.Tickets shows what is really stored, Tracker.Requests what came in.
//   - Tracker.CloseOutside and its neighbours do what a person does in the vendor's own pages.
//   - Tracker.Fail makes requests fail, before the work is done or after it: see Fault.
//   - Options limit pages and requests, ask for a login, and let searches lag behind.
//
// A stand-in is as faithful as the vendor's public documentation lets it be. Each endpoint names the page that it was
// written from. What that page leaves open is marked "not verified", and then the strict reading was taken.
//
// It is stricter than its vendor in one thing: what a vendor silently ignores, such as a misspelt query parameter, is
// refused with a body that begins with "stand-in:", so that a test with a wrong request fails.
package standin
