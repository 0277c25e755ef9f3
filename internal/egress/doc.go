// Package egress is the only way out of Gemba over HTTP.
//
// It knows where a request may go and what certainly became of it, and nothing about tickets or metrics:
//
//   - Guard judges addresses, at the moment they are dialled, and URLs, before anything is resolved.
//   - Client sends one Request to one endpoint and returns its Response, whatever the status is. Redirects are
//     failures, no write is sent twice, replies and deadlines are bounded, certificates are always verified.
//   - Client.RoundTripper puts the same guard, deadline, limits and login below the client library of a system whose
//     requests may be repeated.
//   - Error and OutcomeOf say whether a request that failed may have been received. The outbox builds on that answer.
//   - SecretAllowsURL binds a Secret to hosts, Sign makes the signature header of Standard Webhooks, Scrub and
//     Excerpt make texts from outside fit to be shown.
//
// No error of this package holds a secret, a path or a query: of a URL only scheme and host are shown.
package egress
