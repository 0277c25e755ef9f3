package egress

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// GuardOptions are the operator's own flags about where requests may go.
type GuardOptions struct {
	// AllowCIDRs opens loopback and private ranges, each named exactly ("10.20.0.0/16"). Empty: public addresses only.
	AllowCIDRs []string
	// AllowHTTP admits http:// beside https://.
	AllowHTTP bool
}

// Guard decides which addresses may be dialled. It is immutable and safe for concurrent use.
type Guard struct {
	guardian  *ssrf.Guardian
	allowHTTP bool
}

// NewGuard returns the guard that the flags describe. A range that is malformed, not private, or link-local or
// metadata is an error that says what to write instead.
func NewGuard(options GuardOptions) (*Guard, error) {
	var v4, v6 []netip.Prefix
	for _, text := range options.AllowCIDRs {
		prefix, err := parseAllowed(text)
		if err != nil {
			return nil, err
		}
		if prefix.Addr().Is4() {
			v4 = append(v4, prefix)
			continue
		}
		v6 = append(v6, prefix)
	}
	return &Guard{
		guardian: ssrf.New(
			ssrf.WithAnyPort(),
			ssrf.WithAllowedV4Prefixes(v4...),
			ssrf.WithAllowedV6Prefixes(v6...),
		),
		allowHTTP: options.AllowHTTP,
	}, nil
}

// parseAllowed reads one value of the flag.
func parseAllowed(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("reading the allowed range %q: write an address and a length, such as 10.20.0.0/16", text)
	}
	if prefix.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("reading the allowed range %q: write it as IPv4", text)
	}
	if masked := prefix.Masked(); masked != prefix {
		return netip.Prefix{}, fmt.Errorf("reading the allowed range %q: the address has bits beyond the length; write %s", text, masked)
	}
	if anyCovers(neverAllowed, prefix) {
		return netip.Prefix{}, fmt.Errorf("allowing the range %q: "+
			"link-local, metadata, multicast and unspecified addresses can never be allowed; remove it", text)
	}
	if !anyCovers(allowable, prefix) {
		return netip.Prefix{}, fmt.Errorf("allowing the range %q: only loopback and private ranges can be allowed, "+
			"named exactly; public addresses need no flag", text)
	}
	return prefix, nil
}

// CheckAddress returns an error that wraps ErrForbiddenAddress where the address may not be dialled.
func (g *Guard) CheckAddress(address netip.Addr) error {
	reached := plain(address)
	if !reached.IsValid() {
		return fmt.Errorf("%w: the address is not valid", ErrForbiddenAddress)
	}
	if anyContains(neverAllowed, reached) {
		return fmt.Errorf("%w: %s is link-local, metadata, multicast or unspecified, which is never allowed",
			ErrForbiddenAddress, address)
	}
	if err := g.guardian.SafeAddr(reached); err != nil {
		return fmt.Errorf("%w: %s is not public; name its range in --egress-allow-cidr if it is meant",
			ErrForbiddenAddress, address)
	}
	return nil
}

// control is the hook of net.Dialer: it sees the very address that is about to be dialled, after the name was resolved,
// so that a name cannot change its mind between check and use.
func (g *Guard) control(ctx context.Context, network, address string, _ syscall.RawConn) error {
	err := g.checkDial(network, address)
	if notes, ok := ctx.Value(dialNotesKey{}).(*dialNotes); ok {
		notes.record(err)
	}
	return err
}

// checkDial judges one dial.
func (g *Guard) checkDial(network, address string) error {
	if network != "tcp4" && network != "tcp6" {
		return fmt.Errorf("%w: the network %q is not TCP", ErrForbiddenAddress, network)
	}
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: what would be dialled is not an address and a port", ErrForbiddenAddress)
	}
	return g.CheckAddress(target.Addr())
}
