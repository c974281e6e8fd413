package gloss

import (
	"fmt"
	"os"
	"path/filepath"
	"policybot/retrieval/bridge"
	"strings"
	"testing"
)

func TestDump(t *testing.T) {
	w := bridge.Translations()
	fs, _ := filepath.Glob("../../seeds/*.txt")
	for _, f := range fs {
		b, _ := os.ReadFile(f)
		for _, s := range strings.FieldsFunc(string(b), func(r rune) bool { return strings.ContainsRune("。;；\n", r) }) {
			for _, to := range []string{"en", "zh"} {
				fa := Facts(s, to, w)
				if len(fa) == 0 {
					continue
				}
				fmt.Println("##", to, strings.TrimSpace(s))
				for _, x := range fa {
					fmt.Printf("   %s|%s|%s\n", x.Kind, x.Text, x.Gloss)
					if m := Check(s, x, to, w); m != "" {
						t.Error(s, x, m)
					}
				}
			}
		}
	}
}
