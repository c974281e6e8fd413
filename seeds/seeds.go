// Package seeds holds the documents that an empty data folder is filled with:
// five texts, byte for byte as they were received, catalogue.yaml, which
// states what is known about them (see policybot/retrieval/catalogue), and
// measures.yaml, what they offer to whom (see policybot/bot/eligibility).
package seeds

import (
	"embed"
	"io/fs"
)

//go:embed *.txt catalogue.yaml measures.yaml
var files embed.FS

// FS is a read-only file system with the texts, catalogue.yaml and measures.yaml at its root.
func FS() fs.FS { return files }
