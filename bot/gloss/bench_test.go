package gloss_test

import (
	"os"
	"strings"
	"testing"

	"policybot/bot/gloss"
	"policybot/retrieval/bridge"
)

func BenchmarkFacts(b *testing.B) {
	words := bridge.Translations()
	for _, c := range []struct{ name, file, from, to string }{
		{"zh", "003_5be9f72802f73f51.txt", "支持企业建立重点实验室", "en"},
		{"bodies", "000_d486a0f142223587.txt", "4.提高临床研究", "en"},
		{"en", "002_d115b1013fdc489e.txt", "We will strive for the support", "zh"},
	} {
		data, err := os.ReadFile("../../seeds/" + c.file)
		if err != nil {
			b.Fatal(err)
		}
		quote := string(data)
		_, rest, _ := strings.Cut(quote, c.from)
		quote = string([]rune(c.from + rest)[:300])
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if len(gloss.Facts(quote, c.to, words)) == 0 {
					b.Fatal("no facts")
				}
			}
		})
	}
}
