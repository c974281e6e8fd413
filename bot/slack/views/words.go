package views

// Texts that people see. A verb stands for a value, in the same order in both languages.
var (
	closeText   = phrase{"关闭", "Close"}
	cancelText  = phrase{"取消", "Cancel"}
	sendText    = phrase{"提交", "Send"}
	yesText     = phrase{"是", "Yes"}
	noText      = phrase{"否", "No"}
	unknownText = phrase{"不清楚", "Don't know"}

	moreText       = phrase{"另有 %d 项没有列出。", "%d more are not listed."}
	inBrackets     = phrase{"（%s）", " (%s)"}
	listSeparator  = phrase{"；", "; "}
	placeSeparator = phrase{"、", ", "}
	noPersonal     = phrase{"请勿填写身份证号、手机号等个人信息。", "Please leave out personal data such as identity or phone numbers."}

	clauseTitle      = phrase{"条款原文", "The clause"}
	clauseLegend     = phrase{"加粗带底框的文字是引用部分。", "The words in bold with a box are the part that is quoted."}
	clauseLeftBefore = phrase{"前面略去 %d 个字。", "%d characters before this part are left out."}
	clauseLeftAfter  = phrase{"后面略去 %d 个字。全文请打开条款页。", "%d characters after this part are left out. The page of the clause has all of it."}
	clauseQuoteCut   = phrase{"引用部分较长，没有显示完。", "The quoted part is long; its end is not shown."}
	clauseEmpty      = phrase{"这一条没有正文。", "This clause has no text of its own."}
	clauseBefore     = phrase{"上一条：", "Before: "}
	clauseAfter      = phrase{"下一条：", "After: "}
	clauseShow       = phrase{"查看", "Show"}
	clauseOpen       = phrase{"打开条款页", "Open the page of the clause"}

	feedbackTitle   = phrase{"哪里不好？", "What was wrong?"}
	feedbackWhy     = phrase{"原因", "Reason"}
	feedbackComment = phrase{"补充说明", "Comment"}
	feedbackReasons = map[string]phrase{
		"irrelevant": {"答非所问", "Not what I asked"},
		"incomplete": {"不完整", "Incomplete"},
		"wrong":      {"有错误", "Wrong"},
		"outdated":   {"已过时", "Out of date"},
		"other":      {"其他", "Something else"},
	}

	askTitle       = phrase{"提问", "Ask a question"}
	askSubmit      = phrase{"提问", "Ask"}
	askLabel       = phrase{"您的问题", "Your question"}
	askPlaceholder = phrase{"例如：厦门对医疗器械企业有什么支持？", "For example: What support does Xiamen give medical device companies?"}
	askLong        = phrase{"原文较长，只带入前 %d 个字。", "The text is long: only its first %d characters are filled in."}
	askEmpty       = phrase{"请写下您的问题。", "Please write your question."}

	profileTitle    = phrase{"能享受哪些政策？", "What are we eligible for"}
	profileQuestion = phrase{"我们能享受哪些政策？", "What are we eligible for?"}
	profileSubmit   = phrase{"核对", "Compare"}
	profileIntro    = phrase{
		"知道多少填多少，留空表示不清楚。填写内容与库里各项措施的条件逐条核对，并说明还差什么。这不是资格认定。",
		"Fill in what you know; leave the rest open. It is compared with the conditions of the measures in the library, and what is still open is named. This is no determination.",
	}
	profileOpen      = phrase{"（不清楚）", "(don't know)"}
	profileNumber    = phrase{"可以写 1200、1,200 或 3.5万。", "Such as 1200, 1,200 or 3.5 million."}
	profilePlace     = phrase{"例如：厦门市海沧区", "For example: Haicang, Xiamen"}
	profileBadNumber = phrase{"“%s”看不懂：请写一个数，例如 1200、1,200 或 3.5万。", "“%s” is not understood: please write one number, such as 1200, 1,200 or 3.5 million."}
	profileBadDate   = phrase{"请重新选择日期。", "Please pick the date again."}
	profileLeft      = phrase{"还有 %d 项放不下，可以在对话里直接说：%s", "%d more do not fit here; you can tell them in the conversation: %s"}

	caseTitle        = phrase{"答复提问", "Reply to a question"}
	caseSubmit       = phrase{"发送答复", "Send the reply"}
	caseNumber       = phrase{"事项 ", "Case "}
	caseAsked        = phrase{"提问：", "Asked: "}
	caseReason       = phrase{"缘由：", "Why it is here: "}
	caseConversation = phrase{"此前的对话", "Conversation so far"}
	caseEarlier      = phrase{"更早的 %d 条没有列出。", "%d earlier ones are not listed."}
	caseDraft        = phrase{"答复（可以修改）", "Reply (you can change it)"}
	caseDraftHint    = phrase{"发送前会与引用的条款核对。", "It is compared with the cited clauses before it is sent."}
	caseDraftShown   = phrase{"答复草稿", "Drafted reply"}
	caseSources      = phrase{"依据", "Sources"}
	caseDesk         = phrase{"在办理台打开", "Open at the desk"}
	caseApproval     = phrase{"这份答复要由另一位工作人员批准后才能发送，请到办理台办理。", "Somebody else has to approve this reply before it is sent. Please go on at the desk."}
	caseLong         = phrase{"答复草稿超过 %d 个字，这里放不下，请到办理台修改和发送。", "The drafted reply is longer than %d characters and does not fit here. Please change and send it at the desk."}
	caseNoDraft      = phrase{"还没有草稿。", "There is no draft yet."}
	caseProblems     = phrase{"没有发送：", "Not sent: "}
	caseProblemsNone = phrase{"没有发送：这份答复没有通过核对。", "Not sent: the reply did not pass the check."}

	draftTitle   = phrase{"答复草稿", "Drafted reply"}
	draftIntro   = phrase{"这是草稿，没有发给任何人。请核对后复制使用。", "This is a draft; nobody has been sent it. Please check it, then copy it."}
	draftLabel   = phrase{"草稿", "Draft"}
	draftPart    = phrase{"草稿（%d/%d）", "Draft (%d/%d)"}
	draftLeft    = phrase{"草稿太长，后面 %d 个字没有显示。", "The draft is too long: its last %d characters are not shown."}
	draftSubmit  = phrase{"完成", "Done"}
	draftLimits  = phrase{"请注意", "Please note"}
	noticeLonger = phrase{"后面略去 %d 个字。", "%d more characters are left out."}
)

