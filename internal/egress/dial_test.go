package egress

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
)

// The dialer returns the error of the address that it tried first. The verdicts of the guard tell what it means.
func TestDialTellsForbiddenFromUnanswered(t *testing.T) {
	tests := map[string]struct {
		verdicts []error // of the guard, one for each address of the name; the last is what the dialer returns
		want     error
	}{
		"every address is forbidden":        {[]error{ErrForbiddenAddress, ErrForbiddenAddress}, ErrForbiddenAddress},
		"an allowed address did not answer": {[]error{nil, ErrForbiddenAddress}, ErrUnreachable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			guard := &Guard{}
			dial := guard.dial(&net.Dialer{ControlContext: func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
				notes := ctx.Value(dialNotesKey{}).(*dialNotes)
				for _, verdict := range test.verdicts {
					notes.record(verdict)
				}
				return test.verdicts[len(test.verdicts)-1]
			}})
			if _, err := dial(context.Background(), "tcp", "127.0.0.1:1"); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}
