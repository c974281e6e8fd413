package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/eligibility/register"
	"policybot/bot/journal"
	"policybot/retrieval"
	"policybot/retrieval/publication"
)

// Administration is what the pages for administrators stand on beside the rest. What is nil is not offered.
type Administration struct {
	Measures *register.Register // measures can be reviewed
	// Changing waits until nothing else writes to the data folder; nil: nothing else does.
	Changing func(context.Context) (release func(), err error)
	// Changed is called when a proposal has changed the library; nil: nothing is to be done then.
	Changed func(context.Context) error
	// Heads are what was noted of the audit before, which shows that nothing was taken off its end; nil: nothing was.
	Heads func() ([]accounts.Head, error)
	// Installed tells what only the program around the console knows; nil: nothing.
	Installed func(context.Context) Installation
}

// An Installation is what is known of the program and its data folder beside what the console itself knows.
type Installation struct {
	Public     bool         // the console is reached from elsewhere than this machine
	Files      []Kept       // of the data folder
	Backup     time.Time    // of the last backup; zero: none is known
	Configured []Configured // what the configuration says, for reading
	// DailyTokens is what the configuration lets language models take in a day, where nothing is set; 0: no limit.
	DailyTokens int
	Tokens      int // that they took today (UTC)
}

// Kept is a file of the data folder.
type Kept struct {
	Name string
	Size int64 // bytes
}

// Configured is a setting of the configuration.
type Configured struct {
	Name  string // in the file, such as service.total, or of a variable of the environment
	Value string // "" where it is not set
}

// SettingAlone is the setting, in the journal, of an installation with a single person: who proposes a document may
// publish it while its value is journal.ApprovalOn.
const SettingAlone = "publish_alone"

// What administrators do, as entries of the audit call it.
const (
	didPauseAnswers   = "answering.paused"
	didResumeAnswers  = "answering.resumed"
	didChangeSetting  = "setting.changed"
	didSetWords       = "words.changed"
	didUndoWords      = "words.undone"
	didApproveMeasure = "measure.approved"
	didRejectMeasure  = "measure.rejected"
	didErasePerson    = "person.erased"
	didExportAudit    = "audit.exported"
	didDocument       = "document." // and what package publication calls it
)

// installed is what is known of the installation.
func (c *Console) installed(ctx context.Context) Installation {
	if c.Admin.Installed == nil {
		return Installation{}
	}
	return c.Admin.Installed(ctx)
}

// switchedOn reports whether a setting of the journal is on.
func (c *Console) switchedOn(ctx context.Context, name string) (bool, error) {
	value, err := c.Service.Journal.Setting(ctx, name)
	return value == journal.ApprovalOn, err
}

// changing waits until nothing else writes to the data folder.
func (c *Console) changing(ctx context.Context) (release func(), err error) {
	if c.Admin.Changing == nil {
		return func() {}, nil
	}
	return c.Admin.Changing(ctx)
}

// An adminTab is one of the pages for administrators, as each of them lists them.
type adminTab struct {
	URL, Label string
	Here       bool
}

// AdminTabs are the pages for administrators that the reader may open.
func (v View) AdminTabs() []adminTab {
	var out []adminTab
	for _, name := range []string{"", "users", "documents", "measures", "vocabulary", "settings", "audit", "erase"} {
		if name != "documents" && !v.May(string(admin)) {
			continue
		}
		tab := adminTab{URL: "/admin", Label: v.T("admin.tab_state"), Here: v.At("/admin") && !v.deeper("/admin")}
		if name != "" {
			tab = adminTab{"/admin/" + name, v.T("admin.tab_" + name), v.At("/admin/" + name)}
		}
		out = append(out, tab)
	}
	return out
}

// deeper reports whether the page lies below an address.
func (v View) deeper(path string) bool { return v.At(path) && v.at != path }

// A question is what is asked before something is done that cannot simply be undone.
type question struct {
	Title, Text, Button string
	Back                string // address of the page that it came from
	Danger              bool
}

// A hiddenField is one field of a form that is sent again.
type hiddenField struct{ Name, Value string }

// sureData is the page that asks whether to do something.
type sureData struct {
	View
	question
	Action string
	Fields []hiddenField
}

