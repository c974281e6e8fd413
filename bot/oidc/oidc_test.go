package oidc_test

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/oidc"
)

// keys are made once: that takes long. The second is of somebody else.
var keys = func() (list [2]*rsa.PrivateKey) {
	for i := range list {
		list[i], _ = rsa.GenerateKey(rand.Reader, 2048)
	}
	return list
}()

// A fake is a fake provider. It gives one word for one code, to whoever has the verifier.
type fake struct {
	*httptest.Server
	t      *testing.T
	down   atomic.Bool
	asked  atomic.Int32 // what it is
	round  url.Values   // the address that somebody was sent to
	claims map[string]any
	alg    string // of the signature
	key    *rsa.PrivateKey
	issuer string // as it calls itself; "" for its address
}

func newFake(t *testing.T) *fake {
	f := &fake{t: t, alg: "RS256", key: keys[0]}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := func(v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	switch {
	case f.down.Load():
		http.Error(w, "down", http.StatusServiceUnavailable)
	case r.URL.Path == "/.well-known/openid-configuration":
		f.asked.Add(1)
		issuer := f.issuer
		if issuer == "" {
			issuer = f.URL
		}
		answer(map[string]any{
			"issuer": issuer, "authorization_endpoint": f.URL + "/auth", "token_endpoint": f.URL + "/token", "jwks_uri": f.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		})
	case r.URL.Path == "/keys":
		answer(map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one", "n": b64(keys[0].N.Bytes()), "e": b64(big.NewInt(int64(keys[0].E)).Bytes()),
		}}})
	case r.URL.Path == "/token":
		id, secret, _ := r.BasicAuth()
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if id != "client" || secret != "secret" || r.FormValue("code") != "code" || b64(sum[:]) != f.round.Get("code_challenge") {
			w.WriteHeader(http.StatusBadRequest)
			answer(map[string]any{"error": "invalid_grant"})
			return
		}
		word := map[string]any{"access_token": "access", "token_type": "Bearer"}
		if f.claims != nil {
			word["id_token"] = f.sign()
		}
		answer(word)
	default:
		http.NotFound(w, r)
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// sign writes the claims as a JWT.
func (f *fake) sign() string {
	head, _ := json.Marshal(map[string]any{"alg": f.alg, "typ": "JWT", "kid": "one"})
	body, _ := json.Marshal(f.claims)
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	var signature []byte
	switch f.alg {
	case "RS256":
		signature, _ = rsa.SignPKCS1v15(rand.Reader, f.key, crypto.SHA256, sum[:])
	case "HS256": // with what anybody can read, the public key
		mac := hmac.New(sha256.New, keys[0].N.Bytes())
		mac.Write([]byte(text))
		signature = mac.Sum(nil)
	}
	return text + "." + b64(signature)
}

func (f *fake) config() oidc.Config {
	return oidc.Config{Issuer: f.URL, ClientID: "client", ClientSecret: "secret", RedirectURL: "http://127.0.0.1:8080/enter/back"}
}

