package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"policybot/bot"
	"policybot/bot/eval"
	"policybot/retrieval/retrievaltest"
)

func main() {
	lib, err := retrievaltest.Seeds(context.Background())
	if err != nil {
		panic(err)
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	d := &bot.Desk{Library: lib, Now: func() time.Time { return day }}
	enc := json.NewEncoder(os.Stdout)
	for _, f := range os.Args[1:] {
		r, _ := os.Open(f)
		qs, err := eval.ReadQuestions(r)
		if err != nil {
			panic(err)
		}
		for i, q := range qs {
			a, x, err := d.Explain(context.Background(), q.Ask())
			if err != nil {
				panic(err)
			}
			var hits []map[string]any
			for _, h := range x.Hits {
				gold, rel := -1, false
				for gi, g := range q.Gold {
					if eval.CiteHit(g, h.Clause.Document.Source, h.Clause.Text) {
						gold = gi
					}
				}
				for _, g := range q.Related {
					rel = rel || eval.CiteHit(g, h.Clause.Document.Source, h.Clause.Text)
				}
				hits = append(hits, map[string]any{"id": h.Clause.ID, "cov": h.Coverage, "score": h.Score, "gold": gold, "rel": rel, "cited": h.Cited})
			}
			unknown, all := 0.0, 0.0
			if len(x.Evidence.Sides) > 0 {
				for _, c := range x.Evidence.Sides[0].Concepts {
					all += c.Weight
					if c.Unknown {
						unknown += c.Weight
					}
				}
			}
			enc.Encode(map[string]any{"set": f, "i": i, "id": q.ID, "q": q.Text, "expect": q.Expect, "type": q.Type, "ngold": len(q.Gold), "all": q.AllRequired, "outcome": a.Outcome, "reason": a.Reason, "hits": hits, "u": x.Understanding, "unk": unknown, "w": all, "concepts": x.Evidence.Sides})
		}
	}
	fmt.Fprint(os.Stderr, "")
}
