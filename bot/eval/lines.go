package eval

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"
)

// maxLine is the longest line that is read, in bytes.
const maxLine = 16 << 20

// readLines parses a text line by line. Blank lines are skipped, as is a byte
// order mark at the beginning. The sequence ends after the first error, which
// names its line.
func readLines[T any](r io.Reader, parse func(line []byte, number int) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		scanner := bufio.NewScanner(r)
		scanner.Buffer(nil, maxLine)
		number := 0
		for scanner.Scan() {
			number++
			line := scanner.Bytes()
			if number == 1 {
				line = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			if !utf8.Valid(line) {
				yield(none, fmt.Errorf("line %d: not UTF-8 text", number))
				return
			}
			value, err := parse(line, number)
			if err != nil {
				yield(none, fmt.Errorf("line %d: %w", number, err))
				return
			}
			if !yield(value, nil) {
				return
			}
		}
		if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(none, fmt.Errorf("line %d: longer than %d MiB", number+1, maxLine>>20))
		} else if err != nil {
			yield(none, fmt.Errorf("line %d: %w", number+1, err))
		}
	}
}

// Collect gathers a sequence into a slice. It stops at the first error and
// returns it with what came before it.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var values []T
	for value, err := range seq {
		if err != nil {
			return values, err
		}
		values = append(values, value)
	}
	return values, nil
}

// A firstLines remembers where each id was first seen.
type firstLines map[string]int

// add refuses an id that is empty or was seen before; key is the name of the
// field that holds it.
func (f firstLines) add(key, id string, number int) error {
	if id == "" {
		return fmt.Errorf("%q is missing or empty; every line needs one of its own", key)
	}
	if first, ok := f[id]; ok {
		return fmt.Errorf("%q %q stands on line %d already; every line needs one of its own", key, id, first)
	}
	f[id] = number
	return nil
}
