package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

//go:embed static/*
var staticFiles embed.FS

// An asset is a static file with what its address needs.
type asset struct {
	data []byte
	kind string // media type
	tag  string // of the content
}

// assetKinds are the media types of static files.
var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assets are the static files by name.
var assets = readAssets()

func readAssets() map[string]asset {
	out := map[string]asset{}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, e := range entries {
		data, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(data)
		out[e.Name()] = asset{data, assetKinds[path.Ext(e.Name())], hex.EncodeToString(sum[:6])}
	}
	return out
}

// assetPath is the address of a static file; it panics where there is none.
func assetPath(name string) string {
	a, ok := assets[name]
	if !ok {
		panic("console: there is no static file " + name)
	}
	return "/static/" + name + "?v=" + a.tag
}

// static serves a static file. One asked for by its tag may be kept for good.
func (c *Console) static(w http.ResponseWriter, r *http.Request) error {
	a, ok := assets[r.PathValue("file")]
	if !ok || a.kind == "" {
		return errNotFound
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", `"`+a.tag+`"`)
	h.Set("Cache-Control", "no-cache")
	if r.URL.Query().Get("v") == a.tag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), a.tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	_, _ = w.Write(a.data)
	return nil
}
