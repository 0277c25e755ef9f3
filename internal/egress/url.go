package egress

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// maxURLLength is what every server and proxy takes.
const maxURLLength = 2048

// hostName is the pattern of a DNS name: labels of letters, digits, hyphens and (as Kubernetes resolvers allow)
// underscores.
var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$`)

// numberLike is a last label that old resolvers and proxies read as a number: "127.1", "0x7f000001", "2130706433".
var numberLike = regexp.MustCompile(`^(0x[0-9a-f]*|[0-9]+)$`)

// CheckURL parses the URL of an endpoint and says, in a sentence, why it cannot be used. It resolves no name, so a host
// name that passes may still be refused when it is dialled.
func (g *Guard) CheckURL(raw string) (*url.URL, error) {
	target, err := parseURL(raw)
	if err != nil {
		return nil, err
	}
	if target.Scheme == "http" && !g.allowHTTP {
		return nil, fmt.Errorf("%w: http:// is not allowed; use https://, or start the manager with --egress-allow-http",
			ErrInvalidRequest)
	}
	if err := g.checkHost(target); err != nil {
		return nil, err
	}
	return target, nil
}

// parseURL accepts absolute http and https URLs that name a host and carry neither credentials nor a fragment. Its errors
// show nothing of the URL, because a URL may hold a secret.
func parseURL(raw string) (*url.URL, error) {
	if len(raw) > maxURLLength {
		return nil, fmt.Errorf("%w: the URL is longer than %d characters", ErrInvalidRequest, maxURLLength)
	}
	target, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: the URL cannot be parsed", ErrInvalidRequest)
	}
	if target.Scheme != "https" && target.Scheme != "http" {
		return nil, fmt.Errorf("%w: the URL must begin with https://", ErrInvalidRequest)
	}
	if target.User != nil {
		return nil, fmt.Errorf("%w: the URL must not hold credentials; name a Secret in auth", ErrInvalidRequest)
	}
	if target.Fragment != "" || target.Opaque != "" {
		return nil, fmt.Errorf("%w: the URL must have a host and no fragment", ErrInvalidRequest)
	}
	if _, _, err := splitHost(target.Host); err != nil {
		return nil, fmt.Errorf("%w: the host of the URL %w", ErrInvalidRequest, err)
	}
	return target, nil
}

// checkHost refuses what is known to be forbidden before it is resolved. Behind a proxy, which resolves names itself,
// it is the only check of the target.
func (g *Guard) checkHost(target *url.URL) error {
	name, _, err := splitHost(target.Host)
	if err != nil {
		return fmt.Errorf("%w: the host of the URL %w", ErrInvalidRequest, err)
	}
	if address, err := netip.ParseAddr(name); err == nil {
		return g.CheckAddress(address)
	}
	return nil
}

// HostPort returns the host of a URL in lower case with its port, the default port of the scheme where it names none.
// It is the form that SecretAllowsHost compares.
func HostPort(rawURL string) (string, error) {
	target, err := parseURL(rawURL)
	if err != nil {
		return "", err
	}
	return normalizeHost(target.Host, target.Scheme)
}

// normalizeHost turns "Desk.Example", "desk.example.:8443" and "[::1]" into "host:port". Its errors continue the sentence
// "the host ...".
func normalizeHost(host, scheme string) (string, error) {
	name, port, err := splitHost(host)
	if err != nil {
		return "", err
	}
	if port == "" {
		port = defaultPort(scheme)
	}
	return net.JoinHostPort(name, port), nil
}

// splitHost separates name and port (empty where there is none) and checks both.
func splitHost(host string) (name, port string, err error) {
	name, port, err = splitPort(strings.ToLower(host))
	if err != nil {
		return "", "", err
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		return splitLiteral(name[1:len(name)-1], port)
	}
	name = strings.TrimSuffix(name, ".")
	return name, port, checkName(name)
}

// splitPort separates the port and checks it. A colon inside brackets belongs to an address.
func splitPort(host string) (name, port string, err error) {
	colon := strings.LastIndexByte(host, ':')
	if colon <= strings.LastIndexByte(host, ']') {
		return host, "", nil
	}
	name, port = host[:colon], host[colon+1:]
	if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 || port[0] == '0' {
		return "", "", errors.New("has a port that is not a number between 1 and 65535")
	}
	return name, port, nil
}

// checkName accepts IPv4 addresses in their usual form, and DNS names.
func checkName(name string) error {
	if address, err := netip.ParseAddr(name); err == nil && address.Is4() {
		return nil
	}
	if len(name) > 253 || !hostName.MatchString(name) {
		return errors.New("is not a name of letters, digits, hyphens and dots (write an international name in its xn-- form)")
	}
	if numberLike.MatchString(name[strings.LastIndexByte(name, '.')+1:]) {
		return errors.New("is an address in an unusual form; write four decimal numbers, such as 192.0.2.1")
	}
	return nil
}

// splitLiteral checks what stood between brackets.
func splitLiteral(text, port string) (name, _ string, err error) {
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is6() || address.Zone() != "" {
		return "", "", errors.New("has brackets around what is not an IPv6 address without a zone")
	}
	return address.String(), port, nil
}

// defaultPort is the port that a URL of the scheme means when it names none.
func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// originOf shows a URL without path, query and credentials.
func originOf(target *url.URL) string {
	if target == nil || target.Host == "" {
		return "an invalid URL"
	}
	return target.Scheme + "://" + strings.ToLower(target.Host)
}
