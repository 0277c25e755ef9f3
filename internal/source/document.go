package source

import (
	"encoding/json"
	"errors"
)

// maxDepth bounds how deep objects and lists of a reply stand within each other.
const maxDepth = 64

// decode reads a document in JSON. Its numbers are doubles. Errors continue the sentence "the answer ..." and show nothing
// of it.
func decode(body []byte) (any, error) {
	if deeper(body, maxDepth) {
		return nil, errors.New("has more than 64 levels")
	}
	var document any
	err := json.Unmarshal(body, &document)
	var outOfRange *json.UnmarshalTypeError
	if errors.As(err, &outOfRange) {
		return nil, errors.New("holds a number that is too large")
	}
	if err != nil {
		return nil, errors.New("is not JSON")
	}
	return document, nil
}

// deeper says whether a document has more than so many levels. It counts brackets outside texts and needs no valid JSON:
// what it counts wrongly does not decode.
func deeper(body []byte, most int) bool {
	depth, inText, escaped := 0, false, false
	for _, letter := range body {
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped = letter == '\\'
			inText = letter != '"'
		case letter == '"':
			inText = true
		case letter == '{' || letter == '[':
			depth++
		case letter == '}' || letter == ']':
			depth--
		}
		if depth > most {
			return true
		}
	}
	return false
}
