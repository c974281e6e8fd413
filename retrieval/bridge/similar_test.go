package bridge_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"policybot/retrieval/bridge"
)

func sense(text string) *bridge.Sense { return bridge.Comparing().Sense(text, nil) }

// The same in other words and another language is alike; what differs in a place, a
// number, an opposite or a denial is set apart.
func TestCompare(t *testing.T) {
	const asked = "厦门2022年生物医药上市企业有多少家"
	for _, tt := range []struct {
		a, b     string
		least    float64
		conflict string
	}{
		{asked, asked, 1, ""},
		{asked, "到2022年,厦门生物医药上市企业是几家?", 0.9, ""},
		{"北京有医药健康基金吗", "北京有没有医药健康基金", 0.99, ""},
		{"中关村能设保税仓库吗", "Can bonded warehouses be set up in Zhongguancun?", 0.6, ""},
		{"10亿元以内的项目", "projects of up to 1 billion yuan", 0.8, ""},
		{"十四五时期的目标", "targets of the 14th five-year period", 0.8, ""},
		{"北京有医药基金吗", "Is there a fund for medicine in Beijing?", 0.8, ""},
		{"医院定价怎么管", "how are hospital prices managed", 0.6, ""},
		{"收入的百分之七十", "收入的70%", 0.5, ""},
		{asked, "昆山2022年生物医药上市企业有多少家", 0, bridge.ConflictPlace},
		{asked, "厦门2025年生物医药上市企业有多少家", 0, bridge.ConflictFigure},
		{"奖励300万", "奖励500万", 0, bridge.ConflictFigure},
		{"十四五的目标", "十五五的目标", 0, bridge.ConflictFigure},
		{"二类医疗器械怎么注册", "三类医疗器械怎么注册", 0, bridge.ConflictFigure},
		{"register a Class II device", "register a Class III device", 0, bridge.ConflictFigure},
		{"Class II device registration", "第三类器械注册", 0, bridge.ConflictFigure},
		{"funding for Phase I trials", "funding for Phase 3 trials", 0, bridge.ConflictFigure},
		{"药企上市有什么支持", "药企挂牌有什么支持", 0, bridge.ConflictContrast},
		{"进口药品怎么申请", "出口药品怎么申请", 0, bridge.ConflictContrast},
		{"通过一致性评价的给什么", "没有通过一致性评价的给什么", 0, bridge.ConflictDenied},
		{"projects that are met", "projects that are not met", 0, bridge.ConflictDenied},
		{"", "厦门", 0, ""},
	} {
		l, back := bridge.Compare(sense(tt.a), sense(tt.b)), bridge.Compare(sense(tt.b), sense(tt.a))
		if l.Conflict != tt.conflict || l.Value() < tt.least || l.Value() > 1+1e-9 || tt.conflict != "" && l.Value() != 0 {
			t.Errorf("%s / %s: %+v = %.2f, want %q, at least %.2f", tt.a, tt.b, l, l.Value(), tt.conflict, tt.least)
		}
		if back.Value() != l.Value() || back.Conflict != l.Conflict {
			t.Errorf("%s / %s: %+v one way, %+v the other", tt.a, tt.b, l, back)
		}
	}
}

// What both say of the same document makes no two questions alike beside its title.
func TestBeside(t *testing.T) {
	const plan = "厦门生物医药三年行动计划"
	of := func(c bridge.Concept) float64 {
		if strings.Contains(plan, c.Text) {
			return 1
		}
		return 0
	}
	for _, tt := range []struct {
		a, b        string
		least, most float64
	}{
		{plan + "的上市奖励是多少", plan + "对容积率怎么规定", 0, 0.1},
		{plan + "的上市奖励是多少", plan + "上市奖励多少", 0.9, 1},
		{plan + "的上市奖励是多少", "上市奖励多少", 0.9, 1},
		{plan, plan, 0, 0},
	} {
		if got := bridge.Beside(sense(tt.a), sense(tt.b), of, of).Value(); got < tt.least || got > tt.most+1e-9 {
			t.Errorf("%s / %s: %.2f, want %.2f to %.2f", tt.a, tt.b, got, tt.least, tt.most)
		}
	}
}

// A year that two questions name says little of what they ask.
func TestYears(t *testing.T) {
	const a, b = "2024年上市企业", "2024年孵化器"
	if got := bridge.Similar(sense(a), sense(b)); got == 0 || got > 0.35 {
		t.Errorf("%s / %s: %.2f", a, b, got)
	}
}

