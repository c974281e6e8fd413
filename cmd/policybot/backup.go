package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval/sqlite"
)

// manifestName is the first file of a backup.
const manifestName = "manifest.json"

// How the names of folders begin that backup and restore make in the data folder. The first stays.
const (
	asidePrefix   = "before-restore-"
	backupPrefix  = ".backup-"
	restorePrefix = ".restore-"
)

// A manifest says what a backup holds.
type manifest struct {
	Program   string       `json:"program"`
	CreatedAt time.Time    `json:"created_at"`
	Files     []backedFile `json:"files"`
	Questions int64        `json:"questions"`
	Audit     string       `json:"audit,omitempty"` // head of the audit, see accounts.Head; "" when there is none
}

// A backedFile is one file of a backup.
type backedFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// backedUp are the files of a data folder that are worth keeping; the rest is
// made from them.
var backedUp = []string{sqlite.FileName, journaldb.FileName, keyName, headsName}

type backupCmd struct {
	File string `arg:"" help:"要写的文件（.tar.gz） · file to write"`
}

// Run writes a backup; the service may go on meanwhile.
func (c *backupCmd) Run(ctx context.Context, a *app) error {
	if _, err := os.Stat(c.File); err == nil {
		return &messageError{"backup_exists", []any{c.File}}
	}
	dir, err := os.MkdirTemp(a.data, backupPrefix+"*")
	if err != nil {
		return &messageError{"data_folder", []any{a.data, plain(err)}}
	}
	defer os.RemoveAll(dir)
	m, err := a.copyData(ctx, dir)
	if err != nil {
		return err
	}
	if err := writeFile(c.File, 0o600, func(w io.Writer) error { return writeBackup(w, dir, m) }); err != nil {
		return &messageError{"write_file", []any{c.File, plain(err)}}
	}
	a.noteBackup(m.CreatedAt)
	fmt.Fprintln(a.out, a.msg("backed_up", c.File, len(m.Files), m.Questions))
	return nil
}

// copyData copies what a backup holds into dir.
func (a *app) copyData(ctx context.Context, dir string) (manifest, error) {
	m := manifest{Program: version(), CreatedAt: time.Now().UTC()}
	_, lib, done, err := a.openStore(ctx, false)
	if err != nil {
		return m, err
	}
	defer done()
	if err := copyIfThere(a.data, dir, headsName); err != nil { // before the audit: it must not know more than that
		return m, err
	}
	// The questions first: the library, copied later, then has every version that an answer cites.
	if db, err := a.openJournal(ctx, true); err == nil {
		defer db.Close()
		if err := db.CopyTo(ctx, filepath.Join(dir, journaldb.FileName)); err != nil {
			return m, err
		}
		if m.Questions, m.Audit, err = describeJournal(ctx, filepath.Join(dir, journaldb.FileName)); err != nil {
			return m, err
		}
	} else if !a.isMissing(err) {
		return m, err
	}
	if err := lib.CopyTo(ctx, filepath.Join(dir, sqlite.FileName)); err != nil {
		return m, err
	}
	if err := copyIfThere(a.data, dir, keyName); err != nil {
		return m, err
	}
	for _, name := range backedUp {
		f, err := describeFile(dir, name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, f)
	}
	return m, nil
}

