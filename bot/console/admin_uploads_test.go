package console

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneUpload reads one file at a time: another waits a while, and is told when it takes longer.
func TestOneUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Console{uploading: make(chan struct{}, 1)}
		done, err := c.oneUpload(t.Context())
		must(t, err)
		begun := time.Now()
		_, err = c.oneUpload(t.Context())
		if shown, ok := errors.AsType[*pageError](err); !ok || shown.status != http.StatusServiceUnavailable || time.Since(begun) != uploadWait {
			t.Errorf("beside another: %v after %v", err, time.Since(begun))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.oneUpload(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("nobody waits: %v", err)
		}
		time.AfterFunc(uploadWait/2, done)
		begun = time.Now()
		done, err = c.oneUpload(t.Context())
		must(t, err)
		done()
		if time.Since(begun) != uploadWait/2 {
			t.Errorf("waited %v for one that ended", time.Since(begun))
		}
	})
}

// TestAdminUploadsBusy tells a second person that a file is being read, and lets go when it was.
func TestAdminUploadsBusy(t *testing.T) {
	w := newWorld(t, setup{files: true})
	boss := w.signedIn("boss")
	c := w.console
	c.uploading <- struct{}{}
	boss.upload("a.txt", []byte("某市办法\n\n第一条 支持企业。\n"), nil).sees(http.StatusServiceUnavailable, "Another file is being read")
	<-c.uploading
	for range 3 { // each lets go, also where it is refused
		boss.upload("a.exe", []byte("x"), nil).sees(http.StatusUnprocessableEntity)
	}
	boss.upload("a.txt", []byte("某市办法\n\n第一条 支持企业。\n"), nil).sees(http.StatusOK, "1 added")
	boss.post(boss.at+"/takeback", adminSure).sees(http.StatusOK, "The file went", "a.txt").lacks("1 added")
}
