package console

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"policybot/bot/accounts"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval/sqlite"
)

// fieldNames are the names of all filters of the log.
func fieldNames() []string {
	var out []string
	for _, field := range logFields {
		out = append(out, field.name)
	}
	return out
}

// A fullTrail is a store of accounts whose audit may take no more rows, but for those of signing in.
type fullTrail struct {
	accounts.Store
	full atomic.Bool
}

var errFull = errors.New("the audit takes no more")

func (s *fullTrail) ChangeAccounts(ctx context.Context, f func(tx accounts.Tx) error) error {
	return s.Store.ChangeAccounts(ctx, func(tx accounts.Tx) error { return f(&fullTx{tx, s}) })
}

type fullTx struct {
	accounts.Tx
	of *fullTrail
}

func (t *fullTx) Append(e accounts.Entry) error {
	if t.of.full.Load() && e.Does != accounts.DidEnter {
		return errFull
	}
	return t.Tx.Append(e)
}

// held is all that the library and the journal hold, but for sessions and the audit.
func (w *world) held() string {
	w.t.Helper()
	var out strings.Builder
	for _, name := range []string{sqlite.FileName, journaldb.FileName} {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(w.folder, name)+"?mode=ro")
		must(w.t, err)
		for _, table := range textsOf(w.t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sessions%' AND name NOT LIKE '%audit%' AND name NOT LIKE '%search_%' ORDER BY name") {
			fmt.Fprintf(&out, "%s.%s\n%s\n", name, table, strings.Join(textsOf(w.t, db, `SELECT * FROM "`+table+`"`), "\n")) //nolint:gosec // names of tables
		}
		must(w.t, db.Close())
	}
	return out.String()
}

// textsOf are the rows of a query as texts.
func textsOf(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	must(t, err)
	var out []string
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(sql.RawBytes)
		}
		must(t, rows.Scan(cells...))
		var line strings.Builder
		for _, c := range cells {
			fmt.Fprintf(&line, "%s|", *c.(*sql.RawBytes))
		}
		out = append(out, strings.TrimSuffix(line.String(), "|"))
	}
	must(t, rows.Err())
	return out
}

// A deed is something that people do: a form, and what the audit calls it.
type deed struct {
	who, path string
	form      url.Values
	does      string
	also      string // what is done before it, "" for nothing
	once      bool   // doing it again changes nothing
}

// An auditWalk does deeds one after the other.
type auditWalk struct {
	*world
	trail  *fullTrail
	people map[string]*person
	routes map[string]bool // that were walked
}

