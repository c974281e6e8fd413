// Package seeds holds the documents that an empty data folder is filled with:
// five texts, byte for byte as they were received, and catalogue.yaml, which
// states what is known about them (see policybot/retrieval/catalogue).
package seeds

import (
	"embed"
	"io/fs"
)

//go:embed *.txt catalogue.yaml
var files embed.FS

// FS is a read-only file system with the texts and catalogue.yaml at its root.
func FS() fs.FS { return files }
