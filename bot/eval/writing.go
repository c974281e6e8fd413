package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/generate"
	"policybot/retrieval/metrics"
)

// A Written is how a model wrote one answer, or why it did not.
type Written struct {
	Mode      string  `json:"mode"`               // of the answer
	Fallback  string  `json:"fallback,omitempty"` // why it is extractive although a model was asked
	Rewritten bool    `json:"rewritten"`          // words of the model were searched for
	Kept      int     `json:"kept"`               // sentences
	Replaced  int     `json:"replaced"`           // by their quotes
	Dropped   int     `json:"dropped"`            //
	Calls     int     `json:"calls"`              // of the model
	TokensIn  int     `json:"tokens_in"`          //
	TokensOut int     `json:"tokens_out"`         //
	FirstMs   float64 `json:"first_ms"`           // until the first piece of the first call; 0: there was none
	Ms        float64 `json:"ms"`                 // all that writing took
}

// written is how an answer was written; nil where no model was asked.
func written(a bot.Answer, x bot.Explanation) *Written {
	if x.Evidence == nil || x.Evidence.Written == nil && len(x.Evidence.Calls) == 0 {
		return nil
	}
	w := &Written{Mode: a.Mode, Fallback: a.Fallback, Rewritten: len(x.Evidence.Words) > 0, Ms: a.Ms.Generate}
	calls := x.Evidence.Calls
	if t := x.Evidence.Written; t != nil {
		calls = append(slices.Clone(calls), t.Calls...)
		for _, v := range t.Verdicts {
			switch v.Fate {
			case generate.Kept:
				w.Kept++
			case generate.Replaced:
				w.Replaced++
			default:
				w.Dropped++
			}
		}
		if len(t.Calls) > 0 {
			w.FirstMs = float64(t.Calls[0].Usage.First) / float64(time.Millisecond)
		}
	}
	for _, c := range calls {
		w.Calls++
		w.TokensIn += c.Usage.TokensIn
		w.TokensOut += c.Usage.TokensOut
	}
	return w
}

// WritingFigures add up how a model wrote the answers of a run.
type WritingFigures struct {
	Asked      int            `json:"asked"`      // questions for which a model was asked
	Generative Share          `json:"generative"` // of the answers to them: the model's
	Whole      Share          `json:"whole"`      // of the answers to them: the model's with every sentence that it wrote
	Fallbacks  map[string]int `json:"fallbacks"`  // why answers are extractive
	Rewritten  int            `json:"rewritten"`  //
	Kept       Share          `json:"kept"`       // of the sentences that the model wrote
	Calls      int            `json:"calls"`      //
	TokensIn   int            `json:"tokens_in"`  //
	TokensOut  int            `json:"tokens_out"` //
	FirstMsP50 float64        `json:"first_ms_p50"`
	FirstMsP95 float64        `json:"first_ms_p95"`
	MsP50      float64        `json:"ms_p50"`
	MsP95      float64        `json:"ms_p95"`
}

// writingFigures adds verdicts up; nil where no model was asked.
func writingFigures(verdicts []Verdict) *WritingFigures {
	f := WritingFigures{Fallbacks: map[string]int{}}
	var first, all []float64
	for _, v := range verdicts {
		w := v.Written
		if w == nil {
			continue
		}
		f.Asked++
		if v.Outcome == bot.Answered {
			f.Generative.count(w.Mode == bot.ModeGenerative)
			f.Whole.count(w.Mode == bot.ModeGenerative && w.Replaced+w.Dropped == 0)
		}
		if w.Fallback != "" {
			f.Fallbacks[w.Fallback]++
		}
		if w.Rewritten {
			f.Rewritten++
		}
		f.Kept.add(w.Kept, w.Kept+w.Replaced+w.Dropped)
		f.Calls, f.TokensIn, f.TokensOut = f.Calls+w.Calls, f.TokensIn+w.TokensIn, f.TokensOut+w.TokensOut
		if w.FirstMs > 0 {
			first = append(first, w.FirstMs)
		}
		all = append(all, w.Ms)
	}
	if f.Asked == 0 {
		return nil
	}
	f.FirstMsP50, f.FirstMsP95 = metrics.Percentile(first, 50), metrics.Percentile(first, 95)
	f.MsP50, f.MsP95 = metrics.Percentile(all, 50), metrics.Percentile(all, 95)
	return &f
}

// write prints what the model did.
func (f *WritingFigures) write(b *strings.Builder) {
	var t table
	t.labels = 3
	t.row("written by the model", f.Generative.fraction(), f.Generative.percent(), "of answers for which it was asked")
	t.row("with every sentence", f.Whole.fraction(), f.Whole.percent(), "of answers for which it was asked")
	t.row("sentences kept", f.Kept.fraction(), f.Kept.percent(), "of those that it wrote")
	b.WriteString("\n")
	t.write(b)
	for _, why := range slices.Sorted(maps.Keys(f.Fallbacks)) {
		fmt.Fprintf(b, "not the model's, %s: %d\n", why, f.Fallbacks[why])
	}
	fmt.Fprintf(b, "searched for words of the model: %d; calls: %d, tokens: %d in, %d out\n", f.Rewritten, f.Calls, f.TokensIn, f.TokensOut)
	fmt.Fprintf(b, "first piece: %.0f ms p50, %.0f ms p95; writing: %.0f ms p50, %.0f ms p95\n", f.FirstMsP50, f.FirstMsP95, f.MsP50, f.MsP95)
}
