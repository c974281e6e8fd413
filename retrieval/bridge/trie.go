package bridge

// A trie finds sequences of keys. Node 0 is its root.
type trie struct {
	edges map[step]int
	ends  map[int][]int // node → forms that end there
	nodes int
}

type step struct {
	node int
	key  uint64
}

func newTrie() trie { return trie{edges: map[step]int{}, ends: map[int][]int{}, nodes: 1} }

func (t *trie) add(keys []uint64, form int) {
	node := 0
	for _, k := range keys {
		next, ok := t.edges[step{node, k}]
		if !ok {
			next = t.nodes
			t.nodes++
			t.edges[step{node, k}] = next
		}
		node = next
	}
	t.ends[node] = append(t.ends[node], form)
}

// step follows a token, or what it is a form of, from nodes.
func (t *trie) step(nodes []int, word token) []int {
	var out []int
	for _, node := range nodes {
		if n, ok := t.edges[step{node, word.key}]; ok {
			out = append(out, n)
		}
		for _, k := range word.stems {
			if n, ok := t.edges[step{node, k}]; ok {
				out = append(out, n)
			}
		}
	}
	return out
}

func (t *trie) forms(node int) []int { return t.ends[node] }
