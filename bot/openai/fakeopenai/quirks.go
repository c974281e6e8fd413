package fakeopenai

import (
	"fmt"
	"net/http"
	"strings"
)

// Quirks name a provider, and with it what its endpoint does differently.
type Quirks string

// Providers.
const (
	// OpenAI: a first chunk with the role only; usage null in each chunk and, when it
	// is asked for, a last one with empty choices. Keys begin with "Bearer ".
	// https://platform.openai.com/docs/api-reference/chat-streaming
	OpenAI Quirks = "openai"
	// Azure: the path has the deployment, the query api-version, the key is in the
	// header api-key; the first chunk has prompt_filter_results and empty choices, and a
	// last one may have results of filters and no delta.
	// https://learn.microsoft.com/azure/ai-services/openai/reference;
	// Azure/azure-sdk-for-go#21086 and microsoft/autogen#6465 show the chunks.
	Azure Quirks = "azure"
	// DeepSeek: comments ": keep-alive" while it waits, reasoning_content before
	// content, content null meanwhile.
	// https://api-docs.deepseek.com/quick_start/rate_limit,
	// https://api-docs.deepseek.com/guides/reasoning_model
	DeepSeek Quirks = "deepseek"
	// DashScope: finish_reason and usage in chunks of their own; codes of failures such
	// as Arrearage.
	// https://www.alibabacloud.com/help/en/model-studio/error-code
	DashScope Quirks = "dashscope"
	// Zhipu: usage in the chunk with the finish_reason, which is never null but
	// missing; failures have codes of four digits as strings.
	// https://docs.z.ai/api-reference/api-code,
	// https://docs.z.ai/api-reference/llm/chat-completion
	Zhipu Quirks = "zhipu"
	// VLLM: a first chunk with the role and empty content; usage last when asked for;
	// failures within a stream as {"error": …}, then [DONE].
	// https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html and
	// vllm-project/vllm#40986
	VLLM Quirks = "vllm"
	// Ollama: the role in each chunk, fingerprint fp_ollama; usage only when it is asked
	// for, since v0.5.2; no key.
	// https://github.com/ollama/ollama/blob/main/docs/openai.md, ollama/ollama#4448
	Ollama Quirks = "ollama"
)

// All are all providers.
func All() []Quirks { return []Quirks{OpenAI, Azure, DeepSeek, DashScope, Zhipu, VLLM, Ollama} }

// path is where the base URL leads.
func (q Quirks) path() string {
	switch q {
	case Azure:
		return ""
	case DeepSeek:
		return ""
	case DashScope:
		return "/compatible-mode/v1"
	case Zhipu:
		return "/api/paas/v4"
	}
	return "/v1"
}

// Key is the only key that a fake takes, but for [Ollama], which takes any or none.
const Key = "sk-fake-0123456789abcdefXYZ"

// refuses answers a request that the endpoint would not take.
func (q Quirks) refuses(w http.ResponseWriter, r Request) bool {
	path, key := q.path()+"/chat/completions", r.Header.Get("Authorization") == "Bearer "+Key
	switch q {
	case Azure:
		path = "/openai/deployments/" + r.Model + "/chat/completions"
		key = r.Header.Get("api-key") == Key
	case Ollama:
		key = true
	}
	refuse := func(status int, code, message string) bool {
		var plan Plan
		Refuse(status, code, message)(&plan)
		plan.Answer(w, nil)
		return true
	}
	switch {
	case r.Path == q.path()+"/rerank" && key:
		return false
	case r.Path != path || q == Azure && !strings.HasPrefix(r.Query, "api-version="):
		return refuse(404, "not_found", "no such address")
	case !key: // endpoints like to show part of the key, a bad one all of it
		return refuse(401, "invalid_api_key", "Incorrect API key provided: "+r.Header.Get("Authorization")+r.Header.Get("api-key"))
	}
	return false
}

// Arrears and the like are failures as the providers report them, for Status.
// Sources are those of the providers.
const (
	DashScopeArrearage  = `{"error":{"message":"Access denied, please make sure your account is in good standing.","type":"Arrearage","param":null,"code":"Arrearage"},"request_id":"1"}`
	DashScopeInspection = `{"error":{"code":"data_inspection_failed","param":null,"message":"Input data may contain inappropriate content.","type":"data_inspection_failed"},"id":"1"}`
	ZhipuArrears        = `{"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}}`
	ZhipuConcurrency    = `{"error":{"code":"1302","message":"您的账户已达到速率限制,请您控制请求频率"}}`
	ZhipuSensitive      = `{"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}}`
	AzureFilter         = `{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400}}`
	VLLMError           = `{"error":{"message":"EngineCore encountered an issue.","type":"InternalServerError","param":null,"code":500}}`
	OldVLLMError        = `{"object":"error","message":"CUDA out of memory","type":"InternalServerError","param":null,"code":500}`
	OpenAIServerError   = `{"error":{"message":"The server had an error while processing your request","type":"server_error","param":null,"code":null}}`
)

// chunk is one event of the protocol: delta and finish are JSON, usage too or "".
func (q Quirks) chunk(r Request, choices, usage string) string {
	name := r.Model
	fingerprint := "null"
	if q == Ollama {
		fingerprint = `"fp_ollama"`
	}
	s := fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":%q,"system_fingerprint":%s,"choices":[%s]`, name, fingerprint, choices)
	if usage != "" {
		s += `,"usage":` + usage
	}
	return s + "}"
}
