package export

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"policybot/bot"
)

// byJSON reads an answer as encoding/json does.
func byJSON(text string) answered {
	var a answered
	_ = json.Unmarshal([]byte(text), &a)
	return a
}

// wantSame wants an answer to be read as encoding/json reads it.
func wantSame(t *testing.T, text string) {
	t.Helper()
	if got, want := readAnswer([]byte(text)), byJSON(text); !reflect.DeepEqual(got, want) {
		t.Errorf("of %q\ngot  %+v\nwant %+v", text, got, want)
	}
}

const wholeAnswer = `{"id":"q","question":"\"a\" \\","lang":"zh","text":"第一行\n\"二\" \u8865\ud83d\ude00","sentences":[{"text":"}]","n":[1,[2]]}],"citations":[
	{"n":1,"clause":{"id":"a.1","text":"长{[\"","path":"三/(四)","document":{"id":"a","title":"办法","number":"1号","version":3,"places":["厦门"],"issued":null}},"quote":"引文","spans":[{}]},
	{"clause":{"id":"b","document":{"title":"t","version":-1}},"quote":""} ],"notices":[],"mode":"extractive","model":"m","prompt":"p","library":"f",
	"ms":{"retrieve":1,"total":12.5e1,"generate":0},"confidence":0.5,"sides":true,"searched":{"documents":5},"places":{}}`

// TestReadAnswer compares with encoding/json what is usual and what is odd.
func TestReadAnswer(t *testing.T) {
	if a := readAnswer([]byte(wholeAnswer)); a.Text != "第一行\n\"二\" 补😀" || a.Ms.Total != 125 || len(a.Citations) != 2 || a.Citations[0].Clause.Document.Version != 3 {
		t.Errorf("read %+v", a)
	}
	if s := (&scanner{text: []byte(wholeAnswer)}); s.answer(&answered{}) != nil {
		t.Error("what is usual is left to encoding/json")
	}
	own, err := json.Marshal(bot.Answer{Text: "a", Citations: []bot.Citation{{Quote: "b"}}, Notices: []bot.Notice{{}}})
	if err != nil {
		t.Fatal(err)
	}
	if s := (&scanner{text: own}); s.answer(&answered{}) != nil {
		t.Errorf("what the program writes is left to encoding/json: %s", own)
	}
	for _, text := range []string{
		string(own), "", "null", "[]", `"text"`, "{}", " {\n} ", "{", `{"text":"a"`, `{"text":"a"}}`, `{"text":"a"}x`, `{"text":3,"mode":"m"}`, `{"Text":"a"}`, `{"te\u0078t":"a"}`, `{"ſ":1,"text":"b"}`,
		`{"text":null}`, `{"text":"a","text":"b"}`, `{"citations":null}`, `{"citations":[]}`, `{"citations":[{}]}`, `{"citations":[null]}`, `{"citations":[{"quote":"a"}],"citations":[{}]}`,
		`{"citations":[{"quote":"a"}{"quote":"b"}]}`, `{"citations":[,{"quote":"a"}]}`, `{"citations":[{"quote":"a"},]}`, `{"ms":null}`, `{"ms":{"total":"1"}}`, `{"ms":{"total":}}`, `{"ms":{"total":1e999}}`, `{"ms":{"total":-1}}`,
		`{"citations":[{"clause":{"document":{"version":1.5}}}]}`, `{"citations":[{"clause":{"document":{"version":1e2}}}]}`, "{\"text\":\"a\nb\"}", "{\"text\":\"\xff\"}", `{"text":"\ud800"}`, `{"text":"\u003c\u003C\u00e9\b\f\r\t\/"}`, `{"text":"\x"}`, `{"text":"\u12"}`, `{"text":"\u+123"}`, `{"text":"\u00_1"}`, `{"text":"a\\u0041"}`, `{"text":"\\\\"}`, `{"text":"\\\""}`,
		wholeAnswer, strings.ReplaceAll(wholeAnswer, "zh", `\t`),
	} {
		wantSame(t, text)
	}
	for end := range len(wholeAnswer) {
		wantSame(t, wholeAnswer[:end])
	}
}

// TestReadAnswers compares random objects of the keys that count and others.
func TestReadAnswers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	keys := []string{"lang", "mode", "text", "library", "model", "prompt", "ms", "total", "citations", "clause", "id", "path", "document", "title", "number", "version", "quote", "other", "Text"}
	var value func(depth int) any
	value = func(depth int) any {
		n := r.IntN(9)
		switch {
		case depth > 0 && n < 3:
			out := map[string]any{}
			for range r.IntN(6) {
				out[keys[r.IntN(len(keys))]] = value(depth - 1)
			}
			return out
		case depth > 0 && n < 5:
			out := []any{}
			for range r.IntN(3) {
				out = append(out, value(depth-1))
			}
			return out
		case n < 6:
			return r.IntN(9) - 4
		case n == 6:
			return nil
		}
		return []string{"a", `"`, `\`, "补\n\t", "<&>\u2028", "\b\f\x01", `]}`, ""}[r.IntN(8)]
	}
	for range 20_000 {
		one := map[string]any{}
		for _, key := range keys {
			if r.IntN(2) == 0 {
				one[key] = value(4)
			}
		}
		text, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, string(text))
	}
}

// BenchmarkReadAnswer reads a long answer.
func BenchmarkReadAnswer(b *testing.B) {
	text := []byte(strings.Replace(wholeAnswer, "长", strings.Repeat("长文", 5_000), 1))
	for _, tt := range []struct {
		name string
		read func()
	}{{"scanner", func() { readAnswer(text) }}, {"json", func() { byJSON(string(text)) }}} {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				tt.read()
			}
		})
	}
}
