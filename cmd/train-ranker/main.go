// Command train-ranker learns the weights of the ranker and measures them.
//
// It reads STARD (oneal2000/STARD, MIT licence: lay questions and the statute
// articles that answer them) from -stard, a folder with corpus.jsonl,
// queries.dev.jsonl and qrels.dev.tsv, and the questions of package training. It
// writes weights.txt and report.txt into -out. The same data give the same
// bytes. Run it in the root of the repository:
//
//	go run ./cmd/train-ranker -stard FOLDER
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	stard := flag.String("stard", "", "folder of the STARD questions and corpus")
	styles := flag.String("styles", "retrieval/outline/testdata/styles", "folder of further documents that the questions are about")
	out := flag.String("out", "retrieval/ranker", "folder to write weights.txt and report.txt into")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *stard, *styles, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "train-ranker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, stard, styles, out string) error {
	if stard == "" {
		return fmt.Errorf("-stard is not given; it names the folder with corpus.jsonl, queries.dev.jsonl and qrels.dev.tsv")
	}
	sets, err := load(ctx, stard, styles)
	if err != nil {
		return err
	}
	return finish(sets, out)
}

// finish learns from the sets, measures, and writes weights and report.
func finish(sets *data, out string) error {
	model, err := train(sets, nil)
	if err != nil {
		return err
	}
	report, err := measure(sets, model)
	if err != nil {
		return err
	}
	if err := write(filepath.Join(out, "report.txt"), report); err != nil {
		return err
	}
	return writeModel(filepath.Join(out, "weights.txt"), model)
}
