// Package console is the web application of policybot: people ask and read clauses, the staff answers what
// was handed over, operations reviews what was asked, administrators keep documents and accounts.
//
// Pages are made on the server from html/template; each page is a struct. Scripts only make what works without
// them quicker: answers that stream, clauses beside the answer. Everything is embedded. Nothing comes
// from another host, and a strict content security policy says so to the browser: no inline script or
// style, no eval, no framing, no HTML made by scripts from text.
//
// # Who may do what
//
// Every address is a row of [routes] with the least role that may use it. Where reading is open, anybody who
// reaches the address may ask and read the library; else an account is needed for that too. A request that
// changes something must come from the console's own pages (http.CrossOriginProtection).
//
// # Asking
//
// The console asks through the HTTP API of the same process, so a question from a page is stored, answered and
// given back like any other. Who asks without an account is a visitor with a random cookie.
package console