// start sends somebody to the provider, who will give a good word.
func (f *fake) start(p *oidc.Provider) oidc.Round {
	f.t.Helper()
	round := oidc.NewRound()
	address, err := p.Start(f.t.Context(), round)
	if err != nil {
		f.t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.round = u.Query()
	f.claims = map[string]any{
		"iss": f.URL, "sub": "4711", "aud": "client", "nonce": round.Nonce, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		"email": "li@gov.example", "email_verified": true, "name": "李四",
	}
	return round
}

func newProvider(t *testing.T, c oidc.Config) *oidc.Provider {
	t.Helper()
	p, err := oidc.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStart(t *testing.T) {
	f := newFake(t)
	p := newProvider(t, f.config())
	if n := f.asked.Load(); n != 0 {
		t.Errorf("New asked %d times", n)
	}
	round := f.start(p)
	sum := sha256.Sum256([]byte(round.Verifier))
	for name, want := range map[string]string{
		"client_id": "client", "response_type": "code", "state": round.State, "nonce": round.Nonce, "code_challenge_method": "S256",
		"code_challenge": b64(sum[:]), "redirect_uri": f.config().RedirectURL, "scope": "openid email profile",
	} {
		if got := f.round.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if other := oidc.NewRound(); other.State == round.State || other.Nonce == round.Nonce || other.Verifier == round.Verifier {
		t.Error("two rounds share a secret")
	}
	if _, err := p.Start(t.Context(), oidc.Round{State: "s", Verifier: "v"}); err == nil {
		t.Error("a round without a nonce starts")
	}
	if n := f.asked.Load(); n != 1 {
		t.Errorf("asked %d times what the provider is, want once", n)
	}
}

// TestFinish has each word that must not be believed beside those that must.
func TestFinish(t *testing.T) {
	good := accounts.Identity{Subject: "4711", Email: "li@gov.example", EmailVerified: true, Name: "李四"}
	unverified := good
	unverified.EmailVerified = false
	set := func(changes map[string]any) func(*fake, *oidc.Round) {
		return func(f *fake, _ *oidc.Round) {
			maps.Copy(f.claims, changes)
			maps.DeleteFunc(f.claims, func(_ string, v any) bool { return v == nil })
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*fake, *oidc.Round)
		want   *accounts.Identity // nil: refused
	}{
		{"good", set(nil), &good},
		{"verified in a text", set(map[string]any{"email_verified": "true"}), &good},
		{"two audiences, made for us", set(map[string]any{"aud": []string{"client", "other"}, "azp": "client"}), &good},
		{"e-mail not verified", set(map[string]any{"email_verified": false}), &unverified},
		{"nothing said of the e-mail", set(map[string]any{"email_verified": nil}), &unverified},
		{"verified in another way", set(map[string]any{"email_verified": 1}), &unverified},
		{"no e-mail", set(map[string]any{"email": nil}), &accounts.Identity{Subject: "4711", Name: "李四"}},
		{"wrong nonce", set(map[string]any{"nonce": "another"}), nil},
		{"no nonce", set(map[string]any{"nonce": nil}), nil},
		{"wrong audience", set(map[string]any{"aud": "other"}), nil},
		{"no audience", set(map[string]any{"aud": nil}), nil},
		{"made for another", set(map[string]any{"aud": []string{"client", "other"}, "azp": "other"}), nil},
		{"made for nobody knows whom", set(map[string]any{"aud": []string{"client", "other"}}), nil},
		{"expired", set(map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}), nil},
		{"never expires", set(map[string]any{"exp": nil}), nil},
		{"not yet good", set(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), nil},
		{"other issuer", set(map[string]any{"iss": "https://evil.example"}), nil},
		{"nobody", set(map[string]any{"sub": ""}), nil},
		{"not signed", func(f *fake, _ *oidc.Round) { f.alg = "none" }, nil},
		{"signed with a shared key", func(f *fake, _ *oidc.Round) { f.alg = "HS256" }, nil},
		{"signed by somebody else", func(f *fake, _ *oidc.Round) { f.key = keys[1] }, nil},
		{"no word", func(f *fake, _ *oidc.Round) { f.claims = nil }, nil},
		{"other verifier", func(_ *fake, r *oidc.Round) { r.Verifier = oidc.NewRound().Verifier }, nil},
		{"other state", func(_ *fake, r *oidc.Round) { r.State = "another" }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t)
			p := newProvider(t, f.config())
			round := f.start(p)
			state := round.State
			tt.change(f, &round)
			got, err := p.Finish(t.Context(), round, state, "code")
			if tt.want == nil {
				if !errors.Is(err, oidc.ErrRefused) || got != (accounts.Identity{}) {
					t.Errorf("%+v, %v, want it refused", got, err)
				}
				return
			}
			want := *tt.want
			want.Issuer = f.URL
			if err != nil || got != want {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		})
	}
	f := newFake(t)
	p := newProvider(t, f.config())
	round := f.start(p)
	for _, code := range []string{"", "another"} {
		if _, err := p.Finish(t.Context(), round, round.State, code); !errors.Is(err, oidc.ErrRefused) {
			t.Errorf("code %q: %v", code, err)
		}
	}
}

// TestAway: the program starts while the provider is away, says so, and goes on when it is back.
func TestAway(t *testing.T) {
	f := newFake(t)
	f.down.Store(true)
	p := newProvider(t, f.config())
	round := oidc.NewRound()
	if _, err := p.Start(t.Context(), round); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("start: %v", err)
	}
	if _, err := p.Finish(t.Context(), round, round.State, "code"); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("finish: %v", err)
	}
	f.down.Store(false)
	round = f.start(p)
	f.down.Store(true)
	if _, err := p.Finish(t.Context(), round, round.State, "code"); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("finish: %v", err)
	}
	f.down.Store(false)
	if _, err := p.Finish(t.Context(), round, round.State, "code"); err != nil {
		t.Error(err)
	}
}

func TestOtherIssuer(t *testing.T) {
	f := newFake(t)
	f.issuer = "https://evil.example"
	if _, err := newProvider(t, f.config()).Start(t.Context(), oidc.NewRound()); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("a provider that calls itself something else: %v", err)
	}
}

// silent is a provider that never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestSilent: a provider that does not answer costs whoever signs in the time-out and no more, also those who wait
// for each other.
func TestSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(t, oidc.Config{
			Issuer: "https://id.example", ClientID: "c", ClientSecret: "s", RedirectURL: "https://bot.example/back",
			Timeout: 3 * time.Second, Transport: silent{},
		})
		began := time.Now()
		if _, err := p.Start(t.Context(), oidc.NewRound()); !errors.Is(err, oidc.ErrUnavailable) {
			t.Errorf("start: %v", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s", took)
		}
		first := make(chan error)
		go func() {
			_, err := p.Start(t.Context(), oidc.NewRound())
			first <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Start(ctx, oidc.NewRound()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("behind another: %v", err)
		}
		if err := <-first; !errors.Is(err, oidc.ErrUnavailable) {
			t.Errorf("the first of two: %v", err)
		}
	})
}

func TestConfig(t *testing.T) {
	good := oidc.Config{Issuer: "https://id.example/realm", ClientID: "c", ClientSecret: "s", RedirectURL: "https://bot.example/back"}
	for name, change := range map[string]func(*oidc.Config){
		"no id": func(c *oidc.Config) { c.ClientID = "" }, "no secret": func(c *oidc.Config) { c.ClientSecret = "" },
		"no issuer": func(c *oidc.Config) { c.Issuer = "" }, "issuer in the clear": func(c *oidc.Config) { c.Issuer = "http://id.example" },
		"way back in the clear": func(c *oidc.Config) { c.RedirectURL = "http://bot.example/back" },
		"user in the address":   func(c *oidc.Config) { c.Issuer = "https://u:p@id.example" },
	} {
		c := good
		change(&c)
		if _, err := oidc.New(c); err == nil || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, issuer := range []string{good.Issuer, "http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000"} {
		c := good
		c.Issuer = issuer
		newProvider(t, c)
	}
}
