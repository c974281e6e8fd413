package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"policybot/bot/accounts"
	"policybot/bot/console"
	"policybot/bot/eligibility/register"
	"policybot/bot/terminal"
	"policybot/retrieval"
	"policybot/retrieval/catalogue"
	"policybot/retrieval/sqlite"
)

type indexCmd struct {
	Paths []string `arg:"" optional:"" help:"文件或文件夹；不给则更新已加入的 · files or folders; none: refresh what was added"`
	JSON  bool     `name:"json" help:"输出 JSON · print JSON"`
}

// An indexer adds files and counts what became of them.
type indexer struct {
	*app
	lib        *retrieval.Library
	json       bool
	progress   *terminal.Progress
	catalogues map[string]catalogue.Catalogue // by folder
	counts     map[string]int
	files      int

	register      *register.Register
	folders       map[string]string // of the files: as they are shown, by their absolute paths
	changed, same []string          // ids of the documents of the files
	drafted       int               // measures, by this run
	broken        *messageError     // what is wrong with a file of measures

	trail trail
}

// indexLine is the JSON form of what became of a file.
type indexLine struct {
	Path     string `json:"path"`
	Result   string `json:"result"` // added, unchanged, new version, refused; imported for a file of measures
	Reason   string `json:"reason,omitempty"`
	Document string `json:"document,omitempty"`
	Clauses  int    `json:"clauses,omitempty"`
	Note     string `json:"note,omitempty"`
	Measures int    `json:"measures,omitempty"` // that were imported
	New      int    `json:"new,omitempty"`      // of these, new or changed
	Later    int    `json:"later,omitempty"`    // measures whose documents the library does not have
}

// Results of a file that was not added, and of a file of measures that was.
const (
	resultRefused  = "refused"
	resultImported = "imported"
)

// lockName is the file in the data folder that a run locks while it adds
// documents or builds or changes vectors.
const lockName = "index.lock"

func (c *indexCmd) writes() bool { return true }

// Run adds the files, each in a transaction of its own, and builds the search
// index once at the end.
func (c *indexCmd) Run(ctx context.Context, a *app) error {
	// Ids are given out by what the library holds: one run at a time.
	return a.change(ctx, func(lib *retrieval.Library, db *sqlite.DB) error {
		return a.audited(func(t trail) error { return c.run(ctx, a, t, lib, db) })
	})
}

func (c *indexCmd) run(ctx context.Context, a *app, t trail, lib *retrieval.Library, db *sqlite.DB) error {
	var paths []string
	for _, p := range c.Paths {
		paths = append(paths, a.path(p))
	}
	if len(paths) == 0 {
		var err error
		if paths, err = origins(ctx, lib); err != nil {
			return err
		}
	}
	found, measures := find(paths, a.data)
	if len(found)+len(measures) == 0 {
		if !c.JSON {
			fmt.Fprintln(a.out, a.msg("index_none"))
		}
		return nil
	}
	shown := io.Discard // the lines of the files are progress enough
	if c.JSON {
		shown = a.err
	}
	x := &indexer{
		app: a, lib: lib, json: c.JSON, catalogues: map[string]catalogue.Catalogue{}, counts: map[string]int{},
		progress: terminal.NewProgress(shown, len(found), terminal.ProgressOptions{}),
		register: &register.Register{Store: db, Library: lib}, folders: map[string]string{}, trail: t,
	}
	err := x.all(ctx, found)
	x.progress.Done()
	if err == nil {
		err = x.measures(ctx, measures)
	}
	if err == nil {
		err = x.finish(ctx)
	}
	if errors.Is(err, context.Canceled) {
		return &messageError{name: "interrupted"}
	}
	return err
}

// origins are the files of the documents that were added from files.
func origins(ctx context.Context, lib *retrieval.Library) ([]string, error) {
	docs, err := lib.Documents(ctx)
	var out []string
	for _, d := range docs {
		if d.Origin != "" {
			out = append(out, d.Origin)
		}
	}
	return out, err
}

// A foundFile is a file to add, or a path that cannot be read.
type foundFile struct {
	path string
	err  error
}

// find lists the files below the paths in alphabetical order, and apart from them the
// files of measures. What a folder keeps hidden is left out, and so are catalogues and
// the data folder.
func find(paths []string, data string) (out []foundFile, measures []string) {
	own, _ := os.Stat(data) // it exists: it is open
	add := func(path string) {
		switch filepath.Base(path) {
		case catalogueName:
		case measuresName:
			measures = append(measures, path)
		default:
			out = append(out, foundFile{path, nil})
		}
	}
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil {
			out = append(out, foundFile{root, err})
			continue
		}
		if !info.IsDir() {
			add(root)
			continue
		}
		if separator := string(filepath.Separator); !strings.HasSuffix(root, separator) {
			root += separator // the walk then follows a link to a folder
		}
		// The walk itself never fails: what cannot be read gets its line.
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			hidden := path != root && strings.HasPrefix(filepath.Base(path), ".")
			switch {
			case err != nil:
				out = append(out, foundFile{path, err})
			case d.IsDir() && (hidden || isFile(d, own)):
				return fs.SkipDir
			case !d.IsDir() && !hidden:
				add(path)
			}
			return nil
		})
	}
	return out, measures
}

// isFile reports whether an entry is the file or folder of info.
func isFile(d fs.DirEntry, info fs.FileInfo) bool {
	its, err := d.Info()
	return err == nil && os.SameFile(its, info)
}

