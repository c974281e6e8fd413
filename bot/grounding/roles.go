package grounding

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed roles.txt
var rolesFile string

// A part is a word that gives somebody a role.
type part struct {
	role  int
	after bool // the one who has it stands after the word
}

var roles = sync.OnceValue(func() (out struct {
	words *lexicon
	parts []part
},
) {
	out.words = newLexicon()
	role := 0
	for line := range uncommented(rolesFile) {
		role++
		sides := strings.Split(line, "|")
		for k, side := range sides[1:] {
			for w := range strings.FieldsSeq(side) {
				out.words.add(w, entry{line: len(out.parts)})
				out.parts = append(out.parts, part{role, k == 1})
			}
		}
	}
	return out
})

// A cast is who may have a role: tokens from one place to another.
type cast struct {
	role     int
	from, to int  // tokens
	after    bool // the first of them is nearest, otherwise the last
}

// cuts end what somebody's role extends to.
var cuts = strings.Fields("向 给 将 把 由 对 用 为 by to into")

// headings make a word with 向 behind them: 靶向, 方向.
var headings = strings.Split("靶方导定走转", "")

// cutting reports whether a token ends what a role extends to, and is no part of
// 用药 or 给药.
func cutting(list []token, i int) bool {
	targeted := i > 0 && list[i].key == "向" && slices.Contains(headings, list[i-1].key)
	return slices.Contains(cuts, list[i].key) && !targeted && (i+1 == len(list) || list[i+1].key != "药")
}

// casts finds the roles in tokens of one text; border tells where phrases end.
func casts(list []token, border func(a, b token) bool) []cast {
	var out []cast
	last := 0 // where the role before ends
	for i := 0; i < len(list); {
		end := i + 1
		var found []entry
		roles().words.at(list, i, func(to int, entries []entry) { end, found = to, entries })
		for _, e := range found {
			p := roles().parts[e.line]
			if p.after {
				to := end
				for to < len(list) && !border(list[to-1], list[to]) && !cutting(list, to) {
					to++
				}
				out = append(out, cast{p.role, end, to, true})
				continue
			}
			from := i
			for from > last && !border(list[from-1], list[from]) && (from == i || !cutting(list, from-1)) {
				from--
			}
			out = append(out, cast{p.role, from, i, false})
		}
		if len(found) > 0 {
			last = end
		}
		i = end
	}
	return out
}

// parted reports whether a mark that ends a phrase stands between two tokens.
func (t *text) parted(a, b token) bool {
	for i := a.to; i < b.from; i++ {
		if t.border(i) != inside && t.Runes[i] != ':' {
			return true
		}
	}
	return false
}

// roleOf notes who has a role in the sentence that he has not in the sources.
func (c *checker) roleOf() {
	list := tokens(&c.claim.Text, 0, len(c.claim.Runes))
	mine := casts(list, c.claim.parted)
	if len(mine) == 0 {
		return
	}
	holders := c.corpus.holders
	for _, m := range mine {
		all, ok := holders[m.role]
		if !ok || m.from >= m.to || m.after && strings.HasSuffix(string(c.claim.Runes[list[m.from-1].from:list[m.from-1].to]), "ed") {
			continue // supported in serving somebody
		}
		for _, p := range c.nearest(m) {
			if !c.told(p) || slices.ContainsFunc(p.at, func(s int32) bool { return all[s] }) {
				continue
			}
			if !loose[m.role] || c.otherwise(p, m.role, holders) {
				c.add(RuleRole, "", p.from, p.to)
			}
		}
	}
}

// loose are the roles that much may have besides people: there somebody else's
// role has to be taken.
var loose = map[int]bool{7: true, 8: true}

// otherwise reports whether the sources give p another of the loose roles.
func (c *checker) otherwise(p *piece, role int, holders map[int]map[int32]bool) bool {
	for r, all := range holders {
		if r != role && (loose[r] || r == role-1) && slices.ContainsFunc(p.at, func(s int32) bool { return all[s] }) {
			return true
		}
	}
	return false
}

// nearest returns the two pieces of the cast that are next to its word; none
// where the sources have the word and what is beside it together.
func (c *checker) nearest(m cast) []*piece {
	var found []*piece
	for k := range c.parts {
		p := &c.parts[k]
		if p.i < m.from && p.j > m.from && m.after || p.i < m.to && p.j > m.to && !m.after {
			return nil
		}
		if p.i < m.from || p.j > m.to || p.origin == light || c.marked(p) || c.acts(p) || c.empty(p) {
			continue
		}
		found = append(found, p)
	}
	if len(found) > 2 {
		if m.after {
			return found[:2]
		}
		return found[len(found)-2:]
	}
	return found
}

// vague are words for bodies that name none.
var vague = strings.Fields("单位 部门 有关部门 相关部门 机构 等")

// empty reports whether a piece names nobody.
func (c *checker) empty(p *piece) bool {
	whole := false
	words().light.at(tokens(&c.claim.Text, p.from, p.to), 0, func(end int, _ []entry) { whole = end == p.j-p.i })
	return whole || slices.Contains(vague, string(c.claim.Runes[p.from:p.to]))
}

// acts reports whether a piece is a word of roles.txt.
func (c *checker) acts(p *piece) bool {
	list := tokens(&c.claim.Text, p.from, p.to)
	hit := false
	roles().words.at(list, 0, func(int, []entry) { hit = true })
	return hit
}

// holders returns by role the spots of all who may have it in the sources.
func holders(texts []text) map[int]map[int32]bool {
	out := map[int]map[int32]bool{}
	base := 0
	for k := range texts {
		t := &texts[k]
		list := tokens(&t.Text, 0, len(t.Runes))
		for _, m := range casts(list, t.parted) {
			if out[m.role] == nil {
				out[m.role] = map[int32]bool{}
			}
			for i := m.from; i < m.to; i++ {
				out[m.role][int32(base+i)] = true
			}
		}
		base += len(list)
	}
	return out
}
