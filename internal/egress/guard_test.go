package egress_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/internal/egress"
)

// newGuard returns a guard that the test's flags describe.
func newGuard(t *testing.T, options egress.GuardOptions) *egress.Guard {
	t.Helper()
	guard, err := egress.NewGuard(options)
	if err != nil {
		t.Fatalf("making the guard: %v", err)
	}
	return guard
}

func TestGuardJudgesAddresses(t *testing.T) {
	private := []string{"127.0.0.1/32", "::1/128", "10.20.0.0/16", "100.64.0.0/10", "fd00::/8"}
	tests := map[string]struct {
		address string
		allow   []string
		ok      bool
	}{
		"a public IPv4 address needs no flag":                   {address: "93.184.215.14", ok: true},
		"a public IPv6 address needs no flag":                   {address: "2606:2800:21f:cb07::1", ok: true},
		"a public address behind NAT64 is public":               {address: "64:ff9b::5db8:d70e", ok: true},
		"loopback is refused":                                   {address: "127.0.0.1"},
		"the far end of loopback is refused":                    {address: "127.255.255.254"},
		"IPv6 loopback is refused":                              {address: "::1"},
		"loopback mapped into IPv6 is refused":                  {address: "::ffff:127.0.0.1"},
		"loopback behind NAT64 is refused":                      {address: "64:ff9b::7f00:1"},
		"loopback behind a local NAT64 prefix is refused":       {address: "64:ff9b:1::7f00:1"},
		"loopback behind 6to4 is refused":                       {address: "2002:7f00:1::"},
		"loopback in the old compatible form is refused":        {address: "::127.0.0.1"},
		"unspecified IPv4 is refused":                           {address: "0.0.0.0", allow: private},
		"unspecified IPv6 is refused":                           {address: "::", allow: private},
		"the rest of this network is refused":                   {address: "0.1.2.3", allow: private},
		"IPv4 metadata is refused":                              {address: "169.254.169.254", allow: private},
		"IPv4 metadata mapped into IPv6 is refused":             {address: "::ffff:169.254.169.254", allow: private},
		"IPv4 metadata behind NAT64 is refused":                 {address: "64:ff9b::a9fe:a9fe", allow: private},
		"IPv6 link-local is refused":                            {address: "fe80::1", allow: private},
		"IPv6 link-local with a zone is refused":                {address: "fe80::1%eth0", allow: private},
		"AWS metadata is refused inside an allowed range":       {address: "fd00:ec2::254", allow: private},
		"AWS pod identity is refused inside an allowed range":   {address: "fd00:ec2::23", allow: private},
		"Google metadata is refused inside an allowed range":    {address: "fd20:ce::254", allow: private},
		"Alibaba metadata is refused inside an allowed range":   {address: "100.100.100.200", allow: private},
		"the host agent of Azure is refused":                    {address: "168.63.129.16", allow: private},
		"IPv4 multicast is refused":                             {address: "224.0.0.1", allow: private},
		"IPv6 multicast is refused":                             {address: "ff02::1", allow: private},
		"broadcast is refused":                                  {address: "255.255.255.255", allow: private},
		"a documentation address is refused":                    {address: "192.0.2.1", allow: private},
		"a benchmarking address is refused":                     {address: "198.18.0.1", allow: private},
		"an address of 10/8 is refused without a flag":          {address: "10.20.0.1"},
		"an address of 172.16/12 is refused without a flag":     {address: "172.31.255.1"},
		"an address of 192.168/16 is refused without a flag":    {address: "192.168.1.1"},
		"a unique local address is refused without a flag":      {address: "fd12:3456::1"},
		"an allowed private address passes":                     {address: "10.20.0.1", allow: private, ok: true},
		"an allowed private address mapped into IPv6 passes":    {address: "::ffff:10.20.0.1", allow: private, ok: true},
		"a neighbour of an allowed range is refused":            {address: "10.21.0.1", allow: private},
		"allowed loopback passes":                               {address: "127.0.0.1", allow: private, ok: true},
		"another loopback address than the allowed is refused":  {address: "127.0.0.2", allow: private},
		"allowed IPv6 loopback passes":                          {address: "::1", allow: private, ok: true},
		"an allowed unique local address passes":                {address: "fd12:3456::1", allow: private, ok: true},
		"an allowed address of shared address space passes":     {address: "100.64.3.4", allow: private, ok: true},
		"a private address does not open the others by its own": {address: "192.168.1.1", allow: private},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := newGuard(t, egress.GuardOptions{AllowCIDRs: test.allow}).CheckAddress(netip.MustParseAddr(test.address))
			if test.ok != (err == nil) {
				t.Fatalf("%s: allowed %t, want %t: %v", test.address, err == nil, test.ok, err)
			}
			if err != nil && !errors.Is(err, egress.ErrForbiddenAddress) {
				t.Errorf("%v does not wrap ErrForbiddenAddress", err)
			}
		})
	}
	if err := newGuard(t, egress.GuardOptions{}).CheckAddress(netip.Addr{}); !errors.Is(err, egress.ErrForbiddenAddress) {
		t.Errorf("the zero address: %v, want ErrForbiddenAddress", err)
	}
}

