package draft_test
import ("testing";"fmt";"os";"policybot/bot/eligibility/draft")
func TestDbg(t *testing.T){
 b,err:=os.ReadFile(os.Getenv("DOC")); if err!=nil{return}
 d,cs:=clausesOf(t,os.Getenv("PLACE"),string(b))
 for _,c:=range cs{fmt.Println(c.ID,"|",c.Path,"|",c.Heading,c.Parents)}
  for _,m:=range draft.Clauses(d,cs){ fmt.Printf("%s [%s] %q\n   %s\n",m.ID,m.Strength,m.Quote,m.Title.Zh); for _,c:=range m.Criteria{fmt.Printf("      %s  «%s» %s\n",readable(m,c),c.Words,c.In)}}
}
