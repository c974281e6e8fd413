package grounding

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestAdhoc(t *testing.T) {
	names := readNames(t)
	d, _ := os.ReadFile("/tmp/adhoc.txt")
	var src []Source
	for l := range strings.Lines(string(d)) {
		l = strings.TrimSpace(l)
		if s, ok := strings.CutPrefix(l, "= "); ok {
			src = []Source{{Text: s}}
			fmt.Println("==", s[:min(60, len(s))])
		} else if l != "" {
			fmt.Println(l, " ->", Check(strings.TrimLeft(l, "+- "), src, names))
		}
	}
}
