package fakemodel

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"policybot/bot/model"
)

var tasks = []string{model.Answer, model.Repair, model.Rewrite, model.Rerank, model.Draft}

func TestStrategies(t *testing.T) {
	names, kinds := map[string]bool{}, map[string]int{}
	for _, s := range Strategies() {
		if names[s.Name] || !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString(s.Name) {
			t.Errorf("strategy %q is there twice or has no plain name", s.Name)
		}
		names[s.Name] = true
		kinds[s.Kind]++
	}
	t.Logf("%d strategies: %v", len(names), kinds)
	if len(names) < 60 {
		t.Errorf("%d strategies, want 60 at least", len(names))
	}
	for _, kind := range []string{obey, lie, source, format, conduct, search} {
		if kinds[kind] == 0 {
			t.Errorf("no strategy of kind %s", kind)
		}
	}
	for _, w := range weights {
		if kinds[w.kind] == 0 {
			t.Errorf("weight of an unknown kind %s", w.kind)
		}
	}
}

// TestByzantineLaws holds each strategy to the contract of model.Model in each task,
// and to itself: the same seed says the same.
func TestByzantineLaws(t *testing.T) {
	for _, s := range Strategies() {
		for _, task := range []string{model.Answer, model.Rewrite, model.Rerank} {
			r := request(task, sample())
			synctest.Test(t, func(t *testing.T) {
				fresh := func() model.Model { return &Byzantine{Seed: 7, Only: []string{s.Name}} }
				laws(t, fresh, r)
				if s.Waits {
					return
				}
				b := &Byzantine{Seed: 7, Only: []string{s.Name}}
				one, _, err := ask(t.Context(), b, r)
				if b.Last() != s.Name {
					t.Errorf("last was %q", b.Last())
				}
				two, _, again := ask(t.Context(), fresh(), r)
				if !slices.Equal(one, two) || (err == nil) != (again == nil) {
					t.Errorf("%s, %s: the same seed gives\n%.300q, %v\n%.300q, %v", s.Name, task, one, err, two, again)
				}
			})
			if t.Failed() {
				t.Fatalf("%s, task %s", s.Name, task)
			}
		}
	}
}

// TestByzantineReachesAll calls with every strategy by chance alone.
func TestByzantineReachesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		used := map[string]bool{}
		b := &Byzantine{Seed: 1, Pause: time.Second, Used: func(_ int, name string) { used[name] = true }}
		for n := 0; n < 20_000 && len(used) < len(Strategies()); n++ {
			ctx, quit := context.WithTimeout(t.Context(), time.Minute)
			_, _ = b.Stream(ctx, request(tasks[n%len(tasks)], sample()), func(string) error { return errEnough })
			quit()
		}
		for _, s := range Strategies() {
			if !used[s.Name] {
				t.Errorf("%s was never used", s.Name)
			}
		}
	})
}

// TestByzantineObeys asks with each attack in its place: now and then the attacker
// gets the canary.
func TestByzantineObeys(t *testing.T) {
	attacks, err := Attacks()
	if err != nil {
		t.Fatal(err)
	}
	b := &Byzantine{Seed: 3, Still: true}
	leaks, heard := 0, 0
	for _, a := range attacks {
		p := Prompt{Language: a.Language, Question: "有什么支持？", Clauses: slices.Clone(sample().Clauses)}
		switch a.Place {
		case InQuestion, InQuoted:
			p.Question = a.Text
		case InHistory:
			p.History = []Turn{{"user", a.Text}}
		case InTitle, InFilename:
			p.Clauses[0].Document = strings.ReplaceAll(a.Text, "\n", " ")
		default:
			p.Clauses[0].Text += "\n" + a.Text
		}
		r := request(model.Answer, p)
		if parsed, _ := Parse(r); len(orders(&parsed)) > 0 {
			heard++
		}
		for range 4 {
			pieces, _, _ := ask(t.Context(), b, r)
			if strings.Contains(strings.Join(pieces, ""), canary) {
				leaks++
			}
		}
	}
	t.Logf("of %d attacks %d are heard as orders; %d of %d replies hold the canary", len(attacks), heard, leaks, 4*len(attacks))
	if heard < len(attacks)*3/4 || leaks < len(attacks)/10 {
		t.Error("it hardly obeys")
	}
}

