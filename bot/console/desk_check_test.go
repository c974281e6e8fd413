package console

import (
	"net/url"
	"strings"
	"testing"
)

// inOrder wants texts on the page, one behind the other.
func (p *person) inOrder(texts ...string) *person {
	p.w.t.Helper()
	page := p.page
	for _, text := range texts {
		_, rest, ok := strings.Cut(page, text)
		if !ok {
			p.w.t.Fatalf("%s lacks %q, or has it too early: %s", p.at, text, mainOf(p.page))
		}
		page = rest
	}
	return p
}

// TestDeskCheckOrder: the check shows what is wrong first, then the notices that are missing, then what is fine; and it is
// on the page of a draft from the beginning, so that nothing below it moves.
func TestDeskCheckOrder(t *testing.T) {
	w := newWorld(t, setup{})
	ann, k := w.signedIn("ann"), w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	text, clauses := ann.suggested(k)
	lines := strings.Split(text, "\n")
	var short []string
	for _, line := range lines {
		if !strings.HasPrefix(line, "说明") {
			short = append(short, line)
		}
	}
	form := draft("1", strings.Join(short, "\n")+"\n"+unfit, clauses...)
	order := []string{`data-summary`, `<li class="uncited">`, unfit, `class="missing"`, `<li class="fine">`}
	ann.post(at+"/check", form).sees(200).inOrder(order...)
	ann.post(at+"/save", form).sees(200)
	ann.get(at).sees(200).inOrder(append([]string{`id="checked"`}, order...)...).inOrder(order[len(order)-1], `data-save`)
	ann.part = true
	ann.post(at+"/check", form).sees(200).inOrder(order...)
	ann.part = false
	other := w.asker().handedOver("厦门生物医药企业上市的目标是什么？")
	ann.get("/desk/cases/" + other.ID).lacks("data-summary") // there is nothing to be checked
	ann.post("/desk/cases/"+other.ID+"/close", url.Values{"why": {"x"}}).sees(200).lacks("data-summary")
}
