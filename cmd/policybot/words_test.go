package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestEvalWords: each file of words has its line; a question hits entries that no
// clause does; a file that cannot be read is named.
func TestEvalWords(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	questions := write(t, dir, "questions.jsonl", `{"id":"a","lang":"zh","type":"fact","question":"皮卡车限行补帖","expect":"abstain"}`+"\n")
	without := pb(t, data, "--lang", "en", "eval", "words").want(t, exitOK).shows(t, "typos.txt: ", "zh-en-biomed.txt: ", "that no clause or question has")
	with := pb(t, data, "--lang", "zh", "eval", "words", questions).want(t, exitOK).shows(t, "typos.txt：", "没有一条条款或问题")
	if n, m := strings.Count(with.out, "\n  "), strings.Count(without.out, "\n  "); n >= m || n == 0 {
		t.Errorf("%d entries unused with the question, %d without", n, m)
	}
	if line := "\n  typos.txt:5\n"; strings.Contains(with.out, line) {
		t.Error("the entry of 补帖 is unused although a question has it")
	}
	pb(t, data, "eval", "words", filepath.Join(dir, "none")).want(t, exitError).says(t, "none")
	bad := write(t, dir, "bad.jsonl", "{\"id\":\"a\"}\n")
	pb(t, data, "eval", "words", bad).want(t, exitError).says(t, "bad.jsonl", "line 1")
}

// TestEvalRetrievalWords: other words for the same are found unless --words plain
// says that they are not.
func TestEvalRetrievalWords(t *testing.T) {
	dir := t.TempDir()
	corpus := write(t, dir, "corpus.jsonl", `{"id":"a","document":"d","title":"甲","text":"给予资金支持。"}`+"\n"+`{"id":"b","document":"e","title":"乙","text":"由市科技局负责。"}`+"\n")
	queries, qrels := write(t, dir, "queries.jsonl", `{"qid":"q","text":"financial support"}`+"\n"), write(t, dir, "qrels.tsv", "q\ta\t1\n")
	for words, want := range map[string]float64{"": 1, "bridged": 1, "plain": 0} {
		report := filepath.Join(dir, "report.json")
		args := []string{"eval", "retrieval", "--corpus", corpus, "--queries", queries, "--qrels", qrels, "--json", report}
		if words != "" {
			args = append(args, "--words", words)
		}
		setting{}.run(t, args...).want(t, exitOK)
		if got := readReport(t, report)["recall@10"]; got != want {
			t.Errorf("--words %s: recall@10 is %v, want %v", words, got, want)
		}
	}
	setting{}.run(t, "eval", "retrieval", "--corpus", corpus, "--queries", queries, "--qrels", qrels, "--words", "all").want(t, exitUsage)
}
