package console

import (
	"net/http"
	"testing"

	"policybot/retrieval"
)

// TestGapsAddedLine: what an added line says to mean the same is one gap, at once and until the line goes.
func TestGapsAddedLine(t *testing.T) {
	w := newWorld(t, setup{})
	olga, asker := w.signedIn("olga"), w.visitor()
	for _, q := range []string{"上海的落户积分怎么算？", "上海的麤鱻爩怎么算？"} {
		asker.asked(q)
	}
	olga.get("/ops/gaps").sees(http.StatusOK, "2 questions got no answer, in these 2 groups")
	with, err := w.library.SetWords(t.Context(), retrieval.Words{Text: "落户积分 ~ 麤鱻爩\n"})
	must(t, err)
	olga.get("/ops/gaps").sees(http.StatusOK, "2 questions got no answer, in these 1 groups")
	_, err = w.library.SetWords(t.Context(), retrieval.Words{N: with.N})
	must(t, err)
	olga.get("/ops/gaps").sees(http.StatusOK, "2 questions got no answer, in these 2 groups")
}

// TestDeskSimilarAddedLine: an earlier reply is offered where an added line says that its question meant the same.
func TestDeskSimilarAddedLine(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	first := w.asker().handedOver("龘靐店 麤鱻爩")
	_, err := w.service.Respond(t.Context(), first.ID, "ann", "Words.")
	must(t, err)
	at := "/desk/cases/" + w.asker().handedOver("火锅店 贷款贴息").ID
	ann.get(at).lacks(`name="use" value="` + first.ID + `"`)
	_, err = w.library.SetWords(t.Context(), retrieval.Words{Text: "火锅店 ~ 龘靐店\n贷款贴息 ~ 麤鱻爩\n"})
	must(t, err)
	ann.get(at).sees(http.StatusOK, `name="use" value="`+first.ID+`"`)
}
