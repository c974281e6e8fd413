package said
import ("testing";"policybot/bot/quantity";"policybot/bot/quantity/fold";"policybot/bot/understand")
func TestZZ(t *testing.T){
 for _,s:=range []string{"团队28人","一共18个人","规模不大,40个人","5,000 employees","12 staff","staff of 12","a 20-person team","we are 12 people","320 employees, turnover of rmb 410 million","去年营收1.5个亿","两千三百万的年收入,三十五个员工","营收两个亿","收入3个多亿","成立刚满两年","founded two years ago","founded five years ago","成立2年半","外方股份51%","中方49%","r&d is 8% of sales","sales were 20 million yuan","cny 6.2bn revenue","去年研发花了3000万","有效发明专利26件","26 invention patents","五千来人","员工四十多人","营收8000万元左右","revenue of about $20 million","¥3000万","百来号人","三五个人","two of them approved","三十多号人","年销售20亿","员工总数:1200","headcount 85","employs 85 people","85-strong team","一半以上股份是外方的","founded in 2019","成立于2019年","二零一九年成立","今年是第五年","研发费占营收的12%","5 employees","rmb 3m","3 million rmb","总投资3个亿","员工300来人","revenue: 50m rmb","50 million in revenue","营收为5000万","1.5亿","亿元以上","两三百人","we have a dozen staff","no employees","120人规模","120名员工", "我院有床位500张, 医护800人"} {
  f:=string(fold.New(s).Runes)
  for _,q:=range quantity.Find(f){ t.Logf("%s → %q kind=%s val=%s high=%v unit=%s noun=%s cmp=%s loose=%v",s,f[q.Start:q.End],q.Kind,q.Value.RatString(),q.High,q.Unit,q.Noun,q.Comparator,q.Loose)}
 }
 for _,s:=range []string{"在朝阳,","公司在苏州","老字号,在西城","厂子在顺义","西城区","在亦庄","浦东","在昌平","in haidian","zhongguancun life science park","湖里区","hangzhou","in hong kong","深圳","厦门自贸区"} {
  for _,p:=range understand.PlacesIn(s){t.Logf("%s %+v",s,p)}
 }
}
