package journal

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Facts are what a search knows of an answer. Every text is one line without control characters; lists have
// each entry once, in the order of the answer.
type Facts struct {
	Lang, Mode, Model   string
	Took                time.Duration // to the microsecond; 0: not known
	TokensIn, TokensOut int64         // of the language models that were asked for it
	Clauses, Documents  []string      // ids of what is cited
	Places              []string      // of what is cited, and those asked about
	Notices             []string      // kinds
	Text                string        // of the answer
}

// An answered is what FactsOf reads of an answer; see the JSON of bot.Answer.
type answered struct {
	Lang, Mode, Model, Fallback, Text string
	Ms                                struct{ Total float64 }
	Citations                         []struct {
		Clause struct {
			ID       string
			Document struct{ ID, Jurisdiction string }
		}
	}
	Notices []struct{ Kind string }
	Places  struct{ Others []string }
}

// A used is what one call of a model took.
type used struct {
	Usage struct {
		In  int64 `json:"tokens_in"`
		Out int64 `json:"tokens_out"`
	} `json:"usage"`
}

// A recorded is what FactsOf reads of a record; see the JSON of bot.Record.
type recorded struct {
	Evidence struct {
		Calls   []used
		Written struct{ Calls []used }
	}
}

// FactsOf gives the facts of an answer and its record. What cannot be read is as if it were not there.
func FactsOf(answer, record json.RawMessage) Facts {
	var a answered
	if len(answer) == 0 || json.Unmarshal(answer, &a) != nil {
		return Facts{}
	}
	f := Facts{Lang: Word(a.Lang), Mode: Word(a.Mode), Model: Word(a.Model), Text: a.Text}
	if ms := a.Ms.Total; ms > 0 && ms < 1e12 {
		f.Took = time.Duration(ms*1000+0.5) * time.Microsecond
	}
	if a.Fallback != "" {
		f.Mode = ModeFallback
	}
	for _, c := range a.Citations {
		f.Clauses = append(f.Clauses, c.Clause.ID)
		f.Documents = append(f.Documents, c.Clause.Document.ID)
		f.Places = append(f.Places, c.Clause.Document.Jurisdiction)
	}
	for _, n := range a.Notices {
		f.Notices = append(f.Notices, n.Kind)
	}
	f.Places = append(f.Places, a.Places.Others...)
	for _, list := range []*[]string{&f.Clauses, &f.Documents, &f.Places, &f.Notices} {
		*list = once(*list)
	}
	f.TokensIn, f.TokensOut = tokensOf(record)
	return f
}

// tokensOf sums up what models took, as a record tells it.
func tokensOf(record json.RawMessage) (in, out int64) {
	if !strings.Contains(string(record), `"tokens_in"`) { // most are long, and no model had a part
		return 0, 0
	}
	var r recorded
	if json.Unmarshal(record, &r) != nil {
		return 0, 0
	}
	for _, c := range slices.Concat(r.Evidence.Calls, r.Evidence.Written.Calls) {
		in += max(0, min(c.Usage.In, mostTokens))
		out += max(0, min(c.Usage.Out, mostTokens))
	}
	return in, out
}

// mostTokens bounds what one call is believed to have taken.
const mostTokens = 1 << 32

// once gives the entries of a list that are not empty, each once, as words.
func once(list []string) []string {
	var out []string
	for _, entry := range list {
		if entry = Word(entry); entry != "" && !slices.Contains(out, entry) {
			out = append(out, entry)
		}
	}
	return out
}

// Word gives a text as one line without control characters, each of which becomes a space.
func Word(text string) string {
	if !strings.ContainsFunc(text, control) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if control(r) {
			return ' '
		}
		return r
	}, text)
}

func control(r rune) bool { return r < ' ' || r == 0x7f }
