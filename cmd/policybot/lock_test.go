package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSameNamesAtOnce: two runs that add different texts under the same file
// names give each of them an id of its own.
func TestSameNamesAtOnce(t *testing.T) {
	t.Parallel()
	const files = 40
	data, dir := seeded(t), t.TempDir()
	var runs []*exec.Cmd
	for _, city := range []string{"甲市", "乙市"} {
		for i := range files {
			write(t, filepath.Join(dir, city), fmt.Sprintf("n%d.txt", i), fmt.Sprintf("%s第%d号办法\n一、总则\n%s第%d号的条款。\n", city, i, city, i))
		}
		run := program("--data", data, "index", filepath.Join(dir, city))
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	for _, run := range runs {
		if err := run.Wait(); err != nil {
			t.Error(err)
		}
	}
	list := decode[struct{ Documents []listedDocument }](t, pb(t, data, "documents", "--json").want(t, exitOK))
	if got := len(list.Documents); got != 2*files+5 {
		t.Errorf("%d documents, want %d", got, 2*files+5)
	}
}
