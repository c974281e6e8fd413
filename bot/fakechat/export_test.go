package fakechat

import (
	"net/http"
	"strconv"
	"time"
)

// Sign signs a delivery as the platform does, or wrong in a way.
func Sign(r *http.Request, body []byte, secret, wrong string) {
	now := time.Now()
	switch wrong {
	case "old":
		now = now.Add(-24 * time.Hour)
	case "empty":
		secret = ""
	case "signature":
		body = append([]byte("x"), body...)
	case "unsigned":
		return
	}
	at := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set(timeHeader, at)
	r.Header.Set(signatureHeader, sign(secret, at, body))
}