func newAuditWalk(t *testing.T) *auditWalk {
	w := newWorld(t, setup{files: true})
	a := &auditWalk{world: w, trail: &fullTrail{Store: w.journal.(accounts.Store)}, people: map[string]*person{}, routes: map[string]bool{}}
	book, err := accounts.New(accounts.Options{Store: a.trail, Now: w.now, Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	must(t, err)
	o := w.console.Options
	o.Accounts = book
	c := New(o)
	t.Cleanup(c.Close)
	for name := range people {
		a.people[name] = w.signedIn(name)
		a.people[name].console = c
	}
	return a
}

// secret stands in every text that people write in the forms of the walk.
const secret = "Zhang13800138000"

// do does a deed: where it cannot be entered it is not done, then it is with one row, and then not again.
func (a *auditWalk) do(d deed) *person {
	a.t.Helper()
	p := a.people[d.who]
	form := func() url.Values {
		if d.form == nil {
			return url.Values{}
		}
		return d.form
	}
	before, rows := a.held(), len(a.audited(""))
	a.trail.full.Store(true)
	p.ask(http.MethodPost, d.path, form())
	a.trail.full.Store(false)
	if p.code != http.StatusInternalServerError {
		a.t.Errorf("%s %s without a row gives %d: %s", d.path, d.does, p.code, mainOf(p.page))
	}
	if a.held() != before || len(a.audited("")) != rows {
		a.t.Errorf("%s %s changes something without a row", d.path, d.does)
	}
	if p.ask(http.MethodPost, d.path, form()); p.code != http.StatusOK && p.code != http.StatusSeeOther {
		a.t.Fatalf("%s: %d %s", d.path, p.code, mainOf(p.page))
	}
	list := a.audited("")
	if d.also != "" {
		rows++
		if len(list) < 2 || list[1].Does != d.also {
			a.t.Errorf("%s: not %s before", d.path, d.also)
		}
	}
	if len(list) != rows+1 || list[0].Does != d.does || list[0].By != d.who || strings.Contains(list[0].Detail+list[0].Object, secret) {
		a.t.Errorf("%s: %d rows, want %s of %s: %+v", d.path, len(list)-rows, d.does, d.who, list[:len(list)-rows])
	}
	a.walked(d.path)
	if d.once {
		after := a.held()
		if p.ask(http.MethodPost, d.path, form()); len(a.audited("")) != rows+1 || a.held() != after {
			a.t.Errorf("%s %s again: %+v", d.path, d.does, a.audited("")[0])
		}
	}
	return p.follow()
}

// walked notes the route of a path.
func (a *auditWalk) walked(path string) {
	mux := http.NewServeMux()
	for _, to := range routes {
		mux.HandleFunc(to.method+" "+to.path, func(http.ResponseWriter, *http.Request) {})
	}
	r, err := http.NewRequest(http.MethodPost, "http://console.example"+path, nil)
	must(a.t, err)
	_, pattern := mux.Handler(r)
	a.routes[pattern] = true
}

// notDeeds are the forms that change nothing of others, or whose audit is that of package accounts.
var notDeeds = []string{
	"/admin/users", "/admin/users/{name}/change", "/admin/users/{name}/reset", "/admin/audit/verify", "/admin/documents",
	"/desk/cases/{id}/presence", "/desk/cases/{id}/edit", "/desk/cases/{id}/check", "/ops/questions/{id}/replay",
}

// TestNoChangeWithoutRow walks every form of the staff, operations and administrators.
func TestNoChangeWithoutRow(t *testing.T) {
	a := newAuditWalk(t)
	send := a.walkDesk()
	a.walkOps()
	a.walkAdmin()
	a.do(send)
	a.people["ann"].get(strings.TrimSuffix(send.path, "send")+"history").sees(http.StatusOK, secret)
	for _, to := range routes {
		form := to.method == http.MethodPost && slices.Contains([]need{staff, ops, admin}, to.need) && !slices.Contains(notDeeds, to.path)
		if form && !a.routes[to.method+" "+to.path] {
			t.Errorf("%s is not walked", to.path)
		}
	}
	for _, e := range a.audited("") {
		if e.Detail == accounts.Failed {
			t.Errorf("failed: %+v", e)
		}
	}
}

// walkDesk gives what sends a reply, which is delivered while others go on: it comes last.
func (a *auditWalk) walkDesk() (send deed) {
	a.t.Helper()
	none, other := a.visitor().asked("深圳市的人才公寓怎么申请？"), a.visitor().asked("上海的落户积分怎么算？")
	k := a.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	a.do(deed{who: "ann", path: at + "/assign", form: url.Values{"owner": {"ann"}}, does: didAssign, once: true})
	a.do(deed{who: "ann", path: at + "/save", form: draft("0", "One. "+secret), does: didSave, once: true})
	a.do(deed{who: "ann", path: at + "/submit", form: draft("1", "One. "+secret), does: didSubmit, once: true})
	a.do(deed{who: "bea", path: at + "/return", form: url.Values{"revision": {"1"}, "why": {secret}}, does: didReturn, once: true})
	a.do(deed{who: "ann", path: at + "/submit", form: draft("1", "One. "+secret), does: didSubmit})
	a.do(deed{who: "bea", path: at + "/approve", form: url.Values{"revision": {"1"}}, does: didApprove, once: true})
	a.do(deed{who: "ann", path: at + "/program", form: draft("1", ""), does: didSave})
	form := draft("2", "Come by.")
	a.do(deed{who: "ann", path: at + "/save", form: form, does: didSave, once: true})

	take := deed{who: "ann", path: "/desk/questions/" + none + "/take", form: url.Values{"kind": {kindAbstained}}, does: didAssign, also: didOpen}
	a.people["ann"].get(a.do(take).at)
	cases, err := a.journal.Inbox(a.t.Context(), journal.CaseFilter{Question: none})
	must(a.t, err)
	a.do(deed{who: "ann", path: "/desk/cases/" + cases[0].ID + "/close", form: url.Values{"why": {secret}}, does: didClose})
	a.do(deed{who: "bea", path: "/desk/questions/" + other + "/dismiss", form: url.Values{"kind": {kindAbstained}, "why": {secret}}, does: didClose, also: didOpen})
	form = draft("3", "Come by.")
	form.Set("although", "yes")
	form.Set("why", secret)
	return deed{who: "ann", path: at + "/send", form: form, does: didForce}
}

func (a *auditWalk) walkOps() {
	a.t.Helper()
	id, gap := a.visitor().asked(hotpot), a.visitor().asked("北京的积分落户怎么算？")
	filter := url.Values{"q": {secret}, "place": {secret}, "asker": {secret}, "lang": {secret}, "outcome": {"abstained"}}.Encode()
	a.do(deed{who: "olga", path: "/ops/log/export", form: url.Values{"filter": {filter}, "format": {"csv"}}, does: didExportLog})
	if detail := a.audited(didExportLog)[0].Detail; detail != "outcome=abstained lang=… q=… place=… asker=… format=csv count=0" && !strings.Contains(detail, "outcome=abstained") {
		a.t.Errorf("the export is in the audit as %q", detail)
	}
	a.do(deed{who: "olga", path: "/ops/views", form: url.Values{"name": {secret}, "filter": {filter}}, does: didSaveView, once: true})
	a.do(deed{who: "olga", path: "/ops/views/rename", form: url.Values{"view": {secret}, "name": {"x " + secret}}, does: didSaveView})
	a.do(deed{who: "olga", path: "/ops/views/delete", form: url.Values{"view": {"x " + secret}}, does: didDeleteView})

	at := "/ops/questions/" + id
	review := url.Values{"base": {"0"}, "verdict": {"should_answer"}, "clause": {rightOne}, "note": {secret}}
	a.do(deed{who: "olga", path: at + "/review", form: review, does: didReview, once: true})
	a.do(deed{who: "olga", path: at + "/golden", form: url.Values{"expect": {"answer"}, "gold": {rightOne}}, does: didAddGolden, once: true})
	a.do(deed{who: "olga", path: at + "/entry", form: url.Values{"base": {"1"}, "do": {"make"}}, does: didMakeEntry, once: true})
	list, err := a.library.Taught(a.t.Context(), "")
	must(a.t, err)
	a.do(deed{who: "olga", path: "/ops/entries/" + list[0].ID + "/undo", form: url.Values{"question": {id}}, does: didUndoEntry, once: true})

	golden := "/ops/golden/q-" + id
	a.do(deed{who: "olga", path: golden, form: url.Values{"expect": {"abstain"}}, does: didChangeGolden, once: true})
	a.do(deed{who: "olga", path: "/ops/golden/export", does: didExportGolden})
	a.walked("/ops/golden/cancel") // nothing runs
	a.people["olga"].post("/ops/golden/cancel", nil).sees(http.StatusOK)
	a.do(deed{who: "olga", path: "/ops/golden/run", does: didRunGolden})
	a.people["olga"].console.golden.work.Wait()
	a.do(deed{who: "olga", path: golden + "/remove", does: didRemoveGolden, once: true})
	a.do(deed{who: "olga", path: "/ops/gaps/mark", form: url.Values{"question": {gap}, "note": {secret}}, does: didMarkGap, once: true})
	a.do(deed{who: "olga", path: "/ops/gaps/mark", form: url.Values{"question": {gap}}, does: didMarkGap, once: true})
	a.do(deed{who: "olga", path: "/ops/gaps/hand", form: url.Values{"question": {gap}}, does: didHandGap, once: true})
}

func (a *auditWalk) walkAdmin() {
	a.t.Helper()
	a.visitor().asked(listing)
	a.do(deed{who: "boss", path: "/admin/audit/export", form: url.Values{"object": {secret}, "secret": {secret}, "since": {"2026-01-02"}}, does: didExportAudit})
	for _, path := range []string{"/admin/settings/pause", "/admin/settings/resume"} {
		does := map[bool]string{true: didPauseAnswers, false: didResumeAnswers}[strings.HasSuffix(path, "pause")]
		a.do(deed{who: "boss", path: path, form: sureWith("reason", secret), does: does, once: true})
	}
	a.do(deed{who: "boss", path: "/admin/settings/approval/switch", form: sureWith("to", "on"), does: didChangeSetting, once: true})
	a.do(deed{who: "boss", path: "/admin/settings/approval/switch", form: sureWith("to", "off"), does: didChangeSetting, once: true})
	a.do(deed{who: "boss", path: "/admin/settings/retention", form: sureWith("to", "300"), does: didChangeSetting, once: true})
	a.do(deed{who: "boss", path: "/admin/settings/tokens", form: sureWith("to", "300"), does: didChangeSetting, once: true})
	for _, does := range []string{didRejectMeasure, didApproveMeasure} {
		l, err := a.console.Admin.Measures.Get(a.t.Context(), "b-04")
		must(a.t, err)
		verb := map[string]string{didRejectMeasure: "/reject", didApproveMeasure: "/approve"}[does]
		a.do(deed{who: "boss", path: "/admin/measures/b-04" + verb, form: url.Values{"stamp": {stamp(l.Entry)}, "why": {secret}}, does: does})
	}
	a.do(deed{who: "boss", path: "/admin/vocabulary", form: sureWith("do", "save", "base", "0", "text", "扫地机器人 > 服务机器人"), does: didSetWords})
	a.do(deed{who: "boss", path: "/admin/vocabulary", form: sureWith("do", "save", "base", "1", "text", ""), does: didSetWords})
	a.do(deed{who: "boss", path: "/admin/vocabulary/undo", form: sureWith("to", "1", "base", "2"), does: didUndoWords})

	page := "/admin/documents/" + xiamen
	withdraw := url.Values{"kind": {"withdraw"}, "note": {secret}}
	for _, end := range []struct{ who, verb, then string }{{"boss", "takeback", "take_back"}, {"chen", "reject", "reject"}, {"chen", "publish", "publish"}} {
		at := a.do(deed{who: "boss", path: page, form: withdraw, does: didDocument + "propose"}).at
		a.do(deed{who: end.who, path: at + "/" + end.verb, form: sureWith("why", secret), does: didDocument + end.then})
		if end.verb == "publish" {
			a.do(deed{who: "chen", path: at + "/rollback", form: sureWith("why", secret), does: didDocument + "roll_back"})
		}
	}
	a.people["vic"].asked(listing)
	a.do(deed{who: "boss", path: "/admin/erase", form: sureWith("platform", accountPlatform, "id", "vic"), does: didErasePerson})
}

// TestFailedRow: what was entered and then fails has a second row that says so.
func TestFailedRow(t *testing.T) {
	a := newAuditWalk(t)
	k := a.asker().handedOver(listing)
	_, err := a.journal.Erase(t.Context(), k.User, a.now())
	must(t, err)
	if a.people["ann"].post("/desk/cases/"+k.ID+"/save", draft("0", "Too late.")); a.people["ann"].code != http.StatusConflict {
		t.Errorf("%d %s", a.people["ann"].code, mainOf(a.people["ann"].page))
	}
	list := a.audited(didSave)
	if len(list) != 2 || list[0].Detail != accounts.Failed || list[0].Object != k.ID || list[1].Detail != "revision=1 origin=person" {
		t.Errorf("%+v", list)
	}
}
