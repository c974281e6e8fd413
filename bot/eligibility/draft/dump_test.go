package draft
import ("testing";"context";"fmt"
"policybot/retrieval"
"policybot/retrieval/retrievaltest")
func TestDump(t *testing.T){
 lib,err:=retrievaltest.Seeds(context.Background()); if err!=nil{t.Fatal(err)}
 docs,_:=lib.Documents(context.Background())
 for _,d:=range docs{
  fmt.Println("##",d.ID,d.Title,d.Jurisdiction,d.Language)
  cs,_:=lib.Clauses(context.Background(),d.ID)
  for _,c:=range cs{ tx:=[]rune(c.Text); if len(tx)>90{tx=tx[:90]}; fmt.Printf("%s|%s|%s|%v|%v|%q\n",c.ID,c.Path,c.Heading,c.Parents,c.Departments,string(tx))}
 }
 text:="XX市支持产业发展若干措施\n\n第一章 总则\n第一条 为促进发展,制定本措施。\n第二条 本措施适用于在我市注册的企业。\n第二章 申请\n第五条 申请专项资金的企业应当符合下列条件：\n（一）成立3年以上；\n（二）年营业收入不低于2000万元；\n（三）研发费用占比不低于5%。\n第六条 对符合以下条件之一的企业,给予最高100万元奖励：\n1.首次认定的高新技术企业；\n2.专精特新企业。\n第七条 支持企业建设平台。对获得国家级认定的,给予200万元奖励：(1)成立3年以上;(2)在我市注册。\n"
 lib2:=retrieval.New(retrieval.NewMemory(),"")
 lib2.Add(context.Background(),retrieval.File{Source:"x.txt",Data:[]byte(text)})
 text2:="# Measures\n\n## 1. Grants\n\nApplicants must meet the following conditions:\n\n(1) be registered in the city;\n(2) have revenue of at least RMB 20 million.\n\n## 2. Loans\n\nWe support enterprises.\n"
 lib2.Add(context.Background(),retrieval.File{Source:"y.md",Data:[]byte(text2)})
 docs,_=lib2.Documents(context.Background())
 for _,d:=range docs{
  fmt.Println("##",d.ID,d.Title,d.Jurisdiction,d.Language)
  cs,_:=lib2.Clauses(context.Background(),d.ID)
  for _,c:=range cs{ fmt.Printf("%s|%s|%s|%v|%v|%q\n",c.ID,c.Path,c.Heading,c.Parents,c.Departments,c.Text)}
 }
}