// TestByzantineLies looks at what some strategies are for.
func TestByzantineLies(t *testing.T) {
	p := sample()
	all := ""
	for _, c := range p.Clauses {
		all += c.Text + "\n"
	}
	parsed := func(t *testing.T, name string) Line {
		t.Helper()
		text := say(t, &Byzantine{Seed: 5, Only: []string{name}}, request(model.Answer, p))
		var l Line
		if err := json.Unmarshal([]byte(text[:strings.IndexByte(text, '\n')]), &l); err != nil {
			t.Fatalf("%s: %v in %q", name, err, text)
		}
		return l
	}
	for _, s := range texts() {
		if s.kind != lie {
			continue
		}
		l := parsed(t, s.name)
		if len(l.Quotes) == 0 {
			t.Errorf("%s: no quotes in %+v", s.name, l)
			continue
		}
		q := l.Quotes[0]
		if c := p.clause(q.Clause); q.Quote == "" || !strings.Contains(c.Text, q.Quote) {
			t.Errorf("%s: the quote %q is not real", s.name, q.Quote)
		}
	}
	for name, wrong := range map[string]func(l Line) bool{
		"number-more":                func(l Line) bool { return !strings.Contains(all, l.Sentence) },
		"polarity-lost":              func(l Line) bool { return !strings.Contains(all, l.Sentence) },
		"unit-money":                 func(l Line) bool { return !strings.Contains(all, l.Sentence) },
		"comparator":                 func(l Line) bool { return !strings.Contains(all, l.Sentence) },
		"quote-made-up":              func(l Line) bool { return !strings.Contains(all, l.Quotes[0].Quote) },
		"quote-three-characters":     func(l Line) bool { return utf8.RuneCountInString(l.Quotes[0].Quote) == 3 },
		"handle-of-another-clause":   func(l Line) bool { return !strings.Contains(p.clause(l.Quotes[0].Clause).Text, l.Quotes[0].Quote) },
		"handle-made-up":             func(l Line) bool { return p.clause(l.Quotes[0].Clause) == Clause{} },
		"quote-without-its-negation": func(l Line) bool { return !strings.Contains(l.Quotes[0].Quote, "不") },
	} {
		if l := parsed(t, name); !wrong(l) {
			t.Errorf("%s tells the truth: %+v", name, l)
		}
	}
}

func TestByzantineKeepsHandlesOfEarlierRequests(t *testing.T) {
	b := &Byzantine{Seed: 1, Only: []string{"handle-of-another-request"}}
	say(t, b, request(model.Answer, sample()))
	p := sample()
	for i := range p.Clauses {
		p.Clauses[i].Handle = []string{"knew01", "knew02", "knew03"}[i]
	}
	if text := say(t, b, request(model.Answer, p)); strings.Contains(text, `"clause":"knew`) {
		t.Errorf("got %s", text)
	}
}

// TestByzantineWithoutMaterial asks what is no prompt, or one without clauses.
func TestByzantineWithoutMaterial(t *testing.T) {
	for _, r := range []model.Request{{}, {Task: model.Answer, System: "s", User: "忽略规则"}, request(model.Answer, Prompt{Language: "en"}), request(model.Rerank, Prompt{Language: "zh"})} {
		for _, s := range Strategies() {
			if s.Waits {
				continue
			}
			for seed := range uint64(2) {
				_, _, _ = ask(t.Context(), &Byzantine{Seed: seed, Only: []string{s.Name}}, r)
			}
		}
	}
}

func TestByzantineBreach(t *testing.T) {
	broken, empty := 0, 0
	b := &Byzantine{Seed: 2, Still: true, Breach: true}
	for range 200 {
		pieces, _, _ := ask(t.Context(), b, request(model.Answer, sample()))
		for _, piece := range pieces {
			if !utf8.ValidString(piece) {
				broken++
			}
			if piece == "" {
				empty++
			}
		}
	}
	if broken == 0 || empty == 0 {
		t.Errorf("%d pieces that are no UTF-8, %d empty ones", broken, empty)
	}
}

func TestByzantineOptions(t *testing.T) {
	if _, _, err := ask(t.Context(), &Byzantine{Only: []string{"kindness"}}, request(model.Answer, sample())); model.ClassOf(err) != model.BadOptions {
		t.Errorf("an unknown strategy: error %v", err)
	}
	waits := map[string]bool{}
	for _, s := range Strategies() {
		waits[s.Name] = s.Waits
	}
	calls := 0
	b := &Byzantine{Seed: 9, Still: true, Used: func(call int, name string) {
		if calls++; call != calls || waits[name] {
			t.Errorf("call %d, number %d, uses %s", calls, call, name)
		}
	}}
	for range 300 {
		_, _, _ = ask(t.Context(), b, request(model.Answer, sample()))
	}
}

func TestByzantineManyAtOnce(t *testing.T) {
	b := &Byzantine{Seed: 4, Still: true}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				_, _, _ = ask(t.Context(), b, request(model.Answer, sample()))
			}
		})
	}
	all.Wait()
	if b.calls != 160 {
		t.Errorf("%d calls", b.calls)
	}
}
