package sqlite

import (
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// An instant keeps a time in a column of microseconds since 1970. The zero
// time is the first moment of year 1, which is before every other.
type instant struct{ t *time.Time }

// Value implements driver.Valuer.
func (i instant) Value() (driver.Value, error) { return i.t.UnixMicro(), nil }

// Scan implements sql.Scanner. The time is in UTC.
func (i instant) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("column holds %T, want a number", src)
	}
	*i.t = time.UnixMicro(n).UTC()
	return nil
}

// exact gives t as it comes back from a column.
func exact(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// A list keeps a slice as JSON in a text column, null when it is nil.
type list[T any] struct{ v *[]T }

// Value implements driver.Valuer.
func (l list[T]) Value() (driver.Value, error) {
	if *l.v == nil {
		return "null", nil
	}
	return jsonText(*l.v)
}

// Scan implements sql.Scanner.
func (l list[T]) Scan(src any) error {
	*l.v = nil
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("column holds %T, want text", src)
	}
	if s == "null" {
		return nil
	}
	return json.Unmarshal([]byte(s), l.v)
}

// A raw keeps JSON in a text column, "" when there is none.
type raw struct{ v *json.RawMessage }

// Value implements driver.Valuer.
func (r raw) Value() (driver.Value, error) { return string(*r.v), nil }

// Scan implements sql.Scanner.
func (r raw) Scan(src any) error {
	*r.v = nil
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("column holds %T, want text", src)
	}
	if s != "" {
		*r.v = json.RawMessage(s)
	}
	return nil
}

// A blob keeps bytes in a column, NULL when there are none.
type blob struct{ v *[]byte }

// Value implements driver.Valuer.
func (b blob) Value() (driver.Value, error) {
	if len(*b.v) == 0 {
		return nil, nil
	}
	return *b.v, nil
}

// Scan implements sql.Scanner. The bytes are the caller's own.
func (b blob) Scan(src any) error {
	*b.v = nil
	switch s := src.(type) {
	case nil:
	case []byte:
		*b.v = append(*b.v, s...)
	default:
		return fmt.Errorf("column holds %T, want bytes", src)
	}
	return nil
}

// jsonText gives v as JSON.
func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// reference gives the seq of a row that is referred to, NULL when there is none.
func reference(seq int64) sql.NullInt64 { return sql.NullInt64{Int64: seq, Valid: seq != 0} }

// Kinds of key.
const (
	deliveryKey = "delivery"
	contentKey  = "content"
)

// keyHash stands for a key, which may hold personal data.
func keyHash(channel, kind, key string) []byte {
	sum := sha256.Sum256([]byte(channel + "\x00" + kind + "\x00" + key))
	return sum[:]
}

// A table keeps a map as JSON in a text column, null when it is nil.
type table[K comparable, V any] struct{ v *map[K]V }

// Scan implements sql.Scanner.
func (m table[K, V]) Scan(src any) error {
	*m.v = nil
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("column holds %T, want text", src)
	}
	return json.Unmarshal([]byte(s), m.v)
}
