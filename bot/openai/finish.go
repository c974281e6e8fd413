package openai

import (
	"strings"

	"policybot/bot/model"
)

// An ending is what a finish_reason means.
type ending struct {
	class model.Class // "" for a whole reply
	retry bool
}

// endings are the finish_reasons that are known, in lower case.
var endings = map[string]ending{
	"stop":          {}, // OpenAI, https://platform.openai.com/docs/api-reference/chat/object
	"eos_token":     {}, // Text Generation Inference, https://huggingface.github.io/text-generation-inference, FinishReason
	"stop_sequence": {}, // the same, and Anthropic behind gateways
	"end_turn":      {}, // Anthropic behind gateways, https://docs.anthropic.com/en/api/messages, stop_reason

	"length":                        {class: model.Cut}, // OpenAI
	"max_tokens":                    {class: model.Cut}, // Anthropic, Gemini behind gateways
	"model_length":                  {class: model.Cut}, // Mistral, https://docs.mistral.ai/api
	"model_context_window_exceeded": {class: model.Cut}, // Zhipu and Anthropic

	"content_filter": {class: model.Refused}, // OpenAI, Azure
	"sensitive":      {class: model.Refused}, // Zhipu, https://docs.z.ai/api-reference/llm/chat-completion
	"refusal":        {class: model.Refused}, // Anthropic
	"safety":         {class: model.Refused}, // Gemini

	"network_error":                {class: model.Unavailable, retry: true}, // Zhipu
	"insufficient_system_resource": {class: model.Unavailable, retry: true}, // DeepSeek, https://api-docs.deepseek.com/api/create-chat-completion
	"abort":                        {class: model.Unavailable, retry: true}, // vLLM, vllm/v1/engine, FinishReason
	"error":                        {class: model.Unavailable, retry: true}, // vLLM, Mistral
	"load":                         {class: model.Unavailable, retry: true}, // Ollama loaded the model and wrote nothing, docs/api.md
	"unload":                       {class: model.Unavailable, retry: true}, // Ollama, the same
}

// ended is the failure of a reply that ended for this reason; nil for a whole
// reply. A reason that is not known is none to believe that the reply is whole.
func (e *endpoint) ended(reason string) *failure {
	end, known := endings[strings.ToLower(reason)]
	switch {
	case !known:
		return e.failed(model.BadAnswer, false, "the model ended for a reason that is not known: %s", reason)
	case end.class == "":
		return nil
	}
	failed := e.failed(end.class, end.retry, "the model ended because of %s", reason)
	failed.err.Code = strings.ToLower(reason)
	return failed
}
