package standin

import "strings"

// textsIn is a list of texts; false for anything else.
func textsIn(value any) ([]string, bool) {
	list, isList := value.([]any)
	if !isList {
		return nil, false
	}
	texts := make([]string, 0, len(list))
	for _, item := range list {
		text, isText := item.(string)
		if !isText {
			return nil, false
		}
		texts = append(texts, text)
	}
	return texts, true
}

// nested is a text in an object that is a field of an object; empty where there is none.
func nested(fields map[string]any, outer, inner string) string {
	within, _ := fields[outer].(map[string]any)
	text, _ := within[inner].(string)
	return text
}

// isBlank is true for what counts as left out.
func isBlank(value any) bool {
	switch typed := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(typed) == ""
	case []any:
		return len(typed) == 0
	default:
		return false
	}
}

// listOf is a list that JSON shows as one, also where it is empty.
func listOf(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

// emptyAsNull is a text, or null where it is empty.
func emptyAsNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
