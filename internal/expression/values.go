package expression

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"google.golang.org/protobuf/types/known/structpb"
)

// Text evaluates the expression to a text. A whole number becomes its digits, because many systems name things by numbers.
// Errors are as those of Number.
func (p *Program) Text(ctx context.Context, variables map[string]any) (string, error) {
	value, err := p.evaluate(ctx, variables)
	if err != nil {
		return "", err
	}
	text, ok := asText(value)
	if !ok {
		return "", fmt.Errorf("the value is of the type %s and no text; convert it with string(...)", value.Type().TypeName())
	}
	return text, nil
}

func asText(value ref.Val) (text string, ok bool) {
	switch v := value.(type) {
	case types.String:
		return string(v), true
	case types.Int:
		return strconv.FormatInt(int64(v), 10), true
	case types.Uint:
		return strconv.FormatUint(uint64(v), 10), true
	case types.Double:
		// 2^53 is where doubles stop telling whole numbers apart.
		whole := int64(v)
		return strconv.FormatInt(whole, 10), float64(whole) == float64(v) && whole < 1<<53 && whole > -1<<53
	default:
		return "", false
	}
}

// Bool evaluates the expression to true or false. Errors are as those of Number.
func (p *Program) Bool(ctx context.Context, variables map[string]any) (bool, error) {
	value, err := p.evaluate(ctx, variables)
	if err != nil {
		return false, err
	}
	answer, isBool := value.(types.Bool)
	if !isBool {
		return false, fmt.Errorf("the value is of the type %s; write a condition that is true or false", value.Type().TypeName())
	}
	return bool(answer), nil
}

// JSON evaluates the expression to a value and writes it as JSON: without spaces, the fields of objects in alphabetical
// order, so that equal values are equal bytes. Errors are as those of Number.
func (p *Program) JSON(ctx context.Context, variables map[string]any) ([]byte, error) {
	value, err := p.evaluate(ctx, variables)
	if err != nil {
		return nil, err
	}
	native, err := value.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	made, isValue := native.(*structpb.Value)
	if err != nil || !isValue {
		return nil, errors.New("the value cannot be written as JSON; the fields of its objects must be texts")
	}
	return CanonicalJSON(made.AsInterface())
}

// CanonicalJSON writes what encoding/json has decoded: without spaces, fields in alphabetical order, "&" and "<" as they are.
func CanonicalJSON(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, errors.New("the value cannot be written as JSON")
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

// Fields evaluates the expression to a list of objects, and gives of each the fields that are texts or whole numbers. What
// is no object is left out. Errors are as those of Number.
func (p *Program) Fields(ctx context.Context, variables map[string]any) ([]map[string]string, error) {
	value, err := p.evaluate(ctx, variables)
	if err != nil {
		return nil, err
	}
	native, err := value.ConvertToNative(reflect.TypeFor[*structpb.ListValue]())
	list, isList := native.(*structpb.ListValue)
	if err != nil || !isList {
		return nil, errors.New("the value is no list of objects")
	}
	found := make([]map[string]string, 0, len(list.GetValues()))
	for _, element := range list.GetValues() {
		if object := element.GetStructValue(); object != nil {
			found = append(found, texts(object))
		}
	}
	return found, nil
}

func texts(object *structpb.Struct) map[string]string {
	fields := map[string]string{}
	for name, value := range object.GetFields() {
		if text, ok := asText(types.DefaultTypeAdapter.NativeToValue(value.AsInterface())); ok {
			fields[name] = text
		}
	}
	return fields
}
