package guard

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"policybot/bot/grounding"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// Names returns the places, bodies and programmes that sentences about the
// clauses may name rightly or wrongly: those of the glossary of retrieval/bridge
// that are proper names, the departments, issuers and jurisdictions of the
// clauses with their translations and short forms, the titles and aliases of
// their documents, and what stands in 《…》, “…” and 「…」 in their texts and reads
// as a name. It is to be built once for a library, which takes milliseconds; no
// clauses give the names of the glossary alone.
func Names(clauses []retrieval.Clause) *grounding.Names {
	b := namesBuilder{bodies: map[string][]string{}, entries: glossary()}
	b.proper()
	titles := map[string][]string{}
	quoted := map[string]bool{}
	for _, c := range clauses {
		for _, d := range c.Departments {
			b.body(d)
		}
		d := c.Document
		b.body(d.Issuer)
		b.place(d.Jurisdiction)
		if titles[d.ID] == nil && d.Title != "" {
			titles[d.ID] = append([]string{d.Title}, d.Aliases...)
		}
		for _, m := range inQuotes.FindAllStringSubmatch(c.Text, -1) {
			if name := m[1]; named(name) {
				quoted[name] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(titles)) {
		b.add(grounding.Programme, titles[id])
	}
	for _, name := range slices.Sorted(maps.Keys(quoted)) {
		b.add(grounding.Programme, []string{name})
	}
	for _, key := range slices.Sorted(maps.Keys(b.bodies)) {
		b.add(grounding.Body, b.bodies[key])
	}
	return grounding.NewNames(b.out...)
}

var inQuotes = regexp.MustCompile(`[“「]([^“”「」,，。;；:：]{2,20})[”」]`)

// endings of the names of programmes; other words in quotation marks are figures
// of speech.
var programmeEnds = strings.Fields("工程 计划 行动 专项 项目 园 基金 平台 奖 研究院 目录 catalog catalogue program programme plan project")

func named(s string) bool {
	return slices.ContainsFunc(programmeEnds, func(end string) bool { return strings.HasSuffix(strings.ToLower(s), end) })
}

type namesBuilder struct {
	out     []grounding.Name
	bodies  map[string][]string // by level and entry of the glossary, or by themselves
	entries map[string]*glossed
}

// A glossed is an entry of the glossary.
type glossed struct {
	file    string
	chinese []string
	english []string
}

// glossary returns the entries of places and bodies by file:line. Nobody changes it.
var glossary = sync.OnceValue(func() map[string]*glossed {
	g := bridge.Translations()
	out := map[string]*glossed{}
	for _, form := range g.Forms() {
		for _, t := range g.Translate(form) {
			file, _, _ := strings.Cut(path.Base(t.Entry), ":")
			if file != "zh-en-places.txt" && file != "zh-en-bodies.txt" {
				continue
			}
			e := out[t.Entry]
			if e == nil {
				e = &glossed{file: file}
				out[t.Entry] = e
			}
			if t.Chinese {
				e.chinese = append(e.chinese, t.Form)
			} else {
				e.english = append(e.english, t.Form)
			}
		}
	}
	return out
})

// common are names of the country and of what is in or out of it, which no
// sentence gets wrong by another word for it.
var common = strings.Fields("中国 我国 国内 境内 境外 国外 海外 全国 内地 大陆 首都 本市 全市 公司 企业 政府")

// proper adds the entries of the glossary that are proper names: those with an
// English form in capitals.
func (b *namesBuilder) proper() {
	for _, key := range slices.Sorted(maps.Keys(b.entries)) {
		e := b.entries[key]
		capital := slices.ContainsFunc(e.english, func(s string) bool {
			words := strings.Fields(s)
			return unicode.IsUpper([]rune(s)[0]) && (len(words) > 1 || strings.ToUpper(s) != s)
		})
		if !capital || slices.ContainsFunc(e.chinese, func(s string) bool { return slices.Contains(common, s) }) {
			continue
		}
		kind := grounding.Body
		if e.file == "zh-en-places.txt" {
			kind = grounding.Place
		}
		b.add(kind, slices.Concat(e.chinese, e.english))
	}
}

func (b *namesBuilder) add(kind string, forms []string) {
	b.out = append(b.out, grounding.Name{Kind: kind, Forms: forms})
}

func (b *namesBuilder) place(name string) {
	if name == "" {
		return
	}
	forms := []string{name}
	for _, e := range b.entries {
		if e.file == "zh-en-places.txt" && slices.Contains(e.chinese, name) {
			return // proper has it
		}
	}
	if short := strings.TrimRight(name, "省市"); len([]rune(short)) > 1 && short != name {
		forms = append(forms, short)
	}
	b.add(grounding.Place, forms)
}

// levels are how the name of a body of some level begins, in Chinese and English.
var levels = []struct {
	level   string
	chinese []string
	english []string
}{
	{"市", []string{"市", "北京市", "厦门市"}, []string{"Municipal ", "Beijing Municipal ", "Xiamen Municipal "}},
	{"省", []string{"省"}, []string{"Provincial "}},
	{"区", []string{"区"}, []string{"District "}},
	{"国家", []string{"国家"}, []string{"National ", "State "}},
}

// body adds a body that is called by its level and a name of the glossary, with
// the same level before the other names: 市科委 is 市科技局 and Municipal Science
// and Technology Commission. A body that no entry has stands for itself.
func (b *namesBuilder) body(name string) {
	name = strings.TrimSpace(name)
	if len([]rune(name)) < 3 || slices.Contains(common, name) {
		return
	}
	for _, l := range levels {
		for _, prefix := range slices.Concat(l.chinese, l.english) {
			rest, ok := strings.CutPrefix(name, prefix)
			if !ok {
				continue
			}
			if key, e := b.entry(rest); e != nil {
				b.bodies[l.level+key] = append(b.leveled(l.chinese, l.english, e), name)
				return
			}
		}
	}
	b.bodies[name] = []string{name}
}

// entry finds the entry of the glossary that a name of a body stands in.
func (b *namesBuilder) entry(name string) (string, *glossed) {
	for _, t := range bridge.Translations().Translate(name) {
		if e := b.entries[t.Entry]; e != nil && e.file == "zh-en-bodies.txt" {
			return t.Entry, e
		}
	}
	return "", nil
}

func (b *namesBuilder) leveled(chinese, english []string, e *glossed) []string {
	var out []string
	for _, prefix := range chinese {
		for _, s := range e.chinese {
			out = append(out, prefix+s)
		}
	}
	for _, prefix := range english {
		for _, s := range e.english {
			out = append(out, prefix+s)
			if office, of, ok := strings.Cut(s, " of "); ok {
				out = append(out, prefix+of+" "+office)
			} else if i := strings.LastIndex(s, " "); i > 0 {
				out = append(out, prefix+s[i+1:]+" of "+s[:i])
			}
		}
	}
	return out
}
