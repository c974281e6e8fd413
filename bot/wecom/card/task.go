package card

import (
	"crypto/sha256"
	"encoding/base64"
)

// TaskID is a text as a task id: itself if it may be one, else 43 characters that stand for it.
func TaskID(s string) string {
	if isTask(s) {
		return s
	}
	sum := sha256.Sum256([]byte("task\x00" + s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