// One word in the place of another makes another question; a slip of the keyboard and
// other words for the same do not.
func TestReplaces(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"集成电路领域怎么建专利池", "生物医药领域怎么建专利池", true},
		{"北京支持三级医院设立特需病房吗", "北京支持三级医院设立研究型病房吗", true},
		{"生物医药领域怎么建专力池", "生物医药领域怎么建专利池", false},
		{"生物医药领域怎么建专利池", "生物医药领域怎么建专利池", false},
		{"大家的专利放一起用", "生物医药领域怎么建专利池", false},
	} {
		if got := sense(tt.a).Replaces(sense(tt.b)); got != tt.want {
			t.Errorf("%s / %s: %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestGroup(t *testing.T) {
	texts := []string{
		"厦门上市奖励多少", "中关村能设保税仓库吗", "厦门上市的奖励是多少?", "昆山上市奖励多少", "在中关村可以设保税仓库吗", "厦门上市奖励有多少", "",
	}
	var senses []*bridge.Sense
	for _, text := range texts {
		senses = append(senses, sense(text))
	}
	want := [][]int{{0, 2, 5}, {1, 4}, {3}, {6}}
	for range 3 {
		if got := bridge.Group(senses, 0.8); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	if got := bridge.Group(nil, 0.8); len(got) != 0 {
		t.Errorf("groups of nothing: %v", got)
	}
	if near := bridge.NewCrowd(senses).Near(sense("厦门上市奖励"), 0.3, 2); len(near) != 2 || !slices.IsSortedFunc(near, func(a, b bridge.Near) int { return int(1e6 * (b.Value() - a.Value())) }) {
		t.Errorf("near: %+v", near)
	}
}

// TestGroupNearest groups as is told: each with the first of an earlier group that is nearest.
func TestGroupNearest(t *testing.T) {
	words := strings.Fields("补贴 厦门 北京 上市 奖励 2022年 2023年 租金 贷款 贴息 不能 可以 企业 生物医药 条件 subsidy rent 。")
	r := rand.New(rand.NewPCG(3, 4))
	for _, least := range []float64{0.3, 0.6, 0.9} {
		var senses, leaders []*bridge.Sense
		groups := map[int]int{} // question → its leader
		var firsts []int
		for i := range 120 {
			var text strings.Builder
			for range r.IntN(5) {
				text.WriteString(words[r.IntN(len(words))])
			}
			s := sense(text.String())
			senses, groups[i] = append(senses, s), i
			if near := bridge.NewCrowd(leaders).Near(s, least/2, 24); len(near) > 0 && near[0].Value() >= least {
				groups[i] = firsts[near[0].Place]
				continue
			}
			leaders, firsts = append(leaders, s), append(firsts, i)
		}
		list := bridge.Group(senses, least)
		for _, group := range list {
			for _, i := range group {
				if groups[i] != group[0] {
					t.Fatalf("%g: %d is with %d, want %d", least, i, group[0], groups[i])
				}
			}
		}
		if len(list) != len(firsts) || len(list) == len(senses) {
			t.Errorf("%g: %d groups of %d, want %d", least, len(list), len(senses), len(firsts))
		}
	}
}

// BenchmarkGroup groups 5,000 questions, preparing them included.
func BenchmarkGroup(b *testing.B) {
	subjects := []string{"研发费用补贴", "高新技术企业认定", "餐饮企业贷款贴息", "创新药上市奖励", "租房补贴", "异地就医备案", "充电设施建设", "会展业支持", "保税仓库", "临床试验"}
	places := []string{"厦门", "北京", "上海", "深圳", "成都"}
	asks := []string{"%s的%s最高多少", "请问%s有%s吗", "%s怎么申请%s", "我们在%s,想要%s,找谁", "%s %s 条件"}
	var texts []string
	for i := range 5000 {
		texts = append(texts, fmt.Sprintf(asks[i%5], places[i/5%5], subjects[i/25%10])+fmt.Sprintf("第%d类", i/250))
	}
	for b.Loop() {
		var senses []*bridge.Sense
		for _, text := range texts {
			senses = append(senses, sense(text))
		}
		if n := len(bridge.Group(senses, 0.6)); n < 100 || n > 4000 {
			b.Fatalf("%d groups", n)
		}
	}
}
