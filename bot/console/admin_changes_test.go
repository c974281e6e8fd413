package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestAdminManyChanges pages what changes, 100 clauses at a time.
func TestAdminManyChanges(t *testing.T) {
	w := newWorld(t, setup{files: true})
	boss := w.signedIn("boss")
	var text strings.Builder
	text.WriteString("某市办法\n\n")
	for n := 1; n <= 190; n++ {
		fmt.Fprintf(&text, "%d. 支持甲%d类企业。\n", n, n+1000)
	}
	boss.upload("new.txt", []byte(text.String()), nil)
	boss.sees(http.StatusOK, "190 added", "甲1001类", "甲1100类", "page 1 of 2", `rel="next"`).lacks("甲1101类")
	boss.get(boss.at+"?page=2").sees(http.StatusOK, "甲1101类", "甲1190类", "page 2 of 2", `rel="prev"`).lacks("甲1100类")
	boss.get(strings.TrimSuffix(boss.at, "?page=2")+"?page=99").sees(http.StatusOK, "甲1190类", "page 2 of 2").lacks(`rel="next"`)
}
