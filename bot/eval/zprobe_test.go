package eval
import ("testing";"fmt";"strings";"context";"policybot/bot";"policybot/retrieval";"policybot/retrieval/retrievaltest";"bufio";"os";"time")
func TestZProbe(t *testing.T){
 ctx:=context.Background()
 day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
 for _,file:=range strings.Fields(os.Getenv("ZF")) {
 base,_:=seededDesk()
 lib,_:=retrievaltest.SeedsIn(ctx,retrieval.NewMemory()); desk:=&bot.Desk{Library:lib, Now: func() time.Time{return day}}
 f,_:=os.Open("testdata/taught/"+file+".txt"); sc:=bufio.NewScanner(f); clause:=""; id:=""
 type probe struct{ k,clause,id,text string}
 var ps []probe
 for sc.Scan() { l:=sc.Text(); if l==""||l[0]=='#' {continue}; switch l[0] { case '[': clause=strings.Trim(l,"[]"); case '=': e,err:=lib.Teach(ctx, retrieval.Taught{Clause:clause,Question:l[2:]}); if err!=nil {t.Fatal(err)}; id=e.ID
   default: ps=append(ps,probe{l[:1],clause,id,l[2:]}) } }
 n,r0,r1,acts,wrong,neg,capt:=0,0,0,0,0,0,0
 for _,p:=range ps { q:=bot.Question{Text:p.text}; a,_:=base.Search(ctx,q,60); b,_:=desk.Search(ctx,q,60)
  w:=b.Hits[0].Why.Taught
  if p.k=="+" { n++; if a.Hits[0].Clause.ID==p.clause {r0++}; if b.Hits[0].Clause.ID==p.clause {r1++} else if os.Getenv("V")!="" {fmt.Println("MISS",p.text)}; if w!=nil { if w.Entry==p.id {acts++} else {wrong++;fmt.Println("WRONG",p.text,w)} }
  } else { neg++; if w!=nil {capt++; fmt.Println("CAPT",p.text,w, a.Hits[0].Clause.ID==p.clause)} } }
 fmt.Println(file,"paraphrases",n,"rank1 before",r0,"after",r1,"acts",acts,"wrong",wrong,"near misses",neg,"captured",capt)
 }
}
