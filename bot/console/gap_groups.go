package console

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"

	"policybot/retrieval/bridge"
)

// gapGroups groups texts, and keeps the groups of the last list: to group a thousand questions takes much longer than to
// read them, and most often list and words are what they were. Of the texts it keeps a digest alone. The zero value is ready, and
// may be used from several goroutines.
type gapGroups struct {
	mu     sync.Mutex
	words  *bridge.Bridge // that the texts were compared by
	digest [sha256.Size]byte
	groups [][]int
}

// of is [sameQuestions]; the caller may change the order of what it gets.
func (g *gapGroups) of(words *bridge.Bridge, texts []string) [][]int {
	digest := digestOf(texts)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.groups == nil || g.words != words || g.digest != digest {
		g.words, g.digest, g.groups = words, digest, sameQuestions(words, texts)
	}
	return slices.Clone(g.groups)
}

// digestOf tells one list of texts from all others.
func digestOf(texts []string) (digest [sha256.Size]byte) {
	h := sha256.New()
	for _, text := range texts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text)))) // a hash takes all
		h.Write([]byte(text))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
