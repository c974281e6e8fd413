package draft_test
import ("testing";"math/rand";"time";"strings";"fmt";"policybot/bot/eligibility/draft";"policybot/retrieval")
func TestMut(t *testing.T){
 cs:=readCases(t,"testdata/cases.txt")
 r:=rand.New(rand.NewSource(1))
 start:=time.Now(); n:=0
 for time.Since(start)<30*time.Second{
  c:=cs[r.Intn(len(cs))]; b:=[]byte(c.text)
  for range r.Intn(6){ i,j:=r.Intn(len(b)),r.Intn(len(b)); if i>j{i,j=j,i}; switch r.Intn(3){case 0: b=append(append([]byte{},b[:i]...),b[j:]...); case 1: b=append(append(append([]byte{},b[:j]...),b[i:j]...),b[j:]...); case 2: b[i]=byte(r.Intn(256))}; if len(b)==0{b=[]byte("x")} }
  text:=string(b)
  doc:=retrieval.Document{ID:"d",Jurisdiction:c.place}
  var cl []retrieval.Clause
  for i,s:=range strings.Split(text,"\n\n"){ id:="d.n"+string(rune('a'+i%26))+strings.Repeat("x",i/26); cl=append(cl,retrieval.Clause{ID:id,Document:doc,Path:id[2:],Text:s,Ordinal:i})}
  done:=make(chan bool); s0:=time.Now()
  go func(){draft.Clauses(doc,cl); close(done)}()
  select{case <-done: n++; if d:=time.Since(s0); d>200*time.Millisecond{fmt.Println("slow",d,len(text))}
  case <-time.After(5*time.Second): panic(fmt.Sprintf("HANG %q",text))}
 }
 fmt.Println(n)
}
