package bot

import "testing"

// TestSourceCommand: which messages ask to see a source; a question that has such words in it is none.
func TestSourceCommand(t *testing.T) {
	for text, want := range map[string]int{
		"原文 1": 1, "原文1": 1, "原文１２": 12, "依据1": 1, " 依据 2。": 2, "条款 3": 3, "條款 3": 3, "查看原文[2]": 2, "查看条款［２］": 2, "看原文（4）": 4, "原文：5": 5,
		"来源 1": 1, "出处1": 1, "依据1的原文": 1, "第 2 条依据": 2, "第三条依据的原文": 3, "原文一": 1, "原文 十": 10, "“原文 1”": 1, "原文 0": 0, "原文 123456": 123456,
		"clause 1": 1, "Clause 1.": 1, "CLAUSE １": 1, "source 2": 2, "show clause 2": 2, "Show me source [3]!": 3, "see clause 4": 4, "/clause 1": 1, "citation 9": 9,
		"原文": 0, "看原文！": 0, "依据": 0, "条款": 0, "show clause": 0, "Source": 0, "/clause": 0,
	} {
		if n, is := sourceCommand(text); !is || n != want {
			t.Errorf("%q: %d, %v; want %d", text, n, is, want)
		}
	}
	for _, text := range []string{
		"", "1", "[1]", "第三条", "第 3 条规定了什么？", "原文 1 是什么意思？", "依据1和依据2哪个有效？", "条款 1 适用于外资企业吗", "补贴的依据是什么？", "有什么依据", "原文在哪里", "原文 1 2",
		"依据哪一条可以申请补贴？", "来源国是哪里", "clause 1 of which document?", "What does clause 1 say?", "source of funding", "Is there a source 1?", "show clauses", "open source 2 projects",
		"原文 1234567", "资源 1", "show clause one of the plan", "原文 1\n原文 2", "《条款 1》是什么",
	} {
		if n, is := sourceCommand(text); is {
			t.Errorf("%q is taken for a command, %d", text, n)
		}
	}
}

// TestCommandsApart: no form is of two commands.
func TestCommandsApart(t *testing.T) {
	of := map[string]string{}
	for name, forms := range commands {
		if name == "person_with" {
			continue // beginnings, of the same command as person
		}
		for _, form := range forms {
			if other := of[form]; other != "" {
				t.Errorf("%q is of %s and of %s", form, other, name)
			}
			of[form] = name
			if _, is := sourceCommand(form); is && name != "source" {
				t.Errorf("%q of %s is taken for a source", form, name)
			}
		}
	}
}
