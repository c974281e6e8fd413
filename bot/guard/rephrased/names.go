package rephrased

import (
	"slices"
	"strings"
)

// named exchanges a name of a class for another of its kind that stands nowhere in the evidence.
func (w *work) named(class string) func() []edit {
	return func() []edit {
		var all []edit
		concepts := words().concepts
		for _, m := range w.mentioned() {
			c := concepts[m.concept]
			if c.class != class || c.kind == "-" {
				continue
			}
			var others []concept
			for i, other := range concepts {
				if other.class == class && other.kind == c.kind && !other.fromOnly && len(other.names[w.p.Lang]) > 0 && !w.stands(i) && !w.partly(other) {
					others = append(others, other)
				}
			}
			if len(others) == 0 {
				continue
			}
			was := w.p.Sentence[m.from:m.to]
			is := fitting(was, others[w.rng.IntN(len(others))].names[w.p.Lang])
			all = append(all, replace(w.p.Sentence, m.from, m.to, is))
		}
		return all
	}
}

// mentioned finds the concepts of the sentence, but for those within a title.
func (w *work) mentioned() []mention {
	if w.found == nil {
		w.found = w.mentions()
	}
	return slices.DeleteFunc(slices.Clone(w.found), func(m mention) bool { return w.inTitle(m.from) })
}

// partly says whether a name is a part of one in the sentence (北京 of 北京市) or the other way round.
func (w *work) partly(c concept) bool {
	return slices.ContainsFunc(c.names[w.p.Lang], func(name string) bool { return strings.Contains(w.p.Sentence, name) })
}

// fitting draws the first of the names that is in the singular or plural like the one replaced.
func fitting(was string, names []string) string {
	plural := strings.HasSuffix(was, "s")
	for _, name := range names {
		if strings.HasSuffix(name, "s") == plural {
			return likeFirst(was, name)
		}
	}
	return likeFirst(was, names[0])
}
