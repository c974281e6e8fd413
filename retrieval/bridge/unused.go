package bridge

// Unused lists the entries of which no form stands in any of the texts, as
// file:line in the order of the files' names. A form that lies within a longer one
// stands there too.
func (b *Bridge) Unused(texts []string) []string {
	stands := make([]bool, len(b.forms))
	for _, text := range texts {
		for _, s := range b.find(tokenize(text)) {
			stands[s.form] = true
		}
	}
	used := map[string]bool{}
	for n, has := range stands {
		if !has {
			continue
		}
		for _, entry := range b.forms[n].entries {
			used[entry] = true
		}
	}
	var out []string
	for _, entry := range b.entries {
		if !used[entry] {
			out = append(out, entry)
		}
	}
	return out
}
