package schema

import (
	"encoding/json"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// Values that API servers have taken and Go could not decode, or not in bearable time, and their kin. A json.Number
// goes over the wire as it is written.
var (
	hostileAnywhere = []any{
		nil, absent{}, "", "null", true, json.Number("-0"), json.Number("1e400"), map[string]any{}, []any{},
		map[string]any{"a": "b"}, []any{nil}, "\ufffd\u0000", strings.Repeat("漢", 300),
	}
	hostileTimes = []any{
		"2026-01-02t03:04:05Z", "2026-01-02T03:04:05z", "2026-01-02T03:04:05+99:99", "2026-01-02T03:04:05+24:00",
		"2026-01-02T03:04:05-00:60", "2026-02-30T00:00:00Z", "2025-02-29T12:00:00Z", "2026-04-31T00:00:00+05:45",
		"2026-01-02T24:00:00Z", "2026-01-02T23:59:60Z", "2026-01-02 03:04:05Z", "2026-01-02T03:04:05",
		"2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05.Z", "2026-1-2T3:4:5Z",
		"0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "-001-01-01T00:00:00Z",
		"2026-01-02", "1767323045", json.Number("1767323045"), "2026-01-02T03:04:05Z\n", " 2026-01-02T03:04:05Z",
		"٢٠٢٦-01-02T03:04:05Z",
	}
	hostileTexts = []any{
		"30d", "9999999999h", "999999h999999m999999s", "1e1.5", "1e1000000", "1e-1000000", "0x10", "+1", "١", "NaN", "Inf",
		"-9223372036854775809", "P0D", "P400Y", "P-1D", "PT1H", "P99Y999M999W9999D", "2026-02-30", "2026-13-01", "24:00",
		"../../etc/passwd", "http://[::1", "https://a b", "http://\u0000", "javascript:alert(1)", "\u202eevil", "a\r\nb: c",
		json.Number("12"), json.Number("1.5"),
	}
	hostileNumbers = []any{
		json.Number("2147483647"), json.Number("2147483648"), json.Number("-2147483649"), json.Number("4294967296"),
		json.Number("9223372036854775807"), json.Number("9223372036854775808"), json.Number("18446744073709551616"),
		json.Number("1.0"), json.Number("1.5"), json.Number("1e3"), json.Number("1e20"), json.Number("1E-7"),
		json.Number("999999999999"), json.Number("1000000000000"), json.Number("0.1234567"), json.Number("-1"),
		json.Number("100000000000000000000000000000000000000000"), "5", "5.0", " 5", "1e1.5", "1e1000000",
		"999999999999.999999", "1000000000000", "00", "-",
	}
)

// hostileValues are those that aim at what the schema describes.
func hostileValues(s *apiextensionsv1.JSONSchemaProps) []any {
	values := append([]any{}, hostileAnywhere...)
	switch {
	case s.XIntOrString || s.Type == "integer":
		values = append(values, hostileNumbers...)
	case s.Format == "date-time":
		// Many of the same, so that most of what is spoilt here is spoilt by a time.
		values = append(append(values, hostileTimes...), hostileTimes...)
	case s.Type == "string":
		values = append(append(values, hostileTexts...), hostileTimes...)
		if s.MaxLength != nil && *s.MaxLength < 70000 {
			values = append(values, strings.Repeat("a", int(*s.MaxLength)), strings.Repeat("a", int(*s.MaxLength)+1))
		}
	}
	return values
}
