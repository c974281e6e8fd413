package bot_test
import ("testing";"policybot/bot")
func TestZZ(t *testing.T){
 for _,q:=range developmentQuestions(t){ a,_:=desk(t).Ask(t.Context(),q); if a.AskBack!=""{t.Log(q.Text,len(q.History),a.AskBack)}; if a.Promise {t.Log("PROMISE",q.Text,a.Outcome)}}
 for _,q:=range []string{"对创新药企业有什么支持？","怎么支持临床试验？","企业上市有什么支持？","高层次人才有什么奖励？","土地怎么支持？","融资有什么支持？","临床研究有什么支持？","你能保证厦门的CMO企业一定得到支持吗？","保证中关村的高校能拿到70%的成果转化收益吗？","能不能保证大兴区10亿元以内的项目获批？","怎么支持创新医疗器械采购？","引进人才有什么政策支持？","怎么鼓励企业上市融资？"}{
  a,_,err:=desk(t).Explain(t.Context(),bot.Question{Text:q}); if err!=nil{t.Log(err);continue}; ids:=""; for _,c:=range a.Citations{ids+=" "+c.Clause.ID}; t.Log(q,a.Outcome,a.Reason,a.AskBack,a.Promise,a.Lacking,ids)}
 _,x,_:=desk(t).Explain(t.Context(),bot.Question{ID:"q",Text:"厦门对生物医药企业上市有什么目标？"}); t.Log(string(mustJSON(t,x.Evidence))[:1500])
}
