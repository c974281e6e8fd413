package retrieval

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

// sampleIndex returns the bytes of an index of a few clauses.
func sampleIndex(t testing.TB, revision string, clauses int) []byte {
	t.Helper()
	b := NewLexicalBuilder()
	for i := range clauses {
		b.Add(PassageOf(Clause{
			ID: fmt.Sprintf("doc-%d.h%d", i/3, i), Document: Document{ID: fmt.Sprint("doc-", i/3), Title: "南汀市办法"},
			Path: fmt.Sprint("第", i, "条"), Text: fmt.Sprintf("对企业给予%d万元补贴, up to %d enterprises", i, i%7),
		}))
	}
	var out bytes.Buffer
	if err := b.Build().write(&out, revision); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestLexicalRoundTrip(t *testing.T) {
	for _, clauses := range []int{0, 1, 7, 300} {
		data := sampleIndex(t, "r1", clauses)
		x, err := readLexical(data, "r1")
		if err != nil || x.Len() != clauses {
			t.Fatalf("%d clauses: %v", clauses, err)
		}
		var again bytes.Buffer
		if err := x.write(&again, "r1"); err != nil || !bytes.Equal(again.Bytes(), data) {
			t.Errorf("%d clauses: written again, the file differs (%v)", clauses, err)
		}
		if clauses == 0 {
			continue
		}
		matches := x.Rank(Query{Text: "企业补贴"})
		if len(matches) != clauses || !strings.HasPrefix(matches[0].ID, "doc-") {
			t.Errorf("%d clauses: %+v", clauses, matches)
		}
	}
}

// No file that differs from what was written is read: not with any one bit
// changed, nor cut or made longer anywhere.
func TestLexicalRefusesDamage(t *testing.T) {
	data := sampleIndex(t, "r1", 12)
	refused := func(b []byte, revision, what string) {
		if _, err := readLexical(b, revision); err == nil {
			t.Fatalf("accepted: %s", what)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q", what, err)
		}
	}
	for i := range data {
		for bit := range 8 {
			b := bytes.Clone(data)
			b[i] ^= 1 << bit
			refused(b, "r1", fmt.Sprintf("bit %d of byte %d changed", bit, i))
		}
		refused(data[:i], "r1", fmt.Sprintf("cut to %d bytes", i))
		refused(append(bytes.Clone(data[:i]), data[i+1:]...), "r1", fmt.Sprintf("without byte %d", i))
	}
	refused(append(bytes.Clone(data), 0), "r1", "a byte longer")
	refused(data, "r2", "of another library")
	refused(data, "", "of no library")
}

// A head that contradicts the index, or itself, is refused although its checksum
// is right.
func TestLexicalRefusesForgedHead(t *testing.T) {
	data := sampleIndex(t, "r1", 2)
	x, err := readLexical(data, "r1")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("bm25idx"))
	body := data[max(at, 0):]
	heading := func(version, revision string, count uint64, ids ...string) []byte {
		head := appendString(appendString([]byte(lexicalMagic), version), revision)
		head = binary.AppendUvarint(head, count)
		for i, id := range ids {
			key := Key{}
			if i < len(x.keys) {
				key = x.keys[i]
			}
			head = append(appendString(head, id), key[:]...)
		}
		return head
	}
	rest := data[len(heading(LexicalVersion(), "r1", 2, "doc-0.h0", "doc-0.h1")) : at-4] // the texts
	sealed := func(head, texts []byte) []byte {
		head = append(head, texts...)
		return append(binary.LittleEndian.AppendUint32(head, crc32.ChecksumIEEE(head)), body...)
	}
	forge := func(version, revision string, count uint64, ids ...string) []byte {
		return sealed(heading(version, revision, count, ids...), rest)
	}
	texts := func(change func([]byte)) []byte {
		b := bytes.Clone(rest)
		change(b)
		return sealed(heading(LexicalVersion(), "r1", 2, "doc-0.h0", "doc-0.h1"), b)
	}
	if good := forge(LexicalVersion(), "r1", 2, "doc-0.h0", "doc-0.h1"); !bytes.Equal(good, data) {
		t.Fatal("the test forges wrongly")
	}
	for name, b := range map[string][]byte{
		"one id too few":    forge(LexicalVersion(), "r1", 1, "doc-0.h0"),
		"one id too many":   forge(LexicalVersion(), "r1", 3, "doc-0.h0", "doc-0.h1", "doc-0.h2"),
		"no ids":            forge(LexicalVersion(), "r1", 0),
		"a huge number":     forge(LexicalVersion(), "r1", 1<<63),
		"more than written": forge(LexicalVersion(), "r1", 200, "doc-0.h0", "doc-0.h1"),
		"no title":          texts(func(b []byte) { b[0] = 0 }),
		"many titles":       texts(func(b []byte) { b[3] = 0xff }),
		"a long title":      texts(func(b []byte) { b[6] = 0xff }),
		"texts cut":         sealed(heading(LexicalVersion(), "r1", 2, "doc-0.h0", "doc-0.h1"), rest[:len(rest)-3]),
		"other rules":       forge("rules", "r1", 2, "doc-0.h0", "doc-0.h1"),
	} {
		if _, err := readLexical(b, "r1"); err == nil {
			t.Errorf("accepted: %s", name)
		}
	}
}

// FuzzReadLexical reads any bytes: it never panics, and what it accepts is what
// would be written.
func FuzzReadLexical(f *testing.F) {
	good := sampleIndex(f, "r1", 5)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add([]byte{})
	f.Add([]byte(lexicalMagic))
	f.Add(appendString([]byte(lexicalMagic), LexicalVersion()))
	f.Add(append(appendString(appendString([]byte(lexicalMagic), LexicalVersion()), "r1"), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := readLexical(data, "r1")
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := x.write(&again, "r1"); err != nil || !bytes.Equal(again.Bytes(), data) {
			t.Fatalf("accepted altered bytes: %d came back as %d, %v", len(data), again.Len(), err)
		}
		x.Rank(Query{Text: "企业补贴 enterprises"})
	})
}
