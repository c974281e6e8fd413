package retrievaltest

import (
	"context"
	"io/fs"

	"policybot/retrieval"
	"policybot/retrieval/catalogue"
	"policybot/seeds"
)

// Seeds returns a library of package seeds with its catalogue, held in memory
// and ready to search.
func Seeds(ctx context.Context) (*retrieval.Library, error) {
	return SeedsIn(ctx, retrieval.NewMemory())
}

// SeedsIn is Seeds in a store that holds nothing yet.
func SeedsIn(ctx context.Context, store retrieval.Store) (*retrieval.Library, error) {
	return FolderIn(ctx, store, seeds.FS())
}

// FolderIn is a library of a folder with a catalogue.yaml, in a store that holds
// nothing yet, ready to search.
func FolderIn(ctx context.Context, store retrieval.Store, folder fs.FS) (*retrieval.Library, error) {
	lib := retrieval.New(store, "")
	f, err := folder.Open("catalogue.yaml")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cat, err := catalogue.Read(f, "catalogue.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range cat.Files() {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		facts := func(d *retrieval.Document) bool { return cat.Apply(name, d) }
		if _, err := lib.Add(ctx, retrieval.File{Source: name, Data: data, Facts: facts}); err != nil {
			return nil, err
		}
	}
	return lib, lib.Refresh(ctx)
}
