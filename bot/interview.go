package bot

import (
	"regexp"
	"slices"
	"strings"

	"policybot/bot/eligibility"
	statements "policybot/bot/eligibility/said"
)

// An Interview is what a conversation has said of the asker's enterprise so far, and
// what was asked last. It stands in the answer, so that the next one goes on from it.
type Interview struct {
	Facts []eligibility.Known `json:"facts"` // in the order in which they were learned; the value "" is "don't know"
	// Asked are the facts that the answer asks for; none when it asks nothing.
	Asked []string `json:"asked,omitempty"`
	// Measures are the ids of those that it is about; none for all.
	Measures []string `json:"measures,omitempty"`
	// Verdicts are those of the measures when they were told last, by id, with how many
	// facts were open: "unknown 4".
	Verdicts map[string]string `json:"verdicts,omitempty"`
	Doubt    *Doubt            `json:"doubt,omitempty"`
	// Saved tells that the facts, or some of them, are kept for the organisation.
	Saved bool `json:"saved,omitempty"`
	// Over tells that the asker wants no more questions.
	Over bool   `json:"over,omitempty"`
	Lang string `json:"lang,omitempty"` // zh or en: of the conversation
}

// A Doubt is a contradiction: two values of one fact, of which the asker is to say
// which holds. Until then neither does.
type Doubt struct {
	Was   eligibility.Known `json:"was"`
	Is    eligibility.Known `json:"is"`
	Again bool              `json:"again,omitempty"` // it was asked about twice; then neither value is known
}

// What became of a message in an interview.
type heard struct {
	facts   []eligibility.Known // that are new
	answers bool                // it says something to what was asked
	ends    bool                // no more questions are wanted
	shows   bool                // all that is known is wanted
}

// hear takes in what a message says. The interview before it stays as it is. own tells
// that the message speaks of the asker although no word of it says so.
func (i Interview) hear(text string, v *eligibility.Vocabulary, own bool) (Interview, heard) {
	i.Facts = slices.Clone(i.Facts)
	var h heard
	if len(i.Verdicts)+len(i.Asked) > 0 && (statements.Ends(text) || statements.Shows(text)) {
		return i, heard{answers: true, ends: statements.Ends(text), shows: true}
	}
	switch {
	case i.Doubt != nil && i.settles(text, v):
		h.answers, i.Doubt = true, nil
		return i, h
	case i.Doubt != nil && !i.Doubt.Again && !asks(text):
		i.Doubt = &Doubt{Was: i.Doubt.Was, Is: i.Doubt.Is, Again: true} // it is asked about once more
		h.answers = true
	case i.Doubt != nil:
		i = i.unknown(i.Doubt.Was.Key) // nobody said which
		i.Doubt = nil
	}
	var stated []eligibility.Known
	if q := v.Question(i.Asked); len(q.Keys) > 0 && i.Doubt == nil {
		if reply := statements.Answer(text, q, v); reply.Answers {
			h.answers, stated = true, reply.Facts
		}
	}
	if len(stated) == 0 {
		for _, f := range statements.Read(text, v, own) {
			stated = append(stated, f.Known)
		}
	}
	i.Asked = nil
	corrects := statements.Corrects(text) || changes.MatchString(strings.ToLower(text))
	for _, k := range stated {
		if i.learn(k, corrects) {
			h.facts = append(h.facts, k)
		}
	}
	return i, h
}

// changes are words with which people say that something is otherwise by now.
var changes = regexp.MustCompile(`现在|目前已|已经|刚刚|改成|改为|压到|降到|降为|调到|后来|如今|打算改|搬到|迁到|记错|\bnow\b|by now|meanwhile|\bsince then\b|have changed|got it wrong|you have it wrong|moved to`)

// profile is what verdicts rest on.
func (i Interview) profile() eligibility.Profile { return eligibility.Profile{Facts: i.Facts} }

func (i Interview) unknown(key string) Interview {
	i.Facts = i.profile().With(eligibility.Known{Key: key}).Facts
	return i
}

// learn adds a fact and reports whether it is news. Another value than before is a
// doubt, unless the asker takes the earlier one back.
func (i *Interview) learn(k eligibility.Known, corrects bool) bool {
	was, ok := i.profile().Get(k.Key)
	switch {
	case ok && was.Value == k.Value, ok && k.Left, ok && k.Value == "" && was.Value != "":
		return false
	case ok && isPlace(k.Key) && strings.HasPrefix(was.Value, k.Value+"/"):
		return false // says it less closely
	case ok && isPlace(k.Key) && strings.HasPrefix(k.Value, was.Value+"/"):
	case ok && k.Key == "site":
	case ok && was.Value != "" && !was.Left && !corrects:
		if i.Doubt == nil {
			i.Doubt = &Doubt{Was: was, Is: k}
			*i = i.unknown(k.Key)
		}
		return false
	}
	i.Facts = i.profile().With(k).Facts
	return true
}

func isPlace(key string) bool { return key == "place" || key == "site" }

var (
	theFirst  = regexp.MustCompile(`(?i)^(?:前者|前面|前一个|之前|原来|第一个|1|the first|first|former|the former|before)`)
	theSecond = regexp.MustCompile(`(?i)^(?:后者|后面|后一个|现在|刚才|第二个|2|the second|second|latter|the latter|now)`)
)

// settles sets the fact that is in doubt, if a message says which value holds.
func (i *Interview) settles(text string, v *eligibility.Vocabulary) bool {
	d, text := i.Doubt, strings.TrimSpace(text)
	take := func(k eligibility.Known) bool {
		i.Facts = i.profile().With(k).Facts
		return true
	}
	reply := statements.Answer(text, v.Question([]string{d.Was.Key}), v)
	for _, k := range reply.Facts {
		if k.Key == d.Was.Key {
			return take(k)
		}
	}
	switch {
	case theFirst.MatchString(text):
		return take(d.Was)
	case theSecond.MatchString(text):
		return take(d.Is)
	}
	return false
}

// fold is the interview of a conversation of which only the texts are known.
func fold(history []Turn, v *eligibility.Vocabulary) Interview {
	var i Interview
	for _, t := range history {
		if t.Role == RoleUser {
			if isForget(t.Text) {
				i = Interview{}
				continue
			}
			i, _ = i.hear(beginning(t.Text), v, ofOwn(beginning(t.Text)))
		} else {
			i.Asked = v.Asked(t.Text)
		}
	}
	return i
}

// An Assessment is what a question is answered from that asks which measures apply to
// the asker.
type Assessment struct {
	Interview Interview           `json:"interview"`         // with what this message says
	Profile   eligibility.Profile `json:"profile"`           // that verdicts rest on
	Wanted    bool                `json:"wanted,omitempty"`  // the answer compares conditions
	Listed    bool                `json:"listed,omitempty"`  // it is a list of measures, not what a search found
	Replies   bool                `json:"replies,omitempty"` // the message answers what was asked
	All       bool                `json:"all,omitempty"`     // everything is told, not only what has changed
	News      []eligibility.Known `json:"news,omitempty"`    // facts of this message
	Unheard   bool                `json:"unheard,omitempty"` // the message says nothing that was understood
	Unused    []string            `json:"unused,omitempty"`  // of a profile that was given: what could not be used
	measures  []eligibility.Bound
}

// vocabulary is that of the measures.
func (x *Assessment) vocabulary() *eligibility.Vocabulary {
	return eligibility.VocabularyOf(x.measures)
}