// Texts of the home tab.
var (
	homeTitle = phrase{"政策问答", "Policy questions"}
	homeIntro = phrase{
		"有政策问题，直接问：在这里提问，在对话里发消息，或在频道里 @我。回答只以库里的文件为依据，每句话都标明出自哪份文件、哪一条，点开就能看原文。",
		"Ask about policies: here, in a message to me, or by mentioning me in a channel. Answers rest only on the documents of the library; each sentence names its document and clause, and you can open the original words.",
	}
	homeNot     = phrase{"请先知道", "Good to know"}
	homeNotList = []phrase{
		{"没有依据就说没有，不猜。“查不到”也是一种回答。", "Where no clause answers, that is what you are told. “Not found” is an answer too; nothing is guessed."},
		{"这不是主管部门的决定，也不是资格认定；以文件全文和主管部门答复为准。", "This is no decision of an authority and no determination. The full document and the responsible body decide."},
		{"请勿发送身份证号、手机号等个人信息。", "Please do not send personal data such as identity or phone numbers."},
	}
	homeAsk      = phrase{"提问", "Ask a question"}
	homeProfile  = phrase{"看能享受哪些政策", "Check eligibility"}
	homeLibrary  = phrase{"打开政策库", "Open the library"}
	homeExamples = phrase{"可以这样问", "You could ask"}
	homeUse      = phrase{"就问这个", "Ask this"}
	homeExample  = []phrase{
		{"厦门对生物医药企业上市有什么目标？", "What is Xiamen's target for listed biomedical companies?"},
		{"北京对医药企业上市融资有什么支持？", "What support does Beijing give companies that go public?"},
		{"外商独资医院可以在哪里设立？", "Where can wholly foreign-owned hospitals be set up?"},
	}
	homeDocuments   = phrase{"政策库：%d 份文件", "Documents in the library: %d"}
	homeNoDocuments = phrase{"库里还没有文件。", "There are no documents yet."}
	homeMore        = phrase{"另有 %d 份文件没有列在这里。", "%d more documents are not listed here."}
	homePlaces      = phrase{"涉及地区：", "Places: "}
	homeFromUntil   = phrase{"%s 至 %s", "%s to %s"}
	homeFrom        = phrase{"自 %s 起", "from %s"}
	homeUntil       = phrase{"至 %s", "until %s"}
	homeQuestions   = phrase{"您最近的提问", "Your latest questions"}
	homePrivacy     = phrase{"隐私", "Privacy"}
	homePrivacyList = []phrase{
		{
			"保存什么：您的提问、回答、评价，和由您的账号算出的一个代号。手机号、身份证号、银行卡号、邮箱、护照号在保存前遮盖。",
			"What is kept: your questions, the answers, your feedback, and a code made from your account. Mobile, identity, bank card and passport numbers and e-mail addresses are masked before anything is stored.",
		},
		{"谁能看：负责办理和维护的工作人员。", "Who reads it: the staff who reply to cases and run the service."},
		{
			"怎样删除：下面的按钮清除为您单位记下的情况；要删除您的提问和回答，请联系工作人员。",
			"How to have it forgotten: the button below clears what was noted of your organisation. To have your questions and answers erased, ask the staff.",
		},
	}
	homeRetention    = phrase{"保存多久：", "How long: "}
	homeForget       = phrase{"清除记下的情况", "Forget what was noted"}
	homeForgetTitle  = phrase{"清除为您单位记下的情况？", "Forget what was noted?"}
	homeForgetText   = phrase{"您单位其他人以后的对话也不再用到它。已有的提问和回答不受影响。", "It is cleared for all people of your organisation. Questions and answers stay."}
	homeForgetYes    = phrase{"清除", "Forget it"}
	homeForgetNo     = phrase{"不清除", "Keep it"}
	homeModel        = phrase{"回答怎样写成", "How answers are written"}
	homeModelUnknown = phrase{"没有说明。", "Not stated."}
)

