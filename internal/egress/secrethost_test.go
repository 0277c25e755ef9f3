package egress_test

import (
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
)

func TestSecretAllowsHost(t *testing.T) {
	tests := map[string]struct {
		annotation, host string
		want             string // empty: the Secret may be sent
	}{
		"the host that is listed":                         {"desk.example", "desk.example", ""},
		"its default port":                                {"desk.example", "desk.example:443", ""},
		"a listed default port":                           {"desk.example:443", "desk.example", ""},
		"one of several, with spaces":                     {"a.example , desk.example:8443,b.example", "desk.example:8443", ""},
		"case and the dot at the end do not matter":       {"Desk.Example.", "desk.example", ""},
		"an address":                                      {"10.20.0.1:8080", "10.20.0.1:8080", ""},
		"an IPv6 address in another spelling":             {"[fd00:0::1]:8443", "[fd00::1]:8443", ""},
		"no annotation":                                   {"", "desk.example", "annotate it with governance.gemba.dev/allowed-hosts: desk.example"},
		"an annotation of spaces":                         {"  ", "desk.example", "annotate it"},
		"another host":                                    {"desk.example", "evil.example", "add evil.example to its annotation"},
		"another port of the host":                        {"desk.example", "desk.example:8443", "add desk.example:8443"},
		"a subdomain":                                     {"desk.example", "evil.desk.example", "add evil.desk.example"},
		"a name that only ends alike":                     {"desk.example", "evildesk.example", "add evildesk.example"},
		"a name that only begins alike":                   {"desk.example", "desk.example.evil", "add desk.example.evil"},
		"a wildcard allows nothing":                       {"*.example", "desk.example", "entry 1 of its annotation"},
		"a star allows nothing":                           {"*", "desk.example", "entry 1 of its annotation"},
		"a URL in place of a host allows nothing":         {"https://desk.example", "desk.example", "entry 1"},
		"credentials in front of a host allow nothing":    {"joe@desk.example", "desk.example", "entry 1"},
		"one malformed entry allows nothing":              {"desk.example,,b.example", "desk.example", "entry 2"},
		"a malformed port allows nothing":                 {"desk.example:https", "desk.example", "entry 1"},
		"more hosts than anybody reads":                   {strings.Repeat("a,", 64) + "desk.example", "desk.example", "more than 64"},
		"an annotation longer than anybody reads":         {strings.Repeat("a", 5000), "desk.example", "longer than 4096"},
		"a host that is none is asked for":                {"desk.example", "desk.example/evil", "the host to send the Secret to"},
		"an empty host is asked for":                      {"desk.example", "", "the host to send the Secret to"},
		"an international name has to be written in full": {"пример.example", "desk.example", "xn--"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			annotations := map[string]string{v1alpha1.AnnotationAllowedHosts: test.annotation}
			err := egress.SecretAllowsHost(annotations, test.host)
			if test.want == "" && err != nil {
				t.Fatal(err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Fatalf("%v, want %q", err, test.want)
			}
		})
	}
	if egress.SecretAllowsHost(nil, "desk.example") == nil {
		t.Error("a Secret without annotations may be sent")
	}
}

func TestSecretAllowsURL(t *testing.T) {
	tests := map[string]struct {
		annotation, url string
		want            string // empty: the Secret may be sent
	}{
		"https to a host that is listed":                           {"desk.example", "https://desk.example/hook", ""},
		"https to a port that is listed":                           {"desk.example:8443", "https://desk.example:8443", ""},
		"https to the default port, which is named":                {"desk.example:443", "https://desk.example", ""},
		"https to another host":                                    {"desk.example", "https://evil.example", "add evil.example to"},
		"http to a port that is listed":                            {"desk.example:80", "http://desk.example", ""},
		"http to an address and a port that are listed":            {"127.0.0.1:1234", "http://127.0.0.1:1234", ""},
		"http to a host that is listed for https":                  {"desk.example", "http://desk.example", "add desk.example:80 to"},
		"http to the port of https, which nobody named":            {"desk.example", "http://desk.example:443", "add desk.example:443 to"},
		"http to the port of https, which somebody named":          {"desk.example:443", "http://desk.example:443", ""},
		"http to a port that is named beside the host alone":       {"desk.example:443,desk.example", "http://desk.example:443", ""},
		"http to a port that is named before and after it":         {"desk.example,desk.example:443", "http://desk.example:443", ""},
		"no annotation, for http, where the port has to be named":  {"", "http://desk.example:443", "allowed-hosts: desk.example:443"},
		"no annotation, for https, where the host alone is enough": {"", "https://desk.example", "allowed-hosts: desk.example"},
		"what is no URL": {"desk.example", "desk.example", "must begin with https://"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := egress.SecretAllowsURL(map[string]string{v1alpha1.AnnotationAllowedHosts: test.annotation}, test.url)
			if test.want == "" && err != nil {
				t.Fatal(err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Fatalf("%v, want %q", err, test.want)
			}
		})
	}
}

// An annotation is untrusted: it never panics, and what it allows is spelled out in it.
func FuzzSecretAllowsHost(f *testing.F) {
	f.Add("desk.example, b.example:8443", "desk.example")
	f.Add("[::1]:1,[", "[::1]:1")
	f.Add(":,::,]:1", ":")
	f.Fuzz(func(t *testing.T, annotation, host string) {
		if egress.SecretAllowsHost(map[string]string{v1alpha1.AnnotationAllowedHosts: annotation}, host) != nil {
			return
		}
		name := strings.ToLower(host)
		if strings.HasPrefix(name, "[") {
			return // an IPv6 address has more than one spelling
		}
		name = strings.TrimSuffix(strings.Split(name, ":")[0], ".")
		if name == "" || !strings.Contains(strings.ToLower(annotation), name) {
			t.Fatalf("%q allows %q", annotation, host)
		}
	})
}
