package bot

import (
	"strings"
	"testing"

	"policybot/retrieval"
)

// TestReplyFigures reads testdata/reply_figures.txt.
func TestReplyFigures(t *testing.T) {
	const xiamen = "2022年,生物医药产业上市企业达12家,销售收入上亿元企业达120家,科技小巨人企业达200家,国家级高新技术企业达400家,生物医药产业规模达1200亿,成为国家战略性新兴产业示范集群、独具特色的生物医药产业创新中心。"
	caseLines(t, "reply_figures.txt", 30, func(t *testing.T, line string, f []string, want string) {
		x := &replyCheck{lang: "en", clauses: []retrieval.Clause{{ID: "c", Text: strings.Replace(field(f, 2), "@xiamen", xiamen, 1)}}}
		figure, _, _ := strings.Cut(f[0], " and ")
		c := claimOf(f[1], replySentence{end: len(f[1])})
		from := strings.Index(c.text, figure)
		p := Problem{Kind: ProblemNumber}
		got := "-"
		switch named := x.figure(&p, c, from, from+len(figure), []int{1}); {
		case named:
			got = p.Says
		case p.elsewhere:
			got = "~"
		}
		if got != want {
			t.Errorf("%s: says %s", line, got)
		}
	})
}