func TestGuardRefusesFlagsThatOpenTooMuch(t *testing.T) {
	tests := map[string]struct{ cidr, want string }{
		"the whole of IPv4":                   {"0.0.0.0/0", "only loopback and private ranges"},
		"the whole of IPv6":                   {"::/0", "only loopback and private ranges"},
		"more than a private range":           {"10.0.0.0/7", "only loopback and private ranges"},
		"a public range":                      {"93.184.215.0/24", "public addresses need no flag"},
		"a documentation range":               {"192.0.2.0/24", "only loopback and private ranges"},
		"IPv4 link-local":                     {"169.254.0.0/16", "can never be allowed"},
		"one metadata address":                {"169.254.169.254/32", "can never be allowed"},
		"metadata of AWS over IPv6":           {"fd00:ec2::254/128", "can never be allowed"},
		"metadata of Alibaba":                 {"100.100.100.200/32", "can never be allowed"},
		"IPv6 link-local":                     {"fe80::/64", "can never be allowed"},
		"multicast":                           {"224.0.0.0/24", "can never be allowed"},
		"unspecified":                         {"0.0.0.0/32", "can never be allowed"},
		"an address without a length":         {"10.0.0.1", "an address and a length"},
		"an empty text":                       {"", "an address and a length"},
		"a name":                              {"desk.example", "an address and a length"},
		"an address with bits beyond":         {"10.1.2.3/8", "write 10.0.0.0/8"},
		"IPv4 written as IPv6":                {"::ffff:10.0.0.0/104", "write it as IPv4"},
		"NAT64, which would bypass the rules": {"64:ff9b::/96", "only loopback and private ranges"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := egress.NewGuard(egress.GuardOptions{AllowCIDRs: []string{"10.20.0.0/16", test.cidr}})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("allowing %q: %v, want %q", test.cidr, err, test.want)
			}
		})
	}
}

// No flag and no way of writing an address reaches metadata or link-local.
func TestGuardNeverAllowsLinkLocal(t *testing.T) {
	guard := newGuard(t, egress.GuardOptions{AllowCIDRs: []string{
		"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7",
	}})
	rapid.Check(t, func(t *rapid.T) {
		low := [2]byte{rapid.Byte().Draw(t, "third byte"), rapid.Byte().Draw(t, "fourth byte")}
		v4 := netip.AddrFrom4([4]byte{169, 254, low[0], low[1]})
		translated := netip.MustParseAddr("64:ff9b::").As16()
		copy(translated[12:], v4.AsSlice())
		for _, address := range []netip.Addr{v4, netip.AddrFrom16(v4.As16()), netip.AddrFrom16(translated)} {
			if guard.CheckAddress(address) == nil {
				t.Fatalf("%s is allowed", address)
			}
		}
	})
}

