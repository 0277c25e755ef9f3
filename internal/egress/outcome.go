package egress

import (
	"errors"
	"strings"
)

// Outcome says what became of a request.
type Outcome string

const (
	// Answered says that a whole reply came, so the request was received. Its status says the rest.
	Answered Outcome = "Answered"
	// NotSent says that no byte of the request can have reached the receiver. It is safe to send it again.
	NotSent Outcome = "NotSent"
	// Unknown says that the request may have been received and acted upon.
	Unknown Outcome = "Unknown"
)

// What an Error wraps: the kind of failure, to be asked for with errors.Is.
var (
	// ErrInvalidRequest says that the request or the endpoint's configuration cannot be used as written.
	ErrInvalidRequest = errors.New("the request is not valid")
	// ErrForbiddenAddress says that the guard refused the address.
	ErrForbiddenAddress = errors.New("the address is not allowed")
	// ErrUnreachable says that no connection came about: the name was not resolved, or nobody accepted.
	ErrUnreachable = errors.New("no connection")
	// ErrTLS says that the two sides did not agree on a trusted connection.
	ErrTLS = errors.New("no trusted connection")
	// ErrTimeout says that the deadline passed.
	ErrTimeout = errors.New("the deadline passed")
	// ErrCanceled says that the caller gave up.
	ErrCanceled = errors.New("the request was canceled")
	// ErrInterrupted says that the connection broke, or made no sense any more, before the whole reply was there.
	ErrInterrupted = errors.New("no whole reply came")
	// ErrSecretNotAllowed says that a Secret does not name the host it was to be sent to. SecretAllowsHost returns it.
	ErrSecretNotAllowed = errors.New("the Secret does not allow this host")
	// ErrLogin says that there was no token to log in with: the token endpoint refused, or its answer holds none.
	ErrLogin = errors.New("no token to log in with")
	// ErrTooLong says that a reply is longer than MaxResponseBody. What RoundTripper returns ends in it; Client.Do cuts
	// the reply instead and says so in Response.Truncated.
	ErrTooLong = errors.New("the reply is longer than 65536 bytes")
	// ErrRedirect says that the reply was a redirect, which is never followed.
	ErrRedirect = errors.New("the reply is a redirect, which is not followed; write the final URL")
)

// Error is what Client.Do returns. It holds no secret: of the URL only scheme and host, of the cause a short, scrubbed
// text.
type Error struct {
	// Outcome says whether the request may have been received.
	Outcome Outcome
	// Permanent says that the same request fails in the same way until somebody changes a configuration.
	Permanent bool
	// Status is the status of the reply where one began, else 0.
	Status int

	origin string
	kind   error
	detail string
}

// Error tells in one line what failed, where, and why.
func (e *Error) Error() string {
	text := "requesting " + e.origin + ": " + e.kind.Error()
	if e.detail == "" {
		return text
	}
	return text + ": " + e.detail
}

// Unwrap returns the kind of failure, one of the Err values of this package.
func (e *Error) Unwrap() error { return e.kind }

// OutcomeOf says what became of the request that returned err. An error that this package did not make is Unknown, which
// is the safe answer.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Answered
	}
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Outcome
	}
	return Unknown
}

// IsPermanent says whether err lasts until somebody changes a configuration.
func IsPermanent(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && failed.Permanent
}

// rejected describes a request that was refused here, before anything was dialled.
func rejected(origin string, err error) *Error {
	kind := ErrInvalidRequest
	if errors.Is(err, ErrForbiddenAddress) {
		kind = ErrForbiddenAddress
	}
	detail := strings.TrimPrefix(err.Error(), kind.Error()+": ")
	return &Error{Outcome: NotSent, Permanent: true, origin: origin, kind: kind, detail: detail}
}
