package egress

import "net/netip"

// neverAllowed are the addresses that no flag can open: what answers there hands out the credentials of the machine
// (link-local and metadata), or is no single host at all.
var neverAllowed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),          // unspecified: the kernel takes it for loopback
	netip.MustParsePrefix("169.254.0.0/16"),     // link-local, metadata of most clouds
	netip.MustParsePrefix("100.100.100.200/32"), // metadata of Alibaba Cloud, inside a range that clusters use for pods
	netip.MustParsePrefix("168.63.129.16/32"),   // the host agent of Azure, a public address
	netip.MustParsePrefix("192.0.0.192/32"),     // metadata of Oracle Cloud, older shapes
	netip.MustParsePrefix("224.0.0.0/4"),        // multicast
	netip.MustParsePrefix("240.0.0.0/4"),        // reserved, and broadcast
	netip.MustParsePrefix("::/128"),             // unspecified
	netip.MustParsePrefix("fe80::/10"),          // link-local
	netip.MustParsePrefix("fec0::/10"),          // site-local, withdrawn
	netip.MustParsePrefix("fd00:ec2::/32"),      // services of an AWS instance: metadata, pod identity
	netip.MustParsePrefix("fd20:ce::254/128"),   // metadata of Google Cloud
	netip.MustParsePrefix("ff00::/8"),           // multicast
}

// allowable are the ranges inside which an operator may open addresses by name. Everything else that is not public
// (documentation, benchmarking, reserved) has no ticket system behind it.
var allowable = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"),    // loopback
	netip.MustParsePrefix("10.0.0.0/8"),     // private
	netip.MustParsePrefix("172.16.0.0/12"),  // private
	netip.MustParsePrefix("192.168.0.0/16"), // private
	netip.MustParsePrefix("100.64.0.0/10"),  // shared address space, used for pods and overlay networks
	netip.MustParsePrefix("::1/128"),        // loopback
	netip.MustParsePrefix("fc00::/7"),       // unique local
}

// nat64 is the well-known prefix under which a translator reaches IPv4: the last four bytes are the real address.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// plain returns the address that would really be reached: without a zone, unmapped from IPv6, and taken out of NAT64.
func plain(address netip.Addr) netip.Addr {
	address = address.Unmap().WithZone("")
	if !nat64.Contains(address) {
		return address
	}
	bytes := address.As16()
	return netip.AddrFrom4([4]byte(bytes[12:16]))
}

// anyContains says whether one of the prefixes holds the address.
func anyContains(prefixes []netip.Prefix, address netip.Addr) bool {
	for _, prefix := range prefixes {
		if prefix.Contains(address) {
			return true
		}
	}
	return false
}

// anyCovers says whether one of the outer prefixes holds the whole of inner.
func anyCovers(outer []netip.Prefix, inner netip.Prefix) bool {
	for _, prefix := range outer {
		if prefix.Bits() <= inner.Bits() && prefix.Contains(inner.Addr()) {
			return true
		}
	}
	return false
}
