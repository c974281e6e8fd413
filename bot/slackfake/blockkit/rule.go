package blockkit

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A rule checks one JSON value that stands at a path.
type rule func(c *checker, at string, v any)

// A shape gives a rule for each field of an object.
type shape map[string]rule

// object takes an object with all fields of must, perhaps some of may, and no others. What binds
// fields to each other is in also, which runs when the fields alone are right.
func object(must, may shape, also ...func(c *checker, at string, o map[string]any)) rule {
	required := slices.Sorted(maps.Keys(must))
	return func(c *checker, at string, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.refuse(at, "must provide an object")
			return
		}
		for _, name := range required {
			if _, ok := o[name]; !ok {
				c.refuse(at, "missing required field: "+name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			r := must[name]
			if r == nil {
				r = may[name]
			}
			if r == nil {
				c.refuse(at, "invalid additional property: "+name)
				continue
			}
			r(c, at+"/"+name, o[name])
		}
		if c.problem == nil {
			for _, f := range also {
				f(c, at, o)
			}
		}
	}
}

// with joins shapes; of one name the last holds.
func with(shapes ...shape) shape {
	all := shape{}
	for _, s := range shapes {
		maps.Copy(all, s)
	}
	return all
}

// list takes an array of least to most items.
func list(least, most int, item rule) rule {
	return func(c *checker, at string, v any) {
		items, ok := v.([]any)
		switch {
		case !ok:
			c.refuse(at, "must provide an array")
			return
		case len(items) > most:
			c.refuse(at, fmt.Sprintf("no more than %d items allowed", most))
		case len(items) < least:
			c.refuse(at, fmt.Sprintf("no fewer than %d items allowed", least))
		}
		for i, it := range items {
			item(c, at+"/"+strconv.Itoa(i), it)
		}
	}
}

// byType takes an object whose type is a key of rules.
func byType(rules map[string]rule) rule {
	return func(c *checker, at string, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.refuse(at, "must provide an object")
			return
		}
		kind, ok := o["type"].(string)
		if !ok {
			c.refuse(at, "missing required field: type")
			return
		}
		r := rules[kind]
		if r == nil {
			c.refuse(at+"/type", "unsupported type: "+kind)
			return
		}
		r(c, at, v)
	}
}

// str takes a string of least to most characters.
func str(least, most int) rule {
	return func(c *checker, at string, v any) {
		s, ok := v.(string)
		n := utf8.RuneCountInString(s)
		switch {
		case !ok:
			c.refuse(at, "must provide a string")
		case n > most:
			c.refuse(at, fmt.Sprintf("must be less than %d characters", most+1))
		case n < least:
			c.refuse(at, fmt.Sprintf("must be more than %d characters", least-1))
		}
	}
}

// unlimited is for strings without a documented limit: what a message may hold at all.
const unlimited = 40_000

// read is a string that people see: it counts for the length of the whole message.
func read(least, most int) rule {
	inner := str(least, most)
	return func(c *checker, at string, v any) {
		inner(c, at, v)
		if s, ok := v.(string); ok {
			c.text += utf8.RuneCountInString(s)
		}
	}
}

func oneOf(values ...string) rule {
	return func(c *checker, at string, v any) {
		if s, ok := v.(string); !ok || !slices.Contains(values, s) {
			c.refuse(at, "must be one of: "+strings.Join(values, ", "))
		}
	}
}

func boolean(c *checker, at string, v any) {
	if _, ok := v.(bool); !ok {
		c.refuse(at, "must provide a boolean")
	}
}

// whole takes a whole number of least to most.
func whole(least, most int64) rule {
	return func(c *checker, at string, v any) {
		n, ok := v.(json.Number)
		i, err := n.Int64()
		if !ok || err != nil || i < least || i > most {
			c.refuse(at, fmt.Sprintf("must be a whole number from %d to %d", least, most))
		}
	}
}

func number(c *checker, at string, v any) {
	if _, ok := v.(json.Number); !ok {
		c.refuse(at, "must provide a number")
	}
}

// pattern takes a string that the expression matches.
func pattern(expr, what string) rule {
	re := regexp.MustCompile(expr)
	return func(c *checker, at string, v any) {
		if s, ok := v.(string); !ok || !re.MatchString(s) {
			c.refuse(at, "must be "+what)
		}
	}
}

// address takes a URL of at most most characters that leads to a host by http or https.
func address(most int) rule {
	inner := str(1, most)
	return func(c *checker, at string, v any) {
		inner(c, at, v)
		if s, ok := v.(string); ok && !leads(s) {
			c.refuse(at, "must be a valid URL")
		}
	}
}

func leads(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.ContainsAny(s, " \t\r\n")
}

// id takes an identifier of an element or block.
var id = str(1, 255)

// anything is for what is not checked.
func anything(*checker, string, any) {}

// plain, mrkdwn and text take text objects (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
func plain(most int) rule {
	return object(shape{"type": oneOf("plain_text"), "text": read(1, most)}, shape{"emoji": boolean})
}

func mrkdwn(most int) rule {
	return object(shape{"type": oneOf("mrkdwn"), "text": read(1, most)}, shape{"verbatim": boolean})
}

func text(most int) rule {
	return byType(map[string]rule{"plain_text": plain(most), "mrkdwn": mrkdwn(most)})
}

// needs refuses an object that has none of the fields, only if more than one when single.
func needs(single bool, names ...string) func(*checker, string, map[string]any) {
	return func(c *checker, at string, o map[string]any) {
		n := 0
		for _, name := range names {
			if _, ok := o[name]; ok {
				n++
			}
		}
		if n == 0 || single && n > 1 {
			c.refuse(at, "must define either `"+strings.Join(names, "` or `")+"`")
		}
	}
}
