//go:build conformance

package wxcrypt_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot/wecom/wxcrypt"
)

// clients is where the vendor's client is, and what is asked of it.
var clients = filepath.Join("..", "..", "..", ".ci", "conformance")

// An ask is a line for wecom-crypto.mjs: to open Sealed, or where that is nil to seal Text.
type ask struct {
	Token     string  `json:"token"`
	Key       string  `json:"key"`
	Receiver  string  `json:"receiver"`
	Timestamp string  `json:"timestamp"`
	Nonce     string  `json:"nonce"`
	Text      string  `json:"text"`
	Sealed    *string `json:"sealed,omitempty"`
	Signature string  `json:"signature"`
}

// An answer is what it says to one.
type answer struct {
	Text      string `json:"text"`
	Sealed    string `json:"sealed"`
	Signature string `json:"signature"`
	Holds     bool   `json:"holds"` // the signature
	Error     string `json:"error"`
}

// An exchange is something to ask, and what must be true of the answer.
type exchange struct {
	name  string
	ask   ask
	check func(answer) error
}

// TestConformance has WeCom's own cipher open what this one sealed, and seals with WeCom's what this one must open: a
// thousand texts each way, and what has to be refused.
func TestConformance(t *testing.T) {
	node := nodeAndClient(t)
	r := rand.New(rand.NewPCG(20260302, 1))
	var all []exchange
	seen := &variety{}
	for i := range 1000 {
		a := randomAsk(t, r)
		seen.add(a)
		all = append(all, theySeal(t, i, a), weSeal(t, i, a), theyRefuse(t, i, a, r))
	}
	all = append(all, theirVector(t))
	seen.check(t)
	for i, got := range converse(t, node, all) {
		if err := all[i].check(got); err != nil {
			t.Errorf("%s: %v", all[i].name, err)
		}
	}
}

