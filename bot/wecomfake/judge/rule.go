package judge

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A checker goes through one card and keeps the first problem and the first piece of advice that is not followed.
type checker struct {
	surface         Surface
	update          bool // the card takes the place of another
	problem, advice *Problem
}

func (c *checker) refuse(at, text string) { c.refuseAs(codeParameter, at, text) }

func (c *checker) refuseAs(code int, at, text string) {
	if c.problem == nil {
		c.problem = &Problem{Code: code, Path: at, Text: text}
	}
}

func (c *checker) advise(at, text string) {
	if c.advice == nil {
		c.advice = &Problem{Code: codeParameter, Path: at, Text: text, Advice: true}
	}
}

// A rule checks one JSON value that stands at a path.
type rule func(c *checker, at string, v any)

// A shape gives a rule for each field of an object.
type shape map[string]rule

// with joins shapes; of one name the last holds.
func with(shapes ...shape) shape {
	all := shape{}
	for _, s := range shapes {
		maps.Copy(all, s)
	}
	return all
}

// object takes an object with all fields of must, perhaps some of may, and no others. What binds fields to each
// other is in also.
func object(must, may shape, also ...func(c *checker, at string, o map[string]any)) rule {
	return func(c *checker, at string, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.refuse(at, "no object")
			return
		}
		for _, name := range slices.Sorted(maps.Keys(must)) {
			if _, ok := o[name]; !ok {
				c.refuse(at, "missing: "+name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			r := must[name]
			if r == nil {
				r = may[name]
			}
			if r == nil {
				c.refuse(at, "not known here: "+name)
				continue
			}
			r(c, at+"/"+name, o[name])
		}
		for _, f := range also {
			f(c, at, o)
		}
	}
}

// list takes an array of least to most items.
func list(least, most int, item rule) rule {
	return func(c *checker, at string, v any) {
		items, ok := v.([]any)
		if !ok || len(items) < least || len(items) > most {
			c.refuse(at, fmt.Sprintf("no array of %d to %d items", least, most))
			return
		}
		for i, it := range items {
			item(c, at+"/"+strconv.Itoa(i), it)
		}
	}
}

// distinct refuses two items of a list with the same value of a field.
func distinct(name, field string) func(*checker, string, map[string]any) {
	return func(c *checker, at string, o map[string]any) {
		seen := map[string]bool{}
		for i, it := range arr(o[name]) {
			value := get(obj(it), field)
			if value != "" && seen[value] {
				c.refuse(fmt.Sprintf("%s/%s/%d/%s", at, name, i, field), "there before: "+value)
			}
			seen[value] = true
		}
	}
}

// words takes a text that people see, which may be empty; it should have at most most characters. 0 is no limit.
func words(most int) rule {
	return func(c *checker, at string, v any) {
		s, ok := v.(string)
		n := utf8.RuneCountInString(s)
		switch {
		case !ok:
			c.refuse(at, "no string")
		case strings.ContainsFunc(s, forbidden):
			c.refuseAs(codeSigns, at, "control characters")
		case most > 0 && n > most:
			c.advise(at, fmt.Sprintf("%d characters, at most %d are advised", n, most))
		}
	}
}

// filled takes what words takes, if there is something to see.
func filled(most int) rule {
	inner := words(most)
	return func(c *checker, at string, v any) {
		inner(c, at, v)
		if s, ok := v.(string); ok && blank(s) {
			c.refuse(at, "empty")
		}
	}
}

// short takes a string of 1 to most bytes that people do not see.
func short(most int) rule {
	return func(c *checker, at string, v any) {
		if s, ok := v.(string); !ok || s == "" || len(s) > most || strings.ContainsFunc(s, forbidden) {
			c.refuse(at, fmt.Sprintf("no string of 1 to %d bytes", most))
		}
	}
}

// task takes a task_id.
func task(c *checker, at string, v any) {
	s, ok := v.(string)
	odd := strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !strings.ContainsRune("_-@", r)
	})
	if !ok || s == "" || len(s) > 128 || odd {
		c.refuseAs(codeTask, at, "no 1 to 128 digits, letters, _, - and @")
	}
}

// address takes a URL that leads to a host by http or https. Of the app's text card it is known to have at most
// 2,048 bytes.
func address(c *checker, at string, v any) {
	s, _ := v.(string)
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(s) > 2048 ||
		strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || forbidden(r) || strings.ContainsRune(`<>"\`, r) }) {
		c.refuse(at, "no address of http or https")
	}
}

// whole takes one of some whole numbers.
func whole(values ...int64) rule {
	return func(c *checker, at string, v any) {
		if n, ok := integer(v); !ok || !slices.Contains(values, n) {
			c.refuse(at, fmt.Sprintf("none of %v", values))
		}
	}
}

func boolean(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.refuse(at, "neither true nor false")
	}
}

// on lets a rule hold on some surfaces; on others the field is not known.
func on(r rule, surfaces ...Surface) rule {
	return func(c *checker, at string, v any) {
		if !slices.Contains(surfaces, c.surface) {
			c.refuse(at, "not known on surface "+string(c.surface))
			return
		}
		r(c, at, v)
	}
}

// updating lets a rule hold where a card takes the place of another.
func updating(r rule) rule {
	return func(c *checker, at string, v any) {
		if !c.update {
			c.refuse(at, "only where a card is updated")
		}
		r(c, at, v)
	}
}

// integer gives a whole number.
func integer(v any) (int64, bool) {
	n, ok := v.(json.Number)
	i, err := n.Int64()
	return i, ok && err == nil
}

// obj, arr and get read what may be anything.
func obj(v any) map[string]any { o, _ := v.(map[string]any); return o }

func arr(v any) []any { a, _ := v.([]any); return a }

func get(o map[string]any, name string) string { s, _ := o[name].(string); return s }

func kindOf(o map[string]any) int64 { n, _ := integer(o["type"]); return n }
