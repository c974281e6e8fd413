package callback

import (
	"strings"

	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/render"
)

var (
	// queued takes the place of a stream for which there is no room.
	queued = aibot.Phrase{
		"您前面的问题还在回答。这条已收到，回答会另发一条消息。",
		"Your earlier questions are still being answered. This one has been received; its answer will come in another message.",
	}
	// refused is for a message that the service did not take, if it does not say why by itself.
	refused = aibot.Phrase{
		"这条没有受理：您前面的问题还没有答完。请等答完后再发。",
		"This message was not taken: your earlier questions are not answered yet. Please send it again when they are.",
	}
	// elsewhere ends a stream whose document came in another message.
	elsewhere = aibot.Phrase{"回答在另一条消息里。", "The answer is in another message."}
	// unseen ends a stream that an earlier process may have ended with its document.
	unseen = aibot.Phrase{
		"回答如果还没有出现，会另发一条消息；过几分钟仍没有，请重新提问。",
		"If no answer has been shown yet it will come in another message; if none comes in a few minutes, please ask again.",
	}
	// unanswered ends a stream for which there is no other way.
	unanswered = aibot.Phrase{
		"没能在限定时间内答完，请过一会儿重新提问。",
		"The answer was not ready in time. Please ask again in a while.",
	}
	// rest ends a document that goes on where nobody can be shown more.
	rest = aibot.Phrase{
		"（回答太长，企业微信里显示到这里为止。请把问题问得更具体一些，分几次问。）",
		"(The answer is too long and is shown up to here. Please ask about one part of it at a time.)",
	}
	// restAt is rest with the address of the console behind it.
	restAt = aibot.Phrase{
		"（回答太长，企业微信里显示到这里为止。全文可以在网页上查看：",
		"(The answer is too long and is shown up to here. All of it can be read on the web: ",
	}
	// press lists the buttons that a message cannot show.
	press = aibot.Phrase{"可以直接回复：", "You can simply reply: "}
)

// working is what is shown of a stream of which this process knows nothing yet.
func working(lang string) string {
	if lang == "" {
		return render.Progress("", "zh", style) + "\n" + render.Progress("", "en", style)
	}
	return render.Progress("", lang, style)
}

// restOf is the sentence that ends a document of which there is more.
func restOf(lang, pages string) string {
	if pages == "" {
		return rest.In(lang)
	}
	end := "）"
	if lang == "en" {
		end = ")"
	}
	return strings.ReplaceAll(restAt.In(lang), "\n", " ") + pages + end
}