func TestGuardJudgesURLs(t *testing.T) {
	tests := map[string]struct {
		url  string
		http bool
		want string // empty: the URL is fine
	}{
		"https with a name":                         {url: "https://desk.example/hook?a=b"},
		"a name with a port":                        {url: "https://Desk.Example:8443/"},
		"a name with an underscore":                 {url: "https://desk_1.ns.svc/"},
		"a public address":                          {url: "https://93.184.215.14/"},
		"a public IPv6 address":                     {url: "https://[2606:2800:21f:cb07::1]:8443/"},
		"http where the flag allows it":             {url: "http://desk.example/", http: true},
		"http without the flag":                     {url: "http://desk.example/", want: "--egress-allow-http"},
		"another scheme":                            {url: "file:///etc/passwd", want: "must begin with https://"},
		"no scheme":                                 {url: "desk.example/hook", want: "must begin with https://"},
		"nothing":                                   {url: "", want: "must begin with https://"},
		"credentials":                               {url: "https://joe:hunter2@desk.example/", want: "must not hold credentials"},
		"a fragment":                                {url: "https://desk.example/#x", want: "no fragment"},
		"no host":                                   {url: "https:///hook", want: "the host of the URL"},
		"an opaque URL":                             {url: "https:desk.example", want: "no fragment"},
		"a port of zero":                            {url: "https://desk.example:0/", want: "between 1 and 65535"},
		"a port that is too large":                  {url: "https://desk.example:65536/", want: "between 1 and 65535"},
		"an empty port":                             {url: "https://desk.example:/", want: "between 1 and 65535"},
		"a control character":                       {url: "https://desk.example/\x00", want: "cannot be parsed"},
		"a very long URL":                           {url: "https://desk.example/" + strings.Repeat("x", 2048), want: "longer than"},
		"an international name":                     {url: "https://пример.example/", want: "xn--"},
		"a zone":                                    {url: "https://[fe80::1%25eth0]/", want: "without a zone"},
		"a literal loopback address":                {url: "https://127.0.0.1/", want: "is not public"},
		"a literal metadata address":                {url: "https://169.254.169.254/", want: "never allowed"},
		"a literal mapped address":                  {url: "https://[::ffff:7f00:1]/", want: "is not public"},
		"a literal in NAT64":                        {url: "https://[64:ff9b::7f00:1]/", want: "is not public"},
		"an address with a dot at its end":          {url: "https://127.0.0.1./", want: "is not public"},
		"an address of two numbers":                 {url: "https://127.1/", want: "unusual form"},
		"an address as one number":                  {url: "https://2130706433/", want: "unusual form"},
		"an address in hexadecimal":                 {url: "https://0x7f.0x0.0x0.0x1/", want: "unusual form"},
		"an address in octal, which netip refuses":  {url: "https://0177.0.0.1/", want: "unusual form"},
		"a name that begins with a hyphen":          {url: "https://-desk.example/", want: "letters, digits, hyphens"},
		"a name with a label of 64 characters":      {url: "https://" + strings.Repeat("a", 64) + ".example/", want: "letters"},
		"a host with a space, escaped or otherwise": {url: "https://desk%20.example/", want: "cannot be parsed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := newGuard(t, egress.GuardOptions{AllowHTTP: test.http}).CheckURL(test.url)
			if test.want == "" && err != nil {
				t.Fatalf("%q is refused: %v", test.url, err)
			}
			if test.want == "" {
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%q: %v, want %q", test.url, err, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestHostPortNormalizes(t *testing.T) {
	tests := map[string]struct{ url, want string }{
		"the default port of https is written out": {"https://Desk.Example/x", "desk.example:443"},
		"the default port of http is written out":  {"http://desk.example.", "desk.example:80"},
		"a port is kept":                    {"https://desk.example:8443", "desk.example:8443"},
		"IPv6 is written in its short form": {"https://[2606:2800:0021:cb07::0001]", "[2606:2800:21:cb07::1]:443"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := egress.HostPort(test.url)
			if err != nil || got != test.want {
				t.Fatalf("HostPort(%q) = %q, %v; want %q", test.url, got, err, test.want)
			}
		})
	}
}