// copyIfThere copies a small file that may not be there.
func copyIfThere(from, to, name string) error {
	data, err := os.ReadFile(filepath.Join(from, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(to, name), data, 0o600)
}

// describeJournal gives how many questions there are, and the head of the audit.
func describeJournal(ctx context.Context, path string) (int64, string, error) {
	db, err := journaldb.Open(ctx, path, journaldb.Options{ReadOnly: true})
	if err != nil {
		return 0, "", err
	}
	defer db.Close()
	c, err := journal.Journal(db).Count(ctx)
	if err != nil {
		return 0, "", err
	}
	book, err := accounts.New(accounts.Options{Store: db})
	if err != nil {
		return 0, "", err
	}
	h, err := book.Head(ctx)
	if err != nil || h.Count == 0 {
		return c.Questions, "", err
	}
	return c.Questions, h.String(), nil
}

// closeDoors ends the sessions and codes that an unpacked backup brings back.
func (a *app) closeDoors(ctx context.Context, dir string, m manifest) error {
	if !slices.ContainsFunc(m.Files, func(f backedFile) bool { return f.Name == journaldb.FileName }) {
		return nil
	}
	db, err := journaldb.Open(ctx, filepath.Join(dir, journaldb.FileName), journaldb.Options{})
	if err != nil {
		return err
	}
	err = a.doBook(db, func(book *accounts.Book) error { return book.Restored(ctx, a.actor()) })
	return errors.Join(err, db.Close())
}

func describeFile(dir, name string) (backedFile, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return backedFile{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return backedFile{name, n, hex.EncodeToString(h.Sum(nil))}, err
}

// writeBackup writes manifest and files as a gzipped tar.
func writeBackup(w io.Writer, dir string, m manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	put := func(name string, size int64, from io.Reader) error {
		if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: m.CreatedAt}); err != nil {
			return err
		}
		_, err := io.CopyN(t, from, size)
		return err
	}
	if err := put(manifestName, int64(len(text)), strings.NewReader(string(text))); err != nil {
		return err
	}
	for _, f := range m.Files {
		in, err := os.Open(filepath.Join(dir, f.Name))
		if err != nil {
			return err
		}
		err = put(f.Name, f.Size, in)
		in.Close()
		if err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

type restoreCmd struct {
	File  string `arg:"" help:"备份文件 · the backup"`
	Force bool   `help:"数据文件夹里已有数据时，先挪到 before-restore-… 再恢复 · move what is in the data folder aside first"`
}

// Run puts a backup in the place of the data folder's files, after checking all of it. Whoever was signed in when it
// was made has to sign in again.
func (c *restoreCmd) Run(ctx context.Context, a *app) error {
	lock, err := a.takeFolder() // no service may run, or start meanwhile
	if err != nil {
		return err
	}
	defer lock.Close()
	release, err := a.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	there := a.present()
	if len(there) > 0 && !c.Force {
		return &messageError{"restore_full", []any{a.data}}
	}
	dir, err := os.MkdirTemp(a.data, restorePrefix+"*")
	if err != nil {
		return &messageError{"data_folder", []any{a.data, plain(err)}}
	}
	defer os.RemoveAll(dir)
	m, err := unpack(c.File, dir)
	if err != nil {
		return &messageError{"backup_bad", []any{c.File, plain(err)}}
	}
	if err := checkBackup(ctx, dir, m); err != nil {
		return &messageError{"backup_bad", []any{c.File, a.explain(err)}}
	}
	if err := a.closeDoors(ctx, dir, m); err != nil {
		return err
	}
	if err := a.replace(dir, m, there); err != nil {
		return &messageError{"data_folder", []any{a.data, plain(err)}}
	}
	fmt.Fprintln(a.out, a.msg("restored", c.File, m.CreatedAt.Local().Format(time.DateTime), len(m.Files), m.Questions))
	return nil
}

// present lists the files of the data folder that a restore would replace.
func (a *app) present() []string {
	var out []string
	for _, name := range backedUp {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if _, err := os.Stat(filepath.Join(a.data, name+suffix)); err == nil {
				out = append(out, name+suffix)
			}
		}
	}
	return out
}

// unpack writes the files of a backup into dir and checks them against its
// manifest.
func unpack(file, dir string) (manifest, error) {
	var m manifest
	f, err := os.Open(file)
	if err != nil {
		return m, err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return m, err
	}
	t := tar.NewReader(z)
	h, err := t.Next()
	if err != nil || h.Name != manifestName || h.Size > 1<<20 {
		return m, errors.Join(errors.New("it does not begin with a manifest"), err)
	}
	if err := json.NewDecoder(t).Decode(&m); err != nil {
		return m, err
	}
	for _, want := range m.Files {
		h, err := t.Next()
		if err != nil {
			return m, fmt.Errorf("%s: %w", want.Name, err)
		}
		if h.Name != want.Name || !slices.Contains(backedUp, want.Name) || h.Size != want.Size {
			return m, fmt.Errorf("%s is not what the manifest says", h.Name)
		}
		if err := writeFile(filepath.Join(dir, want.Name), 0o600, func(w io.Writer) error {
			_, err := io.CopyN(w, t, want.Size)
			return err
		}); err != nil {
			return m, fmt.Errorf("%s: %w", want.Name, err)
		}
		got, err := describeFile(dir, want.Name)
		if err != nil {
			return m, err
		}
		if got != want {
			return m, fmt.Errorf("%s does not have the checksum of the manifest", want.Name)
		}
	}
	if !slices.ContainsFunc(m.Files, func(f backedFile) bool { return f.Name == sqlite.FileName }) {
		return m, fmt.Errorf("it has no %s", sqlite.FileName)
	}
	return m, readEnd(t, z)
}

// readEnd reads to the end of a backup, where its checksum is.
func readEnd(t *tar.Reader, z io.Reader) error {
	h, err := t.Next()
	if err == nil {
		return fmt.Errorf("the manifest does not name %s", h.Name)
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	_, err = io.Copy(io.Discard, z)
	return err
}

// checkBackup reads the unpacked databases whole, and looks at the key.
func checkBackup(ctx context.Context, dir string, m manifest) error {
	for _, f := range m.Files {
		path := filepath.Join(dir, f.Name)
		switch f.Name {
		case keyName:
			if f.Size < keySize {
				return fmt.Errorf("%s is too short", f.Name)
			}
		case sqlite.FileName:
			db, err := sqlite.Open(ctx, path, sqlite.Options{})
			if err != nil {
				return err
			}
			if err := errors.Join(db.Check(ctx), db.Close()); err != nil {
				return err
			}
		case journaldb.FileName:
			db, err := journaldb.Open(ctx, path, journaldb.Options{})
			if err != nil {
				return err
			}
			if err := errors.Join(db.Check(ctx), db.Close()); err != nil {
				return err
			}
		}
	}
	return nil
}

// restoring is a file that is there while a restore moves files, and stays when it
// does not come to its end.
const restoring = "restore.incomplete"

// whole refuses a data folder in which a restore was cut off.
func (a *app) whole() error {
	if _, err := os.Stat(filepath.Join(a.data, restoring)); err == nil {
		return &messageError{"restore_cut", []any{a.data}}
	}
	return nil
}

// replace moves what is there aside and the unpacked files in.
func (a *app) replace(dir string, m manifest, there []string) error {
	mark := filepath.Join(a.data, restoring)
	if err := errors.Join(writeWhole(mark, nil, 0o600), syncFolder(a.data)); err != nil {
		return err
	}
	if len(there) > 0 {
		aside := filepath.Join(a.data, asidePrefix+time.Now().UTC().Format("20060102T150405.000"))
		if err := os.Mkdir(aside, 0o700); err != nil {
			return err
		}
		for _, name := range there {
			if err := os.Rename(filepath.Join(a.data, name), filepath.Join(aside, name)); err != nil {
				return err
			}
		}
	}
	for _, f := range m.Files {
		if err := os.Rename(filepath.Join(dir, f.Name), filepath.Join(a.data, f.Name)); err != nil {
			return err
		}
	}
	return errors.Join(syncFolder(a.data), os.Remove(mark), syncFolder(a.data))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
