package retrieval_test

import (
	"errors"
	"slices"
	"testing"

	"policybot/retrieval"
)

func TestFind(t *testing.T) {
	docs := []retrieval.Document{
		{ID: "beijing-2018-2020", Source: "000.txt", Title: "北京市加快医药健康协同创新行动计划（2018—2020年）"},
		{ID: "measures", Source: "办法.txt", Title: "南汀市创新券管理办法", Number: "南府办〔2023〕12号"},
		{ID: "measures-2", Source: "办法-旧.txt", Title: "南汀市创新券管理办法", Number: "南府办〔2019〕3号"},
		{ID: "plan", Source: "plan.txt", Title: "measures"}, // the id of another
		{ID: "xiamen-2020-2022", Source: "003.txt", Title: "厦门市做强做大生物医药产业三年行动计划(2020-2022)", Number: "厦府办〔2020〕57号"},
	}
	for _, tt := range []struct{ name, want string }{
		{"beijing-2018-2020", "beijing-2018-2020"},
		{"measures", "measures"}, // an id goes before a title
		{"plan.txt", "plan"},
		{"PLAN.TXT", "plan"},
		{"ＰＬＡＮ．ＴＸＴ", "plan"},
		{"《厦门市做强做大生物医药产业三年行动计划（2020-2022）》", "xiamen-2020-2022"},
		{"廈門市做強做大生物醫藥產業三年行動計劃(2020-2022)", "xiamen-2020-2022"},
		{"厦门市做强做大 生物医药产业 三年行动计划(2020-2022)", "xiamen-2020-2022"},
		{"厦府办〔2020〕57号", "xiamen-2020-2022"},
		{"厦府办[2020]57号", "xiamen-2020-2022"},
		{"厦府办（2020）57 号", "xiamen-2020-2022"},
		{"厦府办【２０２０】５７号", "xiamen-2020-2022"},
		{"〔2019〕3号", "measures-2"},
		{"三年行动计划", "xiamen-2020-2022"},
		{"xiamen", "xiamen-2020-2022"},
		{"办法.txt", "measures"},
		{"办法-旧", "measures-2"},
	} {
		if d, err := retrieval.Find(docs, tt.name); err != nil || d.ID != tt.want {
			t.Errorf("%q: %q, %v; want %q", tt.name, d.ID, err, tt.want)
		}
	}
	for _, name := range []string{"", " \u3000", "《》", "上海", "plan.txt.bak"} {
		if d, err := retrieval.Find(docs, name); !errors.Is(err, retrieval.ErrNotFound) {
			t.Errorf("%q: %q, %v; want not found", name, d.ID, err)
		}
	}
	for name, want := range map[string][]string{
		"行动计划":         {"beijing-2018-2020", "xiamen-2020-2022"},
		"南汀市创新券管理办法":   {"measures", "measures-2"}, // the whole title of two
		"《南汀市创新券管理办法》": {"measures", "measures-2"},
		"办〔20":         {"measures", "measures-2", "xiamen-2020-2022"},
	} {
		_, err := retrieval.Find(docs, name)
		var several *retrieval.AmbiguousError
		if !errors.As(err, &several) || !slices.Equal(several.IDs, want) || several.Name != name {
			t.Errorf("%q: %v, want any of %q", name, err, want)
		}
	}
}

// A part of one title is not drowned by the whole of another.
func TestFindWholeBeforePart(t *testing.T) {
	docs := []retrieval.Document{
		{ID: "a", Source: "a.txt", Title: "关于印发创新券管理办法的通知"},
		{ID: "b", Source: "b.txt", Title: "创新券管理办法"},
		{ID: "c", Source: "c.txt", Title: "创新券管理办法实施细则"},
	}
	if d, err := retrieval.Find(docs, "创新券管理办法"); err != nil || d.ID != "b" {
		t.Errorf("%q, %v; want b", d.ID, err)
	}
}
