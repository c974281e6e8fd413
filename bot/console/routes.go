package console

import (
	"net/http"

	"policybot/bot/accounts"
)

// A need is who may use an address: a role and those above it, or one of the two below.
type need string

// Needs that are no roles.
const (
	anyone = need("anyone") // also who is not signed in
	reader = need("reader") // a viewer; where reading is open, anyone
)

// Needs that are roles.
const (
	viewer = need(accounts.Viewer)
	staff  = need(accounts.Staff)
	ops    = need(accounts.Ops)
	admin  = need(accounts.Admin)
)

// reportPath is where browsers report what the content security policy has kept from happening.
const reportPath = "/csp"

// SignOnPath is where the provider of sign-on sends people back to.
const SignOnPath = "/login/oidc/callback"

// A route is one address with a method, and who may use it.
type route struct {
	method, path string
	need         need
	serve        func(*Console, http.ResponseWriter, *http.Request) error
}

// routes are all addresses of the console. Each has a row in testdata/access.txt, which says what everybody
// gets there; a test fails for a route without one.
var routes = []route{
	{"GET", "/static/{file}", anyone, (*Console).static},
	{"POST", reportPath, anyone, (*Console).report},
	{"POST", "/preferences", anyone, (*Console).setPreferences},

	{"GET", "/login", anyone, (*Console).loginPage},
	{"POST", "/login", anyone, (*Console).login},
	{"POST", "/logout", anyone, (*Console).logout},
	{"GET", "/login/code", anyone, (*Console).redeemPage},
	{"POST", "/login/code", anyone, (*Console).redeem},
	{"GET", "/login/oidc", anyone, (*Console).startSignOn},
	{"GET", SignOnPath, anyone, (*Console).finishSignOn},
	{"GET", "/setup", anyone, (*Console).setupPage},
	{"POST", "/setup", anyone, (*Console).setup},
	{"GET", "/account", viewer, (*Console).accountPage},
	{"POST", "/account/password", viewer, (*Console).changePassword},
	{"POST", "/account/sessions/end", viewer, (*Console).endSession},

	{"GET", "/{$}", reader, (*Console).askPage},
	{"POST", "/ask", reader, (*Console).ask},
	{"GET", "/answers/{id}", reader, (*Console).answerPage},
	{"POST", "/answers/{id}/feedback", reader, (*Console).feedback},
	{"POST", "/answers/{id}/handover", reader, (*Console).handOver},
	{"POST", "/answers/{id}/withdraw", reader, (*Console).withdraw},
	{"GET", "/eligibility", reader, (*Console).eligibilityPage},

	{"GET", "/library", reader, (*Console).libraryPage},
	{"GET", "/documents/{id}", reader, (*Console).documentPage},
	{"GET", "/clauses/{id}", reader, (*Console).clausePage},

	{"GET", "/admin", admin, (*Console).adminPage},
	{"GET", "/admin/users", admin, (*Console).usersPage},
	{"POST", "/admin/users", admin, (*Console).createUser},
	{"POST", "/admin/users/{name}/change", admin, (*Console).changeUser},
	{"POST", "/admin/users/{name}/reset", admin, (*Console).resetUser},
	{"GET", "/admin/documents", ops, (*Console).proposalsPage},
	{"POST", "/admin/documents", ops, (*Console).upload},
	{"GET", "/admin/documents/{id}", ops, (*Console).versionsPage},
	{"POST", "/admin/documents/{id}", ops, (*Console).proposeChange},
	{"GET", "/admin/documents/proposals/{id}", ops, (*Console).proposalPage},
	{"POST", "/admin/documents/proposals/{id}/takeback", ops, (*Console).takeBackProposal},
	{"POST", "/admin/documents/proposals/{id}/publish", admin, (*Console).publishProposal},
	{"POST", "/admin/documents/proposals/{id}/reject", admin, (*Console).rejectProposal},
	{"POST", "/admin/documents/proposals/{id}/rollback", admin, (*Console).rollBackProposal},
	{"GET", "/admin/measures", admin, (*Console).measuresPage},
	{"GET", "/admin/measures/{id}", admin, (*Console).measurePage},
	{"POST", "/admin/measures/{id}/approve", admin, (*Console).approveMeasure},
	{"POST", "/admin/measures/{id}/reject", admin, (*Console).rejectMeasure},
	{"GET", "/admin/vocabulary", admin, (*Console).vocabularyPage},
	{"POST", "/admin/vocabulary", admin, (*Console).setWords},
	{"POST", "/admin/vocabulary/undo", admin, (*Console).undoWords},
	{"GET", "/admin/settings", admin, (*Console).settingsPage},
	{"POST", "/admin/settings/pause", admin, (*Console).pause},
	{"POST", "/admin/settings/resume", admin, (*Console).resume},
	{"POST", "/admin/settings/{name}/switch", admin, (*Console).setSwitch},
	{"POST", "/admin/settings/retention", admin, (*Console).setRetention},
	{"POST", "/admin/settings/tokens", admin, (*Console).setTokens},
	{"GET", "/admin/audit", admin, (*Console).auditPage},
	{"POST", "/admin/audit/verify", admin, (*Console).verifyAudit},
	{"POST", "/admin/audit/export", admin, (*Console).exportAudit},
	{"GET", "/admin/erase", admin, (*Console).erasePage},
	{"POST", "/admin/erase", admin, (*Console).erase},

	{"GET", "/desk", staff, (*Console).deskPage},
	{"POST", "/desk/questions/{id}/take", staff, (*Console).takeQuestion},
	{"POST", "/desk/questions/{id}/dismiss", staff, (*Console).dismissQuestion},
	{"GET", "/desk/cases/{id}", staff, (*Console).casePage},
	{"GET", "/desk/cases/{id}/clauses", staff, (*Console).caseClauses},
	{"GET", "/desk/cases/{id}/history", staff, (*Console).caseHistory},
	{"GET", "/desk/cases/{id}/print", staff, (*Console).casePrint},
	{"POST", "/desk/cases/{id}/presence", staff, (*Console).casePresence},
	{"POST", "/desk/cases/{id}/assign", staff, (*Console).assignCase},
	{"POST", "/desk/cases/{id}/edit", staff, (*Console).editDraft},
	{"POST", "/desk/cases/{id}/check", staff, (*Console).checkDraft},
	{"POST", "/desk/cases/{id}/save", staff, (*Console).saveDraft},
	{"POST", "/desk/cases/{id}/program", staff, (*Console).programDraft},
	{"POST", "/desk/cases/{id}/submit", staff, (*Console).submitDraft},
	{"POST", "/desk/cases/{id}/approve", staff, (*Console).approveDraft},
	{"POST", "/desk/cases/{id}/return", staff, (*Console).returnDraft},
	{"POST", "/desk/cases/{id}/send", staff, (*Console).sendReply},
	{"POST", "/desk/cases/{id}/close", staff, (*Console).closeCase},

	{"GET", "/ops", ops, (*Console).overviewPage},
	{"GET", "/ops/log", ops, (*Console).logPage},
	{"POST", "/ops/log/export", ops, (*Console).exportLog},
	{"POST", "/ops/views", ops, (*Console).saveView},
	{"POST", "/ops/views/rename", ops, (*Console).renameView},
	{"POST", "/ops/views/delete", ops, (*Console).deleteView},
	{"GET", "/ops/questions/{id}", ops, (*Console).questionPage},
	{"POST", "/ops/questions/{id}/replay", ops, (*Console).replay},
	{"POST", "/ops/questions/{id}/review", ops, (*Console).review},
	{"POST", "/ops/questions/{id}/entry", ops, (*Console).makeEntry},
	{"POST", "/ops/questions/{id}/golden", ops, (*Console).promote},
	{"GET", "/ops/review", ops, (*Console).reviewPage},
	{"GET", "/ops/entries", ops, (*Console).entriesPage},
	{"POST", "/ops/entries/{id}/undo", ops, (*Console).undoEntry},
	{"GET", "/ops/gaps", ops, (*Console).gapsPage},
	{"POST", "/ops/gaps/mark", ops, (*Console).markGap},
	{"POST", "/ops/gaps/hand", ops, (*Console).handGap},
	{"GET", "/ops/golden", ops, (*Console).goldenPage},
	{"POST", "/ops/golden/export", ops, (*Console).exportGolden},
	{"POST", "/ops/golden/run", ops, (*Console).startRun},
	{"POST", "/ops/golden/cancel", ops, (*Console).cancelRun},
	{"POST", "/ops/golden/{id}", ops, (*Console).changeGolden},
	{"POST", "/ops/golden/{id}/remove", ops, (*Console).removeGolden},
}
