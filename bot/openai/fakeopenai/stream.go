package fakeopenai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// usage is what is counted: a token for each three bytes.
func usage(r Request, reply string) string {
	in, out := (len(r.System)+len(r.User)+2)/3, (len(reply)+2)/3
	return fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}`, in, out, in+out)
}

// pieces splits a reply as a model might: two characters each. They are the
// insides of strings of JSON.
func pieces(reply string) []string {
	var all []string
	for reply != "" {
		_, size := utf8.DecodeRuneInString(reply)
		_, more := utf8.DecodeRuneInString(reply[size:])
		text, _ := json.Marshal(reply[:size+more])
		all = append(all, string(text[1:len(text)-1]))
		reply = reply[size+more:]
	}
	return all
}

// stream answers a request by its plan.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, request Request, plan Plan) {
	defer func() {
		switch v := recover(); v.(type) {
		case nil, errEnded:
		default:
			panic(v)
		}
	}()
	b := &body{w: w, r: r, plan: plan}
	reply := s.reply(request)
	if plan.Whole || !request.Stream {
		s.whole(b, request, reply)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	http.NewResponseController(w).Flush()
	if plan.At == 0 {
		b.end()
	}
	s.events(b, request, reply)
}

func (s *Server) whole(b *body, r Request, reply string) {
	b.w.Header().Set("Content-Type", "application/json")
	text, _ := json.Marshal(reply)
	finish := b.plan.Finish
	if finish == "" {
		finish = "stop"
	}
	b.write(fmt.Sprintf("\n\n{\"id\":\"1\",\"object\":\"chat.completion\",\"model\":%q,\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":%s},\"finish_reason\":%q}],\n\"usage\":%s}\n",
		r.Model, text, finish, usage(r, reply)))
}

// event sends one event with the comments before it.
func (b *body) event(data string) {
	for range b.plan.KeepAlives {
		b.write(": keep-alive\n\n")
		b.wait(b.plan.Every)
	}
	if b.plan.NoBlank {
		b.write("data:" + data + "\n\n")
	} else {
		b.write("data: " + data + "\n\n")
	}
}

// events sends a reply as the provider does.
func (s *Server) events(b *body, r Request, reply string) {
	q := s.quirks
	s.before(b, r)
	all := b.plan.Pieces
	if all == nil {
		all = pieces(reply)
	}
	sent := 0
	for i := 0; i < len(all) || sent < b.plan.Lasting; i++ {
		if b.plan.Error != "" && i == b.plan.ErrorAfter {
			break
		}
		piece := all[i%len(all)]
		sent += len(piece)
		if b.plan.PerSecond > 0 {
			b.wait(time.Duration(float64(time.Second) / b.plan.PerSecond))
		}
		b.event(q.chunk(r, q.choice(piece)+strings.Repeat(`,{"index":1,"delta":{"content":"other"},"finish_reason":null}`, b.plan.Choices), q.early(r)))
	}
	if b.plan.Error != "" {
		b.event(b.plan.Error)
		if q == VLLM {
			b.event("[DONE]")
		}
		return
	}
	s.after(b, r, reply)
}

// early is the usage of a chunk that is not the last.
func (q Quirks) early(r Request) string {
	if r.IncludeUsage && (q == OpenAI || q == Azure || q == DashScope) {
		return "null"
	}
	return ""
}

// choice is one piece of a reply.
func (q Quirks) choice(piece string) string {
	switch q {
	case Ollama:
		return `{"index":0,"delta":{"role":"assistant","content":"` + piece + `"},"finish_reason":null}`
	case DeepSeek:
		return `{"index":0,"delta":{"content":"` + piece + `","reasoning_content":null},"logprobs":null,"finish_reason":null}`
	case Azure:
		return `{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"delta":{"content":"` + piece + `"},"finish_reason":null,"index":0,"logprobs":null}`
	case Zhipu:
		return `{"index":0,"delta":{"role":"assistant","content":"` + piece + `"}}`
	}
	return `{"index":0,"delta":{"content":"` + piece + `"},"logprobs":null,"finish_reason":null}`
}

// before sends what stands before the reply.
func (s *Server) before(b *body, r Request) {
	q := s.quirks
	const role = `{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}`
	switch q {
	case OpenAI, DashScope, VLLM:
		b.event(q.chunk(r, role, q.early(r)))
	case Azure:
		b.event(`{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}`)
		b.event(q.chunk(r, role, q.early(r)))
	case DeepSeek:
		b.write(": keep-alive\n\n: keep-alive\n\n")
		b.event(q.chunk(r, `{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":""},"logprobs":null,"finish_reason":null}`, ""))
		b.event(q.chunk(r, `{"index":0,"delta":{"content":null,"reasoning_content":"hm, "},"logprobs":null,"finish_reason":null}`, ""))
	}
}

// after sends what stands after the reply.
func (s *Server) after(b *body, r Request, reply string) {
	q, finish := s.quirks, "\"stop\""
	switch b.plan.Finish {
	case "":
	case "-":
		finish = "null"
	default:
		finish = fmt.Sprintf("%q", b.plan.Finish)
	}
	counts := usage(r, reply)
	delta := `{}`
	if q == Ollama || q == DashScope || q == DeepSeek {
		delta = `{"content":""}`
	}
	last := q.early(r)
	if q == Zhipu || q == DeepSeek {
		last = counts
	}
	b.event(q.chunk(r, `{"index":0,"delta":`+delta+`,"finish_reason":`+finish+`}`, last))
	if q == Azure {
		b.event(`{"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,"content_filter_offsets":{"check_offset":1},"content_filter_results":{}}]}`)
	}
	if r.IncludeUsage && q != Zhipu && q != DeepSeek {
		b.event(q.chunk(r, "", counts))
	}
	if !b.plan.NoDone {
		b.event("[DONE]")
	}
	b.wait(b.plan.Linger)
}
