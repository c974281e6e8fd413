package memory

import (
	"bytes"
	"slices"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// Copies share nothing with what they were made of. A nil stays nil, an empty list stays empty.

func copyQuestion(q journal.Question) journal.Question {
	q.Reply = copyHandle(q.Reply)
	q.Masked = slices.Clone(q.Masked)
	q.History = slices.Clone(q.History)
	q.Profile = bytes.Clone(q.Profile)
	q.Answer = bytes.Clone(q.Answer)
	q.Record = bytes.Clone(q.Record)
	return q
}

func copyHandle(h channel.Handle) channel.Handle {
	h.Data = bytes.Clone(h.Data)
	return h
}

func copyDoc(d channel.Doc) channel.Doc {
	d.Nodes = slices.Clone(d.Nodes)
	for i := range d.Nodes {
		d.Nodes[i].Cites = slices.Clone(d.Nodes[i].Cites)
	}
	d.Citations = slices.Clone(d.Citations)
	d.Buttons = slices.Clone(d.Buttons)
	return d
}

func copyDelivery(d journal.Delivery) journal.Delivery {
	d.Reply = copyHandle(d.Reply)
	d.Doc = copyDoc(d.Doc)
	return d
}

func copySteps(steps []journal.Step) []journal.Step {
	steps = slices.Clone(steps)
	for i := range steps {
		steps[i].Detail = bytes.Clone(steps[i].Detail)
	}
	return steps
}

func copyDraft(d journal.Draft) journal.Draft {
	d.Clauses = slices.Clone(d.Clauses)
	return d
}