// sure reports whether a form was sent from the page that asks whether to do it; else it shows that page. The form
// has been read.
func (c *Console) sure(w http.ResponseWriter, r *http.Request, ask func(View) question) (bool, error) {
	if r.PostForm.Get("sure") == "yes" {
		return true, nil
	}
	v := c.adminView(r)
	page := sureData{View: v, question: ask(v), Action: r.URL.Path}
	for name, values := range r.PostForm {
		for _, value := range values {
			page.Fields = append(page.Fields, hiddenField{name, value})
		}
	}
	return false, c.show(w, r, http.StatusOK, "adminsure", page)
}

// adminView is the view of a page for administrators: one that a form was sent to is at its own address too.
func (c *Console) adminView(r *http.Request) View {
	v := c.view(r)
	v.at = r.URL.Path
	return v
}

// adminBack sends the reader back to a page, which says that something was done.
func adminBack(w http.ResponseWriter, r *http.Request, to, done string) error {
	return seeOther(w, r, to+"?done="+done)
}

// adminData is the page with the state of everything.
type adminData struct {
	View
	State      string // ready, not_ready or paused
	Stopped    bot.Stopped
	Reasons    []string
	Channels   []channelState
	Counts     *journal.Counts
	Documents  int
	Clauses    int
	Proposals  int
	Withdrawn  int
	Measures   map[string]int
	Entries    int
	EntriesOld int
	Model      *bot.ModelHealth
	Budget     string
	Retention  string
	Installation
	Size     string
	Warnings []adminWarning
}

// A channelState is a channel with how it is.
type channelState struct{ Name, State, Reason string }

// An adminWarning is something that somebody should look at, with where.
type adminWarning struct{ Text, URL string }

// adminPage shows the state of everything.
func (c *Console) adminPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	page := adminData{View: c.adminView(r), Installation: c.installed(ctx), Clauses: c.Library.Len()}
	page.health(c.Service.Health(ctx))
	for _, read := range []func(context.Context, *adminData) error{c.libraryState, c.measureState, c.warnings} {
		if err := read(ctx, &page); err != nil {
			return err
		}
	}
	for name, to := range map[string]*string{journal.SettingRetention: &page.Retention, journal.SettingTokens: &page.Budget} {
		n, err := c.number(ctx, page.View, name)
		if err != nil {
			return err
		}
		*to = n.Holds
	}
	var all int64
	for _, f := range page.Files {
		all += f.Size
	}
	page.Size = size(all)
	return c.show(w, r, http.StatusOK, "admin", page)
}

// health takes over how the service is.
func (d *adminData) health(h bot.Health) {
	d.State, d.Reasons, d.Counts, d.Model = "ready", h.Reasons, h.Counts, h.Model
	switch {
	case !h.Ready:
		d.State = "not_ready"
	case h.Stopped != nil:
		d.State, d.Stopped = "paused", *h.Stopped
	}
	for _, name := range sortedKeys(h.Channels) {
		one := h.Channels[name]
		d.Channels = append(d.Channels, channelState{name, string(one.State), one.Reason})
	}
}

// libraryState tells how the library is.
func (c *Console) libraryState(ctx context.Context, d *adminData) error {
	docs, err := c.Library.Documents(ctx)
	if err != nil {
		return err
	}
	d.Documents = len(docs)
	gone, err := c.Library.Withdrawn(ctx)
	if err != nil && !errors.Is(err, retrieval.ErrNoVersions) {
		return err
	}
	d.Withdrawn = len(gone)
	taught, err := c.Library.Taught(ctx, "")
	if err != nil {
		return err
	}
	d.Entries = len(taught)
	for _, t := range taught {
		if t.Stale {
			d.EntriesOld++
		}
	}
	if c.Store == nil {
		return nil
	}
	q, err := c.queue(ctx)
	if err != nil {
		return err
	}
	waiting, err := q.List(ctx, publication.Proposed)
	d.Proposals = len(waiting)
	return err
}

// measureState counts the measures by their state.
func (c *Console) measureState(ctx context.Context, d *adminData) error {
	d.Measures = map[string]int{stateStale: 0}
	if c.Admin.Measures == nil {
		return nil
	}
	list, err := c.Admin.Measures.List(ctx)
	for _, l := range list {
		d.Measures[shownState(l)]++
	}
	return err
}
