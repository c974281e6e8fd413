package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval/sqlite"
)

// TestBackup: a backup that is made while questions come and documents change is whole. Restored elsewhere, it
// has all that was there, and answers replay.
func TestBackup(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	file := filepath.Join(dir, "b.tar.gz")
	s := serving(t, data, nil, nil)
	id := s.ask(listingQuestion, "X-Policybot-User", "somebody").ID
	s.askWhile(func() {
		changeSeeds(t, data)
		pb(t, data, "backup", file).want(t, exitOK).shows(t, file, "4 files")
	})
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	pb(t, data, "backup", file).want(t, exitError).says(t, file, "exists")
	pb(t, data, "restore", file, "--force").want(t, exitError).says(t, fmt.Sprint(os.Getpid()), s.at.HTTP)
	s.stop()
	if left, err := filepath.Glob(filepath.Join(data, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}

	other := filepath.Join(dir, "other")
	pb(t, other, "restore", file).want(t, exitOK).shows(t, file, "4 files")
	if key := read(t, filepath.Join(other, keyName)); key != read(t, filepath.Join(data, keyName)) {
		t.Error("the key is another")
	}
	if info, err := os.Stat(filepath.Join(other, keyName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	wantRestored(t, data, other, id)
	next := serving(t, other, nil, nil)
	next.ask(listingQuestion, "X-Policybot-User", "somebody")
	if list := logged(t, other); list[len(list)-1].User != list[0].User {
		t.Error("after the restore the asker is somebody else")
	}
}

// wantRestored checks a restored folder against that which was backed up and has gone on since.
func wantRestored(t *testing.T, data, other, id string) {
	t.Helper()
	before, after := logged(t, data), logged(t, other)
	if len(after) == 0 || len(after) > len(before) {
		t.Fatalf("%d questions became %d", len(before), len(after))
	}
	for i := range after {
		if a, b := after[i], before[i]; a.ID != b.ID || a.User != b.User || a.Text != b.Text {
			t.Errorf("%+v became %+v", b, a)
		}
	}
	if a, b := documents(t, data), documents(t, other); len(a) != len(b) || !slices.Equal(ids(a), ids(b)) {
		t.Errorf("documents %q became %q", ids(a), ids(b))
	}
	pb(t, other, "doctor").want(t, exitOK).shows(t, "5, ", fmt.Sprintf("%d questions", len(after)))
	wantSame(t, other, id)
	for i := len(after) - 1; i >= 0; i-- { // the latest that was answered may cite the latest version
		if after[i].State == journal.Closed {
			wantSame(t, other, after[i].ID)
			break
		}
	}
}

// state is the content of every file of a folder, but for locks and what SQLite keeps beside its files.
func state(t *testing.T, data string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".lock") && !strings.HasSuffix(path, "-shm") && !strings.HasSuffix(path, "-wal") {
			out[strings.TrimPrefix(path, data)] = fmt.Sprintf("%x", sha256.Sum256([]byte(read(t, path))))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// backedData is a folder with one question, and a backup of it.
func backedData(t *testing.T) (data, file, id string) {
	t.Helper()
	data, file = seeded(t), filepath.Join(t.TempDir(), "b.tar.gz")
	s := serving(t, data, nil, nil)
	id = s.ask(listingQuestion).ID
	s.stop()
	pb(t, data, "backup", file).want(t, exitOK).shows(t, "1 questions")
	return data, file, id
}

// TestRestoreForce moves what is there aside, and what was searched then is found no more.
func TestRestoreForce(t *testing.T) {
	t.Parallel()
	data, file, id := backedData(t)
	full := seeded(t)
	index(t, full, exitOK, write(t, t.TempDir(), "a.txt", policy("甲办法", "青蒿素")))
	s := serving(t, full, nil, nil)
	other := s.ask("对青蒿素项目有什么资助？").ID
	s.stop()
	was := state(t, full)
	pb(t, full, "restore", file).want(t, exitError).says(t, "--force", full)
	if now := state(t, full); fmt.Sprint(now) != fmt.Sprint(was) {
		t.Errorf("refused, it changed\n%v to\n%v", was, now)
	}
	pb(t, full, "restore", "--force", file).want(t, exitOK)
	wantRestored(t, data, full, id)
	if hits := found(t, full, "青蒿素"); len(hits["青蒿素"]) > 0 {
		t.Errorf("what was moved aside is found: %v", hits)
	}
	aside, err := filepath.Glob(filepath.Join(full, asidePrefix+"*"))
	if err != nil || len(aside) != 1 {
		t.Fatalf("%q, %v", aside, err)
	}
	pb(t, aside[0], "log", "show", other).want(t, exitOK).shows(t, "青蒿素")
	if read(t, filepath.Join(aside[0], keyName)) == read(t, filepath.Join(full, keyName)) {
		t.Error("the key was not replaced")
	}
	pb(t, full, "restore", "--force", file).want(t, exitOK) // once more
}

// TestRestoreBad: what is no whole backup is refused and changes nothing, with --force or without.
func TestRestoreBad(t *testing.T) {
	t.Parallel()
	data, file, _ := backedData(t)
	good := []byte(read(t, file))
	names, parts := unpacked(t, good)
	flip := func(at int) []byte { b := slices.Clone(good); b[at] ^= 0x10; return b }
	changed := func(name string, change func([]byte) []byte) []byte {
		p := map[string][]byte{}
		for n, text := range parts {
			p[n] = text
		}
		p[name] = change(slices.Clone(p[name]))
		return packed(t, names, p)
	}
	remade := func(change func(*manifest)) []byte {
		return changed(manifestName, func(text []byte) []byte {
			var m manifest
			if err := json.Unmarshal(text, &m); err != nil {
				t.Fatal(err)
			}
			change(&m)
			text, _ = json.Marshal(m) // has JSON
			return text
		})
	}
	damaged := slices.Clone(parts[journaldb.FileName])
	clear(damaged[4096:8192])
	for name, text := range map[string][]byte{
		"empty":             nil,
		"text":              []byte("no backup\n"),
		"half":              good[:len(good)/2],
		"without its end":   good[:len(good)-1],
		"without its sum":   good[:len(good)-8],
		"more at the end":   append(slices.Clone(good), "more"...),
		"a bit in the text": flip(len(good) / 3),
		"a bit in the sum":  flip(len(good) - 6),
		"another order":     packed(t, []string{names[1], names[0], names[2], names[3]}, parts),
		"no manifest":       packed(t, names[1:], parts),
		"an extra file":     packed(t, append(slices.Clone(names), "x"), parts),
		"a file missing":    packed(t, names[:3], parts),
		"empty manifest":    changed(manifestName, func([]byte) []byte { return []byte("{}") }),
		"manifest no JSON":  changed(manifestName, func([]byte) []byte { return []byte("x") }),
		"a changed file":    changed(keyName, func(b []byte) []byte { b[0] ^= 1; return b }),
		"another name":      remade(func(m *manifest) { m.Files[0].Name = "../x" }),
		"no library": packed(t, []string{manifestName}, map[string][]byte{
			manifestName: []byte(`{"files":[]}`),
		}),
		"damaged inside": packed(t, names, map[string][]byte{
			manifestName: described(t, parts[manifestName], journaldb.FileName, damaged),
			names[1]:     parts[names[1]], journaldb.FileName: damaged, keyName: parts[keyName],
		}),
		"foreign database": packed(t, names, map[string][]byte{
			manifestName: described(t, parts[manifestName], journaldb.FileName, parts[sqlite.FileName]),
			names[1]:     parts[names[1]], journaldb.FileName: parts[sqlite.FileName], keyName: parts[keyName],
		}),
		"short key": packed(t, names, map[string][]byte{
			manifestName: described(t, parts[manifestName], keyName, []byte("short")),
			names[1]:     parts[names[1]], journaldb.FileName: parts[journaldb.FileName], keyName: []byte("short"),
		}),
	} {
		t.Run(name, func(t *testing.T) {
			bad, was := write(t, t.TempDir(), "bad.tar.gz", string(text)), state(t, data)
			pb(t, data, "restore", "--force", bad).want(t, exitError).says(t, bad, "cannot be used")
			if now := state(t, data); fmt.Sprint(now) != fmt.Sprint(was) {
				t.Error("refused, it changed the folder")
			}
			empty := t.TempDir()
			pb(t, empty, "restore", bad).want(t, exitError).says(t, bad)
			if left := state(t, empty); len(left) > 0 {
				t.Errorf("refused, it left %v", left)
			}
		})
	}
	pb(t, data, "restore", "--force", filepath.Join(t.TempDir(), "none")).want(t, exitError).says(t, "none")
	setting{}.run(t, "--data", data, "--lang", "zh", "restore", "--force", "none").want(t, exitError).says(t, "不能用")
	pb(t, t.TempDir(), "restore", write(t, t.TempDir(), "again.tar.gz", string(packed(t, names, parts)))).want(t, exitOK)
}

// described is a manifest that fits one other file.
func described(t *testing.T, text []byte, name string, content []byte) []byte {
	t.Helper()
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for i := range m.Files {
		if m.Files[i].Name == name {
			m.Files[i] = backedFile{name, int64(len(content)), fmt.Sprintf("%x", sha256.Sum256(content))}
		}
	}
	text, _ = json.Marshal(m) // has JSON
	return text
}

// unpacked gives the files of a backup.
func unpacked(t *testing.T, text []byte) (names []string, parts map[string][]byte) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	parts = map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return names, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
		if parts[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// packed makes a backup of files.
func packed(t *testing.T, names []string, parts map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(parts[name])), ModTime: time.Unix(0, 0)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(parts[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBackupOfNothing: a folder in which nobody has asked has a backup too; one that is not there has none.
func TestBackupOfNothing(t *testing.T) {
	t.Parallel()
	data, file := seeded(t), filepath.Join(t.TempDir(), "b")
	pb(t, data, "backup", file).want(t, exitOK).shows(t, "1 files, 0 questions")
	other := filepath.Join(t.TempDir(), "other")
	pb(t, other, "restore", file).want(t, exitOK)
	pb(t, other, "doctor").want(t, exitOK)
	none := filepath.Join(t.TempDir(), "none")
	pb(t, none, "backup", file+"2").want(t, exitError).says(t, none)
	pb(t, data, "backup", filepath.Join(file, "x")).want(t, exitError)
	setting{}.run(t, "--data", data, "--lang", "zh", "backup", file).want(t, exitError).says(t, "已存在")
	if _, err := os.Stat(none); err == nil {
		t.Error("a backup made the folder")
	}
}

// TestRestoreCut: a folder in which a restore was cut off is not used until one has come to its end.
func TestRestoreCut(t *testing.T) {
	data, file := seeded(t), filepath.Join(t.TempDir(), "backup.tar.gz")
	pb(t, data, "backup", file).want(t, exitOK)
	write(t, data, restoring, "")
	for _, args := range [][]string{{"serve"}, {"ask", "厦门"}, {"log", "list"}} {
		if r := pb(t, data, args...).want(t, exitError); !strings.Contains(r.err, "restore --force") {
			t.Errorf("%q says %s", args, r.err)
		}
	}
	pb(t, data, "restore", "--force", file).want(t, exitOK)
	pb(t, data, "documents").want(t, exitOK)
}