// Texts of the replies to commands.
var (
	helpTitle = phrase{"怎样使用", "How to use this"}
	helpIntro = phrase{
		"只有您能看到这条消息。也可以直接给我发消息，或在频道里 @我。",
		"Only you see this message. You can also write to me, or mention me in a channel.",
	}
	inHelp    = phrase{"：", ": "}
	helpLines = []struct{ command, does phrase }{
		{phrase{"/policy ask 外商独资医院可以在哪里设立？", "/policy ask Where can wholly foreign-owned hospitals be set up?"}, phrase{"提问，回答附条款", "ask; the answer cites clauses"}},
		{phrase{"/policy eligibility", "/policy eligibility"}, phrase{"填表看能享受哪些政策", "fill in a form to see what you may be eligible for"}},
		{phrase{"/policy search 创新药 临床试验", "/policy search innovative drugs clinical trials"}, phrase{"查找条款", "find clauses"}},
		{phrase{"/policy lang en", "/policy lang zh"}, phrase{"改用英文（zh 是中文）", "change to Chinese (en is English)"}},
		{phrase{"/policy forget", "/policy forget"}, phrase{"清除为您单位记下的情况", "clear what was noted of your organisation"}},
		{phrase{"/policy help", "/policy help"}, phrase{"显示这条说明", "show this"}},
	}
	searchTitle = phrase{"查找：%s", "Search: %s"}
	searchNone  = phrase{"没有找到相关条款。换个说法，或直接提问。", "No clause was found. Try other words, or ask a question."}
	searchHits  = phrase{"找到下列条款。这些是原文节选，不是对您问题的回答。", "These clauses were found. They are excerpts, not an answer to a question."}
	searchMore  = phrase{"只列出前 %d 条。", "Only the first %d are listed."}
)