func (x *indexer) all(ctx context.Context, files []foundFile) error {
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		x.progress.Step(filepath.Base(f.path))
		line, err := x.one(ctx, f)
		if err != nil {
			return err
		}
		if err := x.report(line); err != nil {
			return err
		}
		x.added(line)
	}
	return nil
}

// one adds a file. The error is one that the other files would meet too.
func (x *indexer) one(ctx context.Context, f foundFile) (indexLine, error) {
	line := indexLine{Path: f.path, Result: resultRefused}
	refuse := func(reason string) (indexLine, error) {
		line.Reason = oneLine(reason)
		return line, nil
	}
	if f.err != nil {
		return refuse(x.msg("r_read", plain(f.err)))
	}
	path, err := filepath.Abs(f.path)
	if err != nil {
		return refuse(x.msg("r_read", plain(err)))
	}
	if !utf8.ValidString(path) {
		return refuse(x.msg("r_name"))
	}
	cat, err := x.catalogue(filepath.Dir(path))
	if err != nil {
		return refuse(x.msg("catalogue_bad", err))
	}
	x.folders[filepath.Dir(path)] = filepath.Dir(f.path)
	name := filepath.Base(path)
	data, err := readFile(path)
	if err != nil {
		return refuse(x.msg("r_read", plain(err)))
	}
	var added retrieval.Addition
	err = x.trail.changing(ctx, func(enter accounts.Enter) (err error) {
		added, err = x.lib.Add(ctx, retrieval.File{
			Source: name, Origin: path, Data: data, Facts: facts(cat, name),
			Before: func(d retrieval.Document) error { return enter(console.DidIndex, d.ID, "") },
			Check:  func(text string) error { return checkFacts(cat, name, text) },
		})
		return err
	})
	var r *retrieval.Refusal
	switch {
	case errors.As(err, &r):
		return refuse(x.refusal(err))
	case err != nil && ctx.Err() == nil && sqlite.KindOf(err) == "":
		return refuse(x.msg("r_other", err)) // the store takes all but this one
	case err != nil:
		return line, err
	}
	line.Result, line.Document, line.Clauses = string(added.Change), added.Document.ID, added.Document.Clauses
	line.Note = oneLine(x.note(added))
	return line, nil
}

// note says what a person should know about a file that was added.
func (x *indexer) note(added retrieval.Addition) string {
	switch {
	case added.SameText != "":
		return x.msg("same_text", added.SameText)
	case added.Missing != nil:
		return x.msg("fact_missing", added.Missing)
	case added.Namesake != "":
		return x.msg("namesake", added.Namesake)
	}
	return ""
}

// readFile reads a file up to just above the size that is accepted, whatever
// its size.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if !retrieval.Readable(filepath.Base(path)) {
		return nil, nil // refused by its name
	}
	return io.ReadAll(io.LimitReader(f, retrieval.MaxBytes+1))
}

// catalogue reads the catalogue of a folder, if it has one, once.
func (x *indexer) catalogue(dir string) (catalogue.Catalogue, error) {
	if c, ok := x.catalogues[dir]; ok {
		return c, nil
	}
	c, err := readCatalogue(os.DirFS(dir), catalogueName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	x.catalogues[dir] = c
	for _, f := range c.Files() {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			x.complain(x.msg("catalogue_gap", filepath.Join(dir, catalogueName), f))
		}
	}
	return c, nil
}

// plain drops the path from an error of the file system: its line has it.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// report prints the line of a file.
func (x *indexer) report(l indexLine) error {
	x.files++
	x.counts[l.Result]++
	if x.json {
		return x.printJSON(l)
	}
	text := x.msg(l.Result)
	if l.Result == resultRefused {
		text = x.msg(l.Result, l.Reason)
	}
	text += "  " + l.Path
	if l.Document != "" {
		text += "  (" + x.msg("clauses_n", l.Document, l.Clauses) + ")"
	}
	if l.Note != "" {
		text += "  " + l.Note
	}
	_, err := fmt.Fprintln(x.out, terminal.Clean(strings.ReplaceAll(text, "\n", "\ufffd"))) // a file's name may have one
	return err
}

// finish makes what was added searchable and prints the totals.
func (x *indexer) finish(ctx context.Context) error {
	if err := x.lib.Refresh(ctx); err != nil {
		return err
	}
	if err := x.embedMissing(ctx, x.lib); err != nil {
		return err
	}
	docs, err := x.lib.Documents(ctx)
	if err != nil {
		return err
	}
	if !x.json {
		n := x.counts
		fmt.Fprintln(x.out, x.msg("indexed", x.files, n[string(retrieval.Added)], n[string(retrieval.Unchanged)],
			n[string(retrieval.NewVersion)], n[resultRefused], len(docs), x.lib.Len()))
	}
	if err := x.awaiting(ctx); err != nil {
		return err
	}
	if n := x.counts[resultRefused]; n > 0 {
		return &messageError{"some_refused", []any{n}}
	}
	if x.broken != nil {
		return x.broken
	}
	return nil
}

// checkFacts compares what a catalogue states of a text with the text.
func checkFacts(cat catalogue.Catalogue, file, text string) error {
	e, ok := cat.Entry(file)
	if !ok {
		return nil
	}
	return catalogue.CheckText(e, text)
}
