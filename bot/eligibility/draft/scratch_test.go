package draft_test
import ("testing";"fmt"
"policybot/bot/eligibility/draft"
"policybot/retrieval/retrievaltest")
func TestScratch(t *testing.T){
 lib,_:=retrievaltest.Seeds(t.Context())
 docs,_:=lib.Documents(t.Context())
 for _,d:=range docs{ cs,_:=lib.Clauses(t.Context(),d.ID)
  for _,m:=range draft.Clauses(d,cs){ fmt.Printf("%s [%s] %q\n   %s\n",m.ID,m.Strength,m.Quote,m.Title.Zh); for _,c:=range m.Criteria{fmt.Printf("      %s  «%s» %s\n",readable(m,c),c.Words,c.In)}}}
}
