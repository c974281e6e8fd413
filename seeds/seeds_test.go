package seeds_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval/catalogue"
	"policybot/seeds"
)

// sums are the texts as they were received. Citations and offsets refer to
// these bytes: a text that changes is another document.
var sums = map[string]string{
	"000_d486a0f142223587.txt": "cd14fb363be1e706893aa4ab54ac48a4bcf951efa174342cf9d4af11ae3417fa",
	"001_348a0d9b94f4f60d.txt": "1a494d8baa28f531e616494a9679bbfa489cb358561cc12f0da4c1aba7634168",
	"002_d115b1013fdc489e.txt": "176bb70c3dc32baf481c1f6f3e5bebc5043e9ee5bdbd7167514d816b2bfb350b",
	"003_5be9f72802f73f51.txt": "7ed423e5f14d1bb1a90cab8fda0a4d85153eee828803c9d36c12ff93f9878d7d",
	"004_e4d0e29d89e31952.txt": "406b3590cf64a72e07cdcb75bfc7dade57571356d09ec98fb38199fab2bb03ee",
}

func TestTextsAreUnchanged(t *testing.T) {
	names, err := fs.Glob(seeds.FS(), "*.txt")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for _, name := range names {
		data, err := fs.ReadFile(seeds.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		have[name] = hex.EncodeToString(sum[:])
	}
	if diff := cmp.Diff(sums, have); diff != "" {
		t.Errorf("texts (-want +have):\n%s", diff)
	}
}

func TestCatalogueListsEachTextOnce(t *testing.T) {
	f, err := seeds.FS().Open("catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := catalogue.Read(f, "catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(sums)), slices.Sorted(slices.Values(c.Files()))); diff != "" {
		t.Errorf("files (-texts +catalogue):\n%s", diff)
	}
}
