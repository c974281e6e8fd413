package retrievaltest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"policybot/retrieval"
)

func put(t *testing.T, s retrieval.Store, want retrieval.Change, doc retrieval.Document, text string, clauses []retrieval.Clause) {
	t.Helper()
	change, err := s.Put(t.Context(), doc, text, clauses)
	if err != nil {
		t.Fatal(err)
	}
	if change != want {
		t.Fatalf("Put(%s) = %q, want %q", doc.ID, change, want)
	}
}

func documents(t *testing.T, s retrieval.Store) []retrieval.Document {
	t.Helper()
	docs, err := s.Documents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func clausesOf(t *testing.T, s retrieval.Store, id string) []retrieval.Clause {
	t.Helper()
	list, err := s.Clauses(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func lookup(t *testing.T, s retrieval.Store, ids ...string) []retrieval.Clause {
	t.Helper()
	list, err := s.Lookup(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func wantNotFound(t *testing.T, s retrieval.Store, id string) {
	t.Helper()
	if list, err := s.Clauses(t.Context(), id); !errors.Is(err, retrieval.ErrNotFound) {
		t.Errorf("Clauses(%q) = %v, %v; want ErrNotFound", id, list, err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %#v\nwant %#v", what, got, want)
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// fill sets every field of a struct to a value of its own that is not zero.
// It panics at a kind of field that it does not know.
func fill(v reflect.Value) {
	for i := range v.NumField() {
		field, name := v.Field(i), v.Type().Field(i).Name
		switch {
		case field.Kind() == reflect.String:
			field.SetString("值-" + name)
		case field.Kind() == reflect.Int:
			field.SetInt(int64(100 + i))
		case field.Kind() == reflect.Bool:
			field.SetBool(true)
		case field.Type() == reflect.TypeFor[map[string]string]():
			field.Set(reflect.ValueOf(map[string]string{name: "值"}))
		case field.Type() == reflect.TypeFor[[]string]():
			field.Set(reflect.ValueOf([]string{"值", name}))
		case field.Type() == reflect.TypeFor[[]retrieval.Mention]():
			field.Set(reflect.ValueOf([]retrieval.Mention{{Title: "值", Clause: name}, {Title: name}}))
		case field.Kind() == reflect.Struct:
			fill(field)
		default:
			panic(fmt.Sprintf("retrievaltest: cannot fill field %s of type %s", name, field.Type()))
		}
	}
}