func (a ask) crypt(t *testing.T) *wxcrypt.Crypt {
	t.Helper()
	c, err := wxcrypt.New(a.Token, a.Key, a.Receiver)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (a ask) at() time.Time { return request{timestamp: a.Timestamp}.at() }

// theySeal has WeCom's cipher seal a text, and opens it; with another receiver it must not open.
func theySeal(t *testing.T, i int, a ask) exchange {
	c := a.crypt(t)
	other := a
	other.Receiver = "ww" + a.Receiver
	stranger := other.crypt(t)
	return exchange{fmt.Sprintf("text %d, sealed there", i), a, func(got answer) error {
		plain, err := c.Open(got.Signature, a.Timestamp, a.Nonce, got.Sealed, a.at())
		if err != nil || string(plain) != a.Text || got.Error != "" {
			return fmt.Errorf("opened as %.80q, %w, %s; want %.80q", plain, err, got.Error, a.Text)
		}
		if plain, err := stranger.Open(got.Signature, a.Timestamp, a.Nonce, got.Sealed, a.at()); plain != nil || !errors.Is(err, wxcrypt.ErrMalformed) {
			return fmt.Errorf("opened for another receiver as %.80q, %w", plain, err)
		}
		return nil
	}}
}

// weSeal seals a text for WeCom's cipher to open.
func weSeal(t *testing.T, i int, a ask) exchange {
	text, signature := a.crypt(t).Seal([]byte(a.Text), a.Timestamp, a.Nonce)
	want := a.Text
	a.Text, a.Sealed, a.Signature = "", &text, signature
	return exchange{fmt.Sprintf("text %d, sealed here", i), a, func(got answer) error {
		if !got.Holds || got.Text != want || got.Error != "" {
			return fmt.Errorf("the signature holds: %v; opened as %.80q, %s; want %.80q", got.Holds, got.Text, got.Error, want)
		}
		return nil
	}}
}

// theyRefuse changes one character that was sealed here. WeCom's cipher says that the signature does not hold, and this
// one opens nothing either.
func theyRefuse(t *testing.T, i int, a ask, r *rand.Rand) exchange {
	c := a.crypt(t)
	text, signature := c.Seal([]byte(a.Text), a.Timestamp, a.Nonce)
	changed := []byte(text)
	changed[r.IntN(len(changed))] ^= 1
	text = string(changed)
	a.Text, a.Sealed, a.Signature = "", &text, signature
	return exchange{fmt.Sprintf("text %d, changed", i), a, func(got answer) error {
		plain, err := c.Open(signature, a.Timestamp, a.Nonce, text, a.at())
		if got.Holds || plain != nil || !errors.Is(err, wxcrypt.ErrSignature) {
			return fmt.Errorf("its signature holds: %v; opened here as %.80q, %w", got.Holds, plain, err)
		}
		return nil
	}}
}

// theirVector has WeCom's cipher open the message that WeCom publishes, so that it is known to be asked aright.
func theirVector(t *testing.T) exchange {
	text := message.sealed
	plain, err := message.open(published(t), message.at())
	if err != nil {
		t.Fatal(err)
	}
	a := ask{Token: publishedToken, Key: publishedKey, Receiver: publishedCorp, Timestamp: message.timestamp, Nonce: message.nonce, Sealed: &text, Signature: message.signature}
	return exchange{"the published message", a, func(got answer) error {
		if !got.Holds || got.Text != string(plain) {
			return fmt.Errorf("the signature holds: %v; opened as %q, %s", got.Holds, got.Text, got.Error)
		}
		return nil
	}}
}

// alphabet is of what WeCom makes tokens and keys.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func randomAsk(t *testing.T, r *rand.Rand) ask {
	t.Helper()
	word := func(length int) string {
		var b strings.Builder
		for range length {
			b.WriteByte(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	a := ask{
		Token: word(1 + r.IntN(32)), Key: word(43), Nonce: strconv.FormatUint(uint64(r.Uint32()), 10),
		Timestamp: strconv.FormatInt(1_700_000_000+int64(r.IntN(200_000_000)), 10), Text: randomText(r),
	}
	switch r.IntN(3) {
	case 0:
		a.Receiver = "ww" + word(16)
	case 1:
		a.Receiver = "wx" + word(1+r.IntN(40))
	}
	return a
}

// longestText is the most that an AI bot may say at once, in bytes.
const longestText = 20480

// randomText is text of any length, most of it short, in one of the ranges that people write in or in all of Unicode.
func randomText(r *rand.Rand) string {
	length := r.IntN([]int{1, 64, 1024, longestText + 1}[r.IntN(4)])
	ranges := [][2]int{{0, 0x7F}, {0, 0x7FF}, {0x4E00, 0x9FFF}, {0x1F300, 0x1FAFF}, {0, utf8.MaxRune}}
	span := ranges[r.IntN(len(ranges))]
	var b []byte
	for {
		c := rune(span[0] + r.IntN(span[1]-span[0]+1))
		if !utf8.ValidRune(c) {
			continue
		}
		if len(b)+utf8.RuneLen(c) > length {
			return string(b)
		}
		b = utf8.AppendRune(b, c)
	}
}

// A variety is what was tried.
type variety struct {
	bytes   [256]bool
	padding [33]bool
	empty   int // texts
	long    int
	bots    int // receivers without an id
}

func (v *variety) add(a ask) {
	for _, b := range []byte(a.Text) {
		v.bytes[b] = true
	}
	v.padding[32-(20+len(a.Text)+len(a.Receiver))%32] = true
	if a.Text == "" {
		v.empty++
	}
	if len(a.Text) > longestText/2 {
		v.long++
	}
	if a.Receiver == "" {
		v.bots++
	}
}

// check sees to it that each byte that UTF-8 has, each length of padding and both kinds of receivers were tried.
func (v *variety) check(t *testing.T) {
	for b, tried := range v.bytes {
		if never := b >= 0xF5 || b == 0xC0 || b == 0xC1; tried == never {
			t.Errorf("byte %#x was tried: %v", b, tried)
		}
	}
	for n, tried := range v.padding {
		if tried != (n > 0) {
			t.Errorf("padding of %d was tried: %v", n, tried)
		}
	}
	if v.empty < 50 || v.long < 50 || v.bots < 200 || v.bots > 800 {
		t.Errorf("%d texts are empty, %d are long, %d are for a bot", v.empty, v.long, v.bots)
	}
}

// converse asks all, in one process, and gives the answers.
func converse(t *testing.T, node string, all []exchange) []answer {
	t.Helper()
	ctx, quit := context.WithTimeout(t.Context(), 2*time.Minute)
	defer quit()
	cmd := exec.CommandContext(ctx, node, "wecom-crypto.mjs")
	cmd.Dir, cmd.WaitDelay = clients, 5*time.Second
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	var asked error
	asking.Go(func() { asked = errors.Join(askAll(in, all), in.Close()) })
	answers, err := readAll(out, len(all))
	if err != nil {
		quit()
	}
	asking.Wait()
	if err = errors.Join(err, asked, cmd.Wait()); err != nil || complaint.Len() > 0 {
		t.Fatalf("%v\n%s", err, &complaint)
	}
	return answers
}

func askAll(in io.Writer, all []exchange) error {
	lines := json.NewEncoder(in)
	for _, x := range all {
		if err := lines.Encode(x.ask); err != nil {
			return fmt.Errorf("ask of %s: %w", x.name, err)
		}
	}
	return nil
}

func readAll(out io.Reader, count int) ([]answer, error) {
	var answers []answer
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("read answer %d: %w", len(answers), err)
		}
		answers = append(answers, a)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(answers) != count {
		return nil, fmt.Errorf("%d answers to %d", len(answers), count)
	}
	return answers, nil
}

// oldestNode is the oldest version of node that all the clients there take.
const oldestNode = 20

// nodeAndClient gives the path of node. A test that lacks it, or the client, is skipped; in strict mode it fails.
func nodeAndClient(t *testing.T) string {
	t.Helper()
	lacks := t.Skipf
	if os.Getenv("POLICYBOT_STRICT") == "1" {
		lacks = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		lacks("not run: there is no node")
	}
	version, err := exec.CommandContext(t.Context(), node, "--version").Output()
	if err != nil {
		t.Fatalf("%s --version: %v", node, err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < oldestNode {
		lacks("not run: the client wants node %d, and this is %s", oldestNode, version)
	}
	if _, err := os.Stat(filepath.Join(clients, "node_modules", "@wecom", "aibot-node-sdk")); err != nil {
		lacks("not run: there is no @wecom/aibot-node-sdk: make vendors fetches it")
	}
	return node
}
