package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// call is one request, read.
type call struct {
	request *http.Request
	body    []byte
	now     time.Time
	// named is what the names in the pattern of the route stand for.
	named map[string]string
}

// base is the root of the stand-in as the client sees it.
func (c call) base() string { return "http://" + c.request.Host }

// query is one query parameter.
func (c call) query(name string) string { return c.request.URL.Query().Get(name) }

// here is the URL of the request, with some query parameters replaced.
func (c call) here(replaced map[string]string) string {
	query := c.request.URL.Query()
	for name, value := range replaced {
		query.Set(name, value)
	}
	return c.base() + c.request.URL.EscapedPath() + "?" + query.Encode()
}

// onlyQuery refuses query parameters that the endpoint has not, or that the stand-in does not know.
func (c call) onlyQuery(known ...string) error {
	for name := range c.request.URL.Query() {
		if !slices.Contains(known, name) {
			return stricter(fmt.Sprintf("the query parameter %q is not known here", name))
		}
	}
	return nil
}

// number reads a query parameter that is a number of at least zero; -1 where it is absent.
func (c call) number(name string) (int, error) {
	text := c.query(name)
	if text == "" {
		return -1, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 {
		return 0, stricter(fmt.Sprintf("the query parameter %s is %q, which is no number", name, text))
	}
	return number, nil
}

// timeIn reads a query parameter that is a time; the zero time where it is absent.
func timeIn(c call, name string) (time.Time, error) {
	text := c.query(name)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, stricter(fmt.Sprintf("the query parameter %s is %q, which is no time", name, text))
	}
	return at, nil
}

var errTrailing = errors.New("something follows the JSON value")

// decode reads a body into a value that names all fields that may be there.
func (c call) decode(into any) error {
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("reading the body: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the body: %w", errTrailing)
	}
	return nil
}

// read is decode, whose failure is a refusal by the stand-in: the vendor may ignore what is unknown.
func (c call) read(into any) error {
	if err := c.decode(into); err != nil {
		return stricter(err.Error())
	}
	return nil
}

// isJSON says whether the body is JSON at all.
func (c call) isJSON() bool { return json.Valid(c.body) }
