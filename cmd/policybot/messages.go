package main

import (
	"errors"
	"fmt"
	"path/filepath"

	journaldb "policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

// messages are the program's own words to whoever runs it: Chinese, English.
var messages = map[string][2]string{
	"usage":        {"用法错误：%v。运行 policybot --help 查看用法。", "usage: %v. Run policybot --help."},
	"config_read":  {"读不了配置文件 %s：%v", "cannot read the configuration file %s: %v"},
	"config_bad":   {"配置文件 %s 有误（可用的项：data、lang、embed: {dimensions, batch}、service: {http, per_user, total, workers, age, answer, wait, retention_days}、slack: {http, external_channels, thread_follow_ups, agent_view, command, shortcuts, staff_channel}、wecom: {staff, alerts}）：%v", "the configuration file %s is wrong (allowed: data, lang, embed: {dimensions, batch}, service: {http, per_user, total, workers, age, answer, wait, retention_days}, slack: {http, external_channels, thread_follow_ups, agent_view, command, shortcuts, staff_channel}, wecom: {staff, alerts}): %v"},
	"config_value": {"配置文件 %s 第 %d 行第 %d 列有误：%s 是 %s，应为 %s", "the configuration file %s is wrong at line %d, column %d: %s is %s; allowed is %s"},
	"lang_bad":     {"--lang %s：应为 zh 或 en", "--lang %s: must be zh or en"},
	"no_postgres":  {"这个版本还不支持 Postgres：请取消环境变量 DATABASE_URL，数据会存在数据文件夹里。", "this version does not support Postgres: unset DATABASE_URL, and data is kept in the data folder."},
	"data_folder":  {"数据文件夹 %s 不能用：%v。请用 --data 指定可写的文件夹。", "the data folder %s cannot be used: %v. Name a writable folder with --data."},

	"read_file":      {"读不了 %s：%v", "cannot read %s: %v"},
	"write_file":     {"写不了 %s：%v", "cannot write %s: %v"},
	"batch_line":     {"%s 第 %d 行不是有效的提问（应为 {\"id\",\"question\",…} 的 JSON）：%v。其余各行照常处理。", "%s line %d is no question (JSON with {\"id\",\"question\",…}): %v. The other lines are done."},
	"e_measure":      {"措施", "measure"},
	"e_verdict":      {"结论", "verdict"},
	"e_open":         {"不符合或待核实", "not met, or to be checked"},
	"e_clause":       {"条款", "clause"},
	"e_met":          {"符合", "met"},
	"e_not_met":      {"不符合", "not met"},
	"e_unknown":      {"待核实", "to be checked"},
	"e_none":         {"这个回答没有逐条对照的措施。", "This answer compares no measure with your case."},
	"profile_bad":    {"%s 不是 JSON 对象：%v", "%s is not a JSON object: %v"},
	"profile_unused": {"企业情况里有用不上的内容，已略过：%s", "not used of the profile: %s"},
	"history_bad":    {"%s 不是 [{\"role\":\"user|assistant\",\"text\":…}] 形式的 JSON：%v", "%s is not JSON of the form [{\"role\":\"user|assistant\",\"text\":…}]: %v"},
	"history_batch":  {"--history 只用于单个问题；--batch 的每一行自带 history", "--history goes with one question; each line of --batch has its own history"},
	"question_or":    {"请给出一个问题，或用 --batch 指定文件", "give one question, or a file with --batch"},
	"as_of_bad":      {"--as-of %s：应为 YYYY-MM-DD 形式的日期", "--as-of %s: must be a date, YYYY-MM-DD"},
	"k_bad":          {"-k %d：应为 1 到 1000", "-k %d: must be from 1 to 1000"},
	"no_document":    {"没有名为“%s”的文件。用 policybot documents 查看全部文件。", "no document is named %q. See policybot documents."},
	"query_long":     {"要找的内容超过 %d 字，没有检索；请写短一些。", "What to find has more than %d characters and was not looked up; make it shorter."},
	"no_hits":        {"没有找到相关条款。", "No clause was found."},
	"which":          {"“%s”可能指几份文件：%s。请写完整。", "%q may be any of %s. Please write it in full."},
	"embed_model":    {"没有指定向量模型：请设置环境变量 POLICYBOT_EMBED_MODEL（以及 OPENAI_API_KEY、OPENAI_BASE_URL）", "no embedding model is named: set POLICYBOT_EMBED_MODEL (and OPENAI_API_KEY, OPENAI_BASE_URL)"},
	"other_model":    {"向量是用模型“%s”建立的，按现在的配置用不了这个模型；请恢复原来的配置，或运行 policybot vectors build 用现在的模型重建", "the vectors were built with the model %q, which the configuration does not lead to; restore the configuration, or run policybot vectors build for the model of now"},
	"weight_bad":     {"--weight %v：应为 0.01 到 10；停用向量请用 policybot vectors off", "--weight %v: must be from 0.01 to 10; policybot vectors off stops using vectors"},
	"degraded":       {"向量用不上，这次只按词检索：%s", "vectors could not be used, this search went by words alone: %s"},
	"v_configured":   {"配置的模型：%s", "configured model: %s"},
	"v_none":         {"没有启用向量：只按词检索。policybot vectors build 可以建立。", "no vectors are in use: searches go by words. policybot vectors build makes some."},
	"v_active":       {"正在使用：%s，%d 维，权重 %.2f，建于 %s", "in use: %s, %d dimensions, weight %.2f, built %s"},
	"v_report":       {"用 %d 个自带的问题测定：不用向量时 nDCG@10 为 %.3f，用时 %.3f（差值的 95%% 区间 %+.3f 至 %+.3f）", "measured on %d built-in questions: nDCG@10 %.3f without vectors, %.3f with (95 %% interval of the difference %+.3f to %+.3f)"},
	"v_clauses":      {"有向量的条款：%d/%d", "clauses with a vector: %d of %d"},
	"v_previous":     {"上一个：%s（policybot vectors rollback 可换回）", "before it: %s (policybot vectors rollback goes back)"},
	"v_unbuilt":      {"已配置向量模型 %s，但还没有向量；先按词检索。运行 policybot vectors build 建立。", "the embedding model %s is configured, but there are no vectors; searches go by words. Run policybot vectors build."},
	"v_differs":      {"向量是用 %s 建立的，配置的却是 %s；在运行 policybot vectors build 之前继续使用前者。", "the vectors were built with %s, the configuration says %s; the former serve until you run policybot vectors build."},
	"v_embedded":     {"新算了 %d 条条款的向量，沿用 %d 条", "embedded %d clauses, %d had their vectors"},
	"v_missing":      {"%d 条条款还没有向量，先按词检索（%s）。稍后运行 policybot vectors build。", "%d clauses have no vector yet and are found by their words (%s). Run policybot vectors build later."},
	"v_built":        {"已启用 %s：新算 %d 条，沿用 %d 条，权重 %.2f", "%s is in use: %d embedded, %d reused, weight %.2f"},
	"v_worthless":    {"%s 的向量对排序没有可证实的帮助，所以不建立；要强行使用，请加 --weight，否则可取消 POLICYBOT_EMBED_MODEL。", "vectors of %s show no gain for the ranking, so none are built; --weight insists, else unset POLICYBOT_EMBED_MODEL."},
	"v_kept":         {"正在使用的 %s 不变；停用请运行 policybot vectors off。", "%s stays in use; policybot vectors off stops it."},
	"v_off":          {"没有使用向量，只按词检索。", "vectors are not used; searches go by words."},
	"v_damaged":      {"存储的向量有损坏；运行 policybot vectors build 可以修复，文件和条款不受影响", "stored vectors are damaged; policybot vectors build repairs them, documents and clauses are not affected"},
	"v_other":        {"模型给出的向量与以前同名模型的长度不同；请运行 policybot vectors build --again 全部重算", "the model gives vectors of another length than before under the same name; run policybot vectors build --again"},
	"e_slow":         {"5 秒内没有得到应答", "no answer within 5 seconds"},
	"v_no_previous":  {"没有可以换回的向量；停用向量请用 policybot vectors off", "there are no earlier vectors to go back to; policybot vectors off stops using vectors"},
	"v_rolled_back":  {"已换回 %s", "back to %s"},
	"v_rebuild":      {"其中 %d 条条款没有这个模型的向量，先按词检索；运行 policybot vectors build 补上。", "%d clauses have no vector of this model and are found by their words; policybot vectors build adds them."},
	"v_in_use":       {"%s 正在使用，或是可以换回的上一个模型，不能删除", "%s is in use, or is the one to go back to, and is not deleted"},
	"d_vectors":      {"向量：%s，%d/%d 条条款", "vectors: %s, %d of %d clauses"},
	"v_dropped":      {"库里已没有 %s 的向量", "no vectors of %s are left"},

	"e_bad_options":    {"向量服务的设置 %s 有误：%s", "the setting %s of the embedding endpoint is wrong: %s"},
	"e_unauthorized":   {"模型 %s：%s 不接受密钥，请检查 OPENAI_API_KEY（%s）", "model %s: %s does not accept the key, check OPENAI_API_KEY (%s)"},
	"e_not_found":      {"没有模型 %s，或地址 %s 不对，请检查 POLICYBOT_EMBED_MODEL 和 OPENAI_BASE_URL（%s）", "there is no model %s, or the address %s is wrong, check POLICYBOT_EMBED_MODEL and OPENAI_BASE_URL (%s)"},
	"e_quota_exceeded": {"模型 %s：%s 的额度已用完，请检查账户（%s）", "model %s: the quota at %s is used up, check the account (%s)"},
	"e_rate_limited":   {"模型 %s：%s 限制了请求频率，请稍后再试（%s）", "model %s: %s limits the rate of requests, try again later (%s)"},
	"e_unavailable":    {"模型 %s：%s 没有应答，请检查网络和服务（%s）", "model %s: %s does not answer, check network and service (%s)"},
	"e_bad_answer":     {"模型 %s：%s 的应答不能用，请检查它是不是向量接口（%s）", "model %s: the answer of %s cannot be used, check that it is an embeddings endpoint (%s)"},
	"e_refused":        {"模型 %s：%s 拒绝了请求，请检查模型的限制（%s）", "model %s: %s refuses the request, check the model's limits (%s)"},

	"d_model":          {"语言模型 %s", "the language model %s"},
	"w_model":          {"语言模型：", "Language model:"},
	"record_or":        {"--record 和 --replay 只能给一个", "give either --record or --replay"},
	"record_model":     {"没有配置语言模型：请先设 POLICYBOT_CHAT_MODEL，重放时要与录制时相同", "no language model is configured: set POLICYBOT_CHAT_MODEL, to replay the same as when it was recorded"},
	"draft_nothing":    {"没有可以起草答复的问题", "there is no question to draft a reply to"},
	"chat_model":       {"没有配置语言模型：请先设 POLICYBOT_CHAT_MODEL，--prompts 才有用", "no language model is configured: set POLICYBOT_CHAT_MODEL, or --prompts has no use"},
	"prompts_bad":      {"文件夹 %s 里的提示词不能用：%v", "the prompts of the folder %s cannot be used: %v"},
	"rerank_url":       {"model.rerank 设为 endpoint，但没有 POLICYBOT_RERANK_URL", "model.rerank is endpoint, but POLICYBOT_RERANK_URL is not set"},
	"m_bad_options":    {"语言模型的设置有误：%s", "a setting of the language model is wrong: %s"},
	"m_fallback":       {"语言模型 %s 的回答没有采用：%s；改为摘录原文。", "no answer of the language model %s is used: %s; the answer quotes instead."},
	"m_none":           {"它认为没有条款能回答", "it finds that no clause answers"},
	"m_failed":         {"没有一句通过核对", "no sentence passed the checks"},
	"m_unverified":     {"整体没有通过核对", "as a whole it did not pass the checks"},
	"m_unauthorized":   {"服务不接受密钥，请检查 OPENAI_API_KEY", "the endpoint does not accept the key, check OPENAI_API_KEY"},
	"m_not_found":      {"没有这个模型，或地址不对，请检查 POLICYBOT_CHAT_MODEL 和 OPENAI_BASE_URL", "there is no such model, or the address is wrong, check POLICYBOT_CHAT_MODEL and OPENAI_BASE_URL"},
	"m_quota_exceeded": {"额度已用完，请检查账户", "the quota is used up, check the account"},
	"m_rate_limited":   {"服务限制了请求频率，请稍后再试", "the endpoint limits the rate of requests, try again later"},
	"m_unavailable":    {"服务没有应答，请检查网络和服务", "the endpoint does not answer, check network and service"},
	"m_bad_answer":     {"应答不能用，请检查它是不是对话接口", "the reply cannot be used, check that it is a chat endpoint"},
	"m_cut":            {"回答没有写完", "the reply ended before it was whole"},
	"m_refused":        {"服务拒绝了请求", "the endpoint refuses the request"},
	"m_slow":           {"等得太久", "it took too long"},
	"m_open":           {"刚才连续失败，暂不再问", "it failed repeatedly just now and is left alone for a while"},
	"m_busy":           {"同时进行的请求太多", "too many calls are under way"},
	"m_budget":         {"今天的用量已满", "what may be used in a day is used"},

	"compare_old":   {"%s 里没有逐题的结果，无法比较：请先用 eval retrieval --json 重新写一份", "%s holds no values of single queries to compare with: first write it again with eval retrieval --json"},
	"compare_other": {"%s 的问题与这次不同，无法比较：缺这次的 %d 个%s，多 %d 个%s。请用同样的 --queries 和 --qrels 重新写一份。", "%s has other queries than this run and cannot be compared with it: missing %d%s, extra %d%s. Write it again with the same --queries and --qrels."},
	"indexed":       {"%d 个文件：新增 %d，未变 %d，新版本 %d，拒绝 %d。库中共 %d 份文件、%d 条条款。", "%d files: %d added, %d unchanged, %d new versions, %d refused. The library has %d documents with %d clauses."},
	"index_waits":   {"另一个程序正在写入数据文件夹，等它结束……", "another run is writing to the data folder; waiting for it to end …"},
	"index_none":    {"没有可更新的文件。用法：policybot index 文件或文件夹…", "there is nothing to refresh. Usage: policybot index FILE or FOLDER…"},
	"interrupted":   {"已中断；再次运行会从断处继续。", "interrupted; run it again to go on from here."},
	"stopped":       {"已中断。", "interrupted."},
	"some_refused":  {"没有加入的文件有 %d 个，原因见各自的那一行；改好后再运行一次。", "not added: %d; the line of each file says why. Mend them and run it again."},
	"clauses_n":     {"%s，%d 条条款", "%s, %d clauses"},
	"same_text":     {"与 %s 的文字完全相同", "same text as %s"},
	"namesake":      {"注意：与 %s 标题相同", "note: same title as %s"},
	"fact_missing":  {"注意：目录里的一项在正文中找不到：%v", "note: the catalogue states what the text does not: %v"},
	"catalogue_bad": {"目录文件有误：%v", "the catalogue is wrong: %v"},
	"catalogue_gap": {"目录文件 %s 列出的文件不存在：%s", "the catalogue %s lists a file that does not exist: %s"},

	"w_file":   {"%s：%d 条用上，共 %d 条", "%s: %d of %d entries hit"},
	"w_unused": {"没有一条条款或问题用上的条目（%d 条）：", "entries that no clause or question has (%d):"},

	"compare_no_answers": {"%s 不是 eval answers --json 写下的结果，无法比较", "%s is not a report that eval answers --json wrote"},
	"compare_questions":  {"%s 的题目与这次不同，无法比较：缺这次的 %d 个%s，多 %d 个%s。请用同样的 --questions 重新写一份。", "%s has other questions than this run and cannot be compared with it: missing %d%s, extra %d%s. Write it again with the same --questions."},

	"added":       {"新增", "added"},
	"unchanged":   {"未变", "unchanged"},
	"new version": {"新版本", "new version"},
	"refused":     {"拒绝：%s", "refused: %s"},

	"r_format":    {"不支持 %s 格式；请另存为 .txt 或 .md", "the format %s is not read; save it as .txt or .md"},
	"r_no_format": {"没有扩展名；请另存为 .txt 或 .md", "its name has no extension; save it as .txt or .md"},
	"r_name":      {"文件名或文件夹名不是 UTF-8 文字；请改名", "its name or that of a folder is not UTF-8 text; rename it"},
	"r_empty":     {"没有文字", "it has no text"},
	"r_binary":    {"不是文本文件%s；请另存为 UTF-8 文本", "it is not a text file%s; save it as UTF-8 text"},
	"r_charset":   {"文字编码认不出%s；请另存为 UTF-8 文本", "its character encoding is not known%s; save it as UTF-8 text"},
	"r_size":      {"超过 %s MB，不像一份政策文件", "it has more than %s MB and is hardly one policy document"},
	"r_line":      {"有一行超过 %s 字，不像一份政策文件", "a line has more than %s characters; it is hardly a policy document"},
	"r_clauses":   {"超过 %s 条条款，不像一份政策文件", "it has more than %s clauses and is hardly one policy document"},
	"r_withdrawn": {"文件 %s 已撤下；要重新使用，请撤销那次撤下（policybot publication list）", "the document %s was withdrawn; roll that back to use it again (policybot publication list)"},
	"r_like":      {"（像 %s）", " (it looks like %s)"},
	"r_read":      {"读不了：%v", "it cannot be read: %v"},
	"r_other":     {"%v", "%v"},

	"s_missing":        {"没有数据库 %s", "there is no database %s"},
	"s_no_folder":      {"数据库 %s 所在的文件夹不存在", "the folder of the database %s does not exist"},
	"s_is_folder":      {"%s 是文件夹，不是数据库；请移走它", "%s is a folder, not a database; move it away"},
	"s_not_writable":   {"数据库 %s 不可写；请检查权限或用 --data 另指定文件夹", "the database %s cannot be written; check its permissions or name another folder with --data"},
	"s_locked":         {"数据库 %s 正被另一个程序占用；请稍后再试", "the database %s is in use by another process; try again later"},
	"s_corrupt":        {"数据库 %s 已损坏；请从备份恢复，或移走它再重新加入文件", "the database %s is damaged; restore a backup, or move it away and index the documents again"},
	"journal_corrupt":  {"提问记录 %s 已损坏；请用 policybot restore --force 从备份恢复", "the log of questions %s is damaged; restore a backup with policybot restore --force"},
	"s_foreign":        {"%s 是别的程序的数据库；请用 --data 另指定文件夹", "%s is a database of another program; name another folder with --data"},
	"s_newer_schema":   {"数据库 %s 由更新版本的 policybot 建立；请升级 policybot", "the database %s was made by a newer policybot; upgrade policybot"},
	"s_older_schema":   {"数据库 %s 需要先由可写方式打开一次来升级", "the database %s must be opened for writing once to be upgraded"},
	"s_changed_schema": {"数据库 %s 的结构与本程序不符；请用建立它的版本，或从备份恢复", "the database %s has a schema that this program does not know; use the version that made it or restore a backup"},
	"s_wrong_settings": {"数据库 %s 不接受防丢失所需的设置；请换一个磁盘或文件夹", "the database %s does not accept the settings that durability needs; use another disk or folder"},
	"s_disk_full":      {"磁盘已满，%s 没有写入；请腾出空间再试", "the disk is full and %s was not written; free some space and try again"},
	"s_failed":         {"数据库 %s 出错：%v", "the database %s failed: %v"},

	"d_title":     {"检查数据文件夹 %s", "Checking the data folder %s"},
	"d_folder":    {"文件夹可写", "folder is writable"},
	"d_database":  {"数据库可用，设置正确", "database opens with the right settings"},
	"d_integrity": {"数据库完整", "database is intact"},
	"d_library":   {"文件与条款：%d 份、%d 条", "documents and clauses: %d, %d"},
	"d_index":     {"检索索引与资料库一致", "search index fits the library"},
	"d_measures":  {"措施：%d 项在用，%d 项的字句已不在原文里（停用），%d 项草稿待审核（policybot measures list）", "measures: %d in use, %d whose words are no longer in the texts (not used), %d drafts to review (policybot measures list)"},
	"d_answer":    {"能检索到自己的条款", "a clause is found by its own words"},
	"d_journal":   {"提问记录完整：%d 条提问，%d 条未答完", "log of questions is intact: %d questions, %d of them under way"},
	"d_key":       {"提问人代号的密钥 %s 可用", "key %s of what stands for askers is usable"},
	"d_proxies":   {"POLICYBOT_BASE_URL 是 https，但没有设置 POLICYBOT_TRUSTED_PROXIES：若前面有反向代理，所有人在登录限制和操作记录中共用代理的地址", "POLICYBOT_BASE_URL is https and POLICYBOT_TRUSTED_PROXIES is not set: behind a reverse proxy all people share its address in login limits and in the audit"},
	"d_version":   {"程序版本 %s（%s）", "version %s (%s)"},
	"ok":          {"正常", "ok"},
	"failed":      {"有问题", "failed"},

	"serving":           {"policybot 正在 http://%s 提供服务，数据文件夹 %s。按 Ctrl-C 停止。", "policybot serves http://%s from the data folder %s. Ctrl-C stops it."},
	"setup_code":        {"还没有管理员账号。请在 %s/setup 用一次性代码建立：%s（24 小时内有效，下次启动会换新的）", "there is no administrator yet. Make one at %s/setup with the one-time code %s (good for 24 hours; the next start gives another)"},
	"sign_on_bad":       {"配置项 sign_on 不完整或不对：%v", "sign_on in the configuration is not whole or not right: %v"},
	"proxies_bad":       {"POLICYBOT_TRUSTED_PROXIES 或 trusted_proxies 中的 %q 不是 IP 地址或网段", "%q in POLICYBOT_TRUSTED_PROXIES or trusted_proxies is no IP address or range"},
	"base_url_bad":      {"POLICYBOT_BASE_URL %q 不是 http 或 https 网址（不带路径）", "POLICYBOT_BASE_URL %q is no http or https address without a path"},
	"read_access_bad":   {"POLICYBOT_READ_ACCESS 只能是 open 或 login，现在是 %q", "POLICYBOT_READ_ACCESS must be open or login; it is %q"},
	"served":            {"数据文件夹 %s 已有一个服务在运行（进程 %d，http://%s）；一个文件夹只能有一个服务。", "the data folder %s is served already by process %d at http://%s; a folder can have one service only."},
	"served_chat":       {"数据文件夹 %s 正用于一次终端对话（进程 %d）；请先在那里输入 /bye 结束。", "the data folder %s is in use by a chat in a terminal (process %d); end it there with /bye first."},
	"served_unknown":    {"数据文件夹 %s 已有一个服务正在启动或退出；请稍后再试。", "a service is just starting or ending on the data folder %s; try again in a moment."},
	"served_starting":   {"数据文件夹 %s 的服务正在启动或退出，还不能执行命令；请稍后再试。", "the service on the data folder %s is just starting or ending and takes no commands yet; try again in a moment."},
	"served_silent":     {"正在运行的服务（进程 %d）没有执行这条命令：%v。请查看它的日志，或停止它再试。", "the running service (process %d) did not carry the command out: %v. See its log, or stop it and try again."},
	"listen":            {"不能监听 %s：%v。请用 --http 或 POLICYBOT_HTTP 换一个地址。", "cannot listen on %s: %v. Choose another address with --http or POLICYBOT_HTTP."},
	"key_bad":           {"密钥文件 %s 太短；请从备份恢复它。没有它就认不出以前的提问人。", "the key file %s is too short; restore it from a backup. Without it earlier askers are not recognised."},
	"key_missing":       {"没有密钥文件 %s，所以认不出账号；请从备份恢复它，或用 --user 给出记录里的代号。", "the key file %s is missing, so accounts are not recognised; restore it from a backup, or name people by --user as the log does."},
	"no_journal":        {"数据文件夹 %s 里还没有提问记录；policybot serve 启动后才会有。", "the data folder %s has no log of questions yet; policybot serve makes one."},
	"no_question":       {"记录里没有编号为 %s 的提问。用 policybot log list 查看。", "the log has no question %s. See policybot log list."},
	"time_bad":          {"%s：应为 YYYY-MM-DD 或 2026-01-02T15:04:05Z 形式的时间", "%s: must be a time such as YYYY-MM-DD or 2026-01-02T15:04:05Z"},
	"not_replayable":    {"%s 不能重新得出：%v", "%s cannot be replayed: %v"},
	"replay_differs":    {"%s 重新得出的结果与记录不同：%s", "replaying %s gives something else than was stored: %s"},
	"replay_same":       {"与记录完全相同。", "Exactly as it was stored."},
	"no_case":           {"没有编号为 %s 的待处理问题。用 policybot case list --all 查看。", "there is no case %s. See policybot case list --all."},
	"case_replied":      {"%s 已经答复过，没有再发。用 policybot case show 查看答复。", "%s was replied to already; nothing was sent. See policybot case show."},
	"case_closed":       {"%s 已不经答复而关闭，没有发送任何内容。", "%s was closed without a reply; nothing was sent."},
	"case_unapproved":   {"现在答复须先经另一人批准，%s 没有发出任何内容，也没有改动。请在工作台保存草稿并提交批准，批准后从那里发出。", "replies now need another person's approval: nothing was sent for %s, and the case is as it was. Save the reply as a draft at the console's desk, submit it there for approval, and send it from there."},
	"case_unreachable":  {"%s 的提问人已被删除，无法答复。", "whoever asked %s was erased and cannot be reached."},
	"reply_empty":       {"答复不能为空", "the reply must not be empty"},
	"why_empty":         {"--why 不能为空", "--why must not be empty"},
	"reason_empty":      {"--reason 不能为空", "--reason must not be empty"},
	"erase_who":         {"请用 --user 给出记录里的代号，或用 --platform、--id（和 --tenant）给出账号", "name the person by --user as the log does, or by --platform, --id (and --tenant)"},
	"paused":            {"已暂停自动作答；提问的人会看到原因。policybot resume 恢复。", "Answering is switched off; askers see the reason. policybot resume switches it on."},
	"resumed":           {"已恢复自动作答。", "Answering is switched on."},
	"erase_no_key":      {"密钥文件不能用，认不出这是不是网页账号：如有此人账号保存的查询，没有删除。", "Without a usable key file accounts are not recognised: saved searches of this person's account, if there is one, were not removed."},
	"erase_left":        {"这些文件夹里还有以前的数据，没有改动：%s。不需要时请删除。", "These folders hold data of earlier and were not touched: %s. Remove them when they are not needed."},
	"erase_none":        {"没有查到此人的任何内容，什么也没有删除。请核对代号或账号。", "Nothing was found of this person; nothing was erased. Check the code or the id."},
	"erase_before":      {"此人已没有任何内容：已于 %s 删除。", "There is nothing of this person any more: they were erased on %s."},
	"erased_copies":     {"提问文字的副本：索引词条 %d 条，评测题 %d 道，保留的评测结果 %d 条，缺口备注 %d 条，保存的查询 %d 个。", "Copies of their words: %d index entries, %d golden questions, %d results of kept runs, %d notes on gaps, %d saved searches."},
	"erase_look_entry":  {"请查看：条款 %s 有同样文字的标注，没有删除。", "Please look: clause %s has an index entry with these words, which was not removed."},
	"erase_look_note":   {"请查看：提问 %s 问的相同，其缺口备注没有删除。", "Please look: question %s asks the same, and the note on the gap was not removed."},
	"erase_look_case":   {"请查看：转人工 %s 的答复或草稿含有这些文字，没有删除。", "Please look: the reply or a draft of case %s has these words and was not removed."},
	"erase_look_review": {"请查看：提问 %s 的复核含有这些文字，没有删除。", "Please look: a review of question %s has these words and was not removed."},
	"erase_look_view":   {"请查看：保存的查询 %s 含有部分文字，没有删除。", "Please look: the saved search %s has some of the words and was not removed."},
	"erased":            {"已删除：提问 %d 条、转人工 %d 个，其中 %d 条还没有答完。备份里的数据请另行处理。", "Erased: %d questions and %d cases, %d of the questions still under way. Data in backups has to be seen to apart."},
	"backup_exists":     {"%s 已存在；请另取一个文件名。", "%s exists already; choose another name."},
	"backed_up":         {"已备份到 %s：%d 个文件，%d 条提问。其中有密钥和个人数据，请妥善保管。", "Backed up to %s: %d files, %d questions. It holds a key and personal data; keep it safe."},
	"backup_bad":        {"备份 %s 不能用：%v", "the backup %s cannot be used: %v"},
	"restore_cut":       {"数据文件夹 %s 的上一次恢复没有做完；请再运行一次 policybot restore --force。", "the last restore into the data folder %s was cut off; run policybot restore --force once more."},
	"restore_full":      {"数据文件夹 %s 里已有数据；加 --force 会先把它们挪到一旁再恢复。", "the data folder %s has data already; --force moves it aside first."},
	"restored":          {"已从 %s（%s 的备份）恢复：%d 个文件，%d 条提问。", "Restored %s, made %s: %d files, %d questions."},

	"l_at":       {"时间", "time"},
	"l_id":       {"编号", "id"},
	"l_channel":  {"渠道", "channel"},
	"l_user":     {"提问人", "asker"},
	"l_state":    {"状态", "state"},
	"l_question": {"问题", "question"},
	"l_none":     {"没有提问。", "No questions."},
	"l_judged":   {"看过的条款（* 为引用）：", "Clauses that were judged (* cited):"},
	"l_delivery": {"发送 %s：%s %s，%d 次 %s", "delivery %s: %s %s, %d attempts %s"},
	"l_rating":   {"评价 %s：有用 %v %s %s", "rated %s: helpful %v %s %s"},
	"c_none":     {"没有待处理的问题。", "No open cases."},
	"c_reason":   {"原因", "reason"},
	"c_case":     {"%s  %s  %s  %s  %s", "%s  %s  %s  %s  %s"},
	"c_replied":  {"%s 于 %s 答复：%s", "%s replied %s: %s"},
	"c_closed":   {"%s 于 %s 关闭，没有答复：%s", "%s closed it %s without a reply: %s"},
	"c_shut":     {"%s 已关闭，没有答复。", "%s is closed, without a reply."},
	"c_sent":     {"%s 的答复正在发回原来的对话。", "The reply to %s is on its way to where it came from."},
	"c_queued":   {"%s 的答复已存好，服务启动后发出。", "The reply to %s is stored and goes out when the service runs."},

	"measures_bad":   {"措施目录有误：%v", "the file of measures is wrong: %v"},
	"ta_made":        {"已标注 %s：%s ← %s", "marked %s: %s ← %s"},
	"ta_undone":      {"已撤销 %s：%s ← %s", "taken back %s: %s ← %s"},
	"ta_taken":       {"这个问题已标给条款 %s（标注 %s），请先撤销那一条", "the question is marked for the clause %s already (marking %s); take that back first"},
	"ta_no_clause":   {"没有编号为“%s”的条款。用 policybot clauses 查看一份文件的条款。", "no clause has the id %q. See policybot clauses."},
	"ta_question":    {"问题要有文字，最多 %d 个字符", "a question needs words, and at most %d characters"},
	"ta_limit":       {"标注已满：一个条款最多 %d 条，全库最多 %d 条", "too many markings: at most %d for a clause and %d in the library"},
	"ta_none_such":   {"没有编号为“%s”的标注。用 policybot review list 查看全部。", "no marking has the id %q. See policybot review list."},
	"ta_none":        {"没有标注。", "No markings."},
	"ta_by":          {"标注人", "by"},
	"ta_head":        {"问题", "question"},
	"ta_stale":       {"条款现在不在库中，暂不起作用", "its clause is not in the library now; it does nothing"},
	"no_measure":     {"没有编号为“%s”的措施。用 policybot measures list 查看全部。", "no measure has the id %q. See policybot measures list."},
	"me_none":        {"没有这样的措施。", "No such measures."},
	"me_document":    {"文件", "document"},
	"me_clause":      {"条款", "clause"},
	"me_title":       {"措施", "measure"},
	"me_draft":       {"待审", "draft"},
	"me_approved":    {"已通过", "approved"},
	"me_rejected":    {"已退回", "rejected"},
	"me_stale":       {"原文已变", "stale"},
	"me_entitlement": {"应当给予", "entitlement"},
	"me_support":     {"支持、鼓励", "support"},
	"me_intention":   {"争取、探索", "intention"},
	"me_origin":      {"来源 %s", "from %s"},
	"me_why":         {"退回原因：%s", "Rejected because: %s"},
	"me_problem":     {"原文里已没有它抄录的字，所以不用于回答：%s", "Its words are not in the text, so no answer uses it: %s"},
	"me_at":          {"文件：%s（%s），%s", "Document: %s (%s), %s"},
	"me_offer":       {"提供：%s", "Offer: %s"},
	"me_conditions":  {"条件（要同时符合）：", "Conditions (all of them):"},
	"me_text":        {"原文（【】里是抄录的字）：", "Text (the words copied from it are in 【】):"},
	"me_yaml":        {"# 改好后运行：policybot measures approve %s --with 本文件\n", "# Edit, then run: policybot measures approve %s --with THIS_FILE\n"},
	"me_one":         {"--with 只用于一项措施", "--with goes with one measure"},
	"me_without":     {"%s 里没有编号为“%s”的措施", "%s has no measure with the id %q"},
	"me_is_approved": {"已通过：%s", "approved: %s"},
	"me_is_rejected": {"已退回：%s", "rejected: %s"},
	"me_left":        {"没有改动：%s：%s", "left as it was: %s: %s"},
	"me_failed":      {"有 %d 项没有改动：%s", "left as they were: %d, %s"},
	"me_misfit":      {"%s 与现在的原文不符，请用 --with 给出改好的措施，或退回它：%v", "%s does not fit the text of now; give a corrected one with --with, or reject it: %v"},
	"me_misfits":     {"%s：%d 项措施与库中原文不符（共 %d 项），见上面各行。", "%s: %d of its measures do not fit the library (of %d); each has its line."},
	"me_fit":         {"%s：%d 项措施都与库中原文相符。", "%s: all %d measures fit the library."},
	"me_imported":    {"措施  %s  （%d 项，新增或改动 %d 项）", "measures  %s  (%d, of which %d are new or changed)"},
	"me_later":       {"另有 %d 项的文件还不在库里", "%d more are of documents that the library does not have"},
	"me_awaiting":    {"新起草了 %d 项措施，共 %d 项待审；未经审核不用于回答。查看：policybot measures list --state draft", "%d measures were drafted, %d await review; no answer uses them before. See policybot measures list --state draft"},
	"me_by_rules":    {"按规则起草了 %d 项措施，其中新的或改动的 %d 项；共 %d 项待审，未经审核不用于回答。查看：policybot measures list --state draft", "rules drafted %d measures, of which %d are new or changed; %d await review, and no answer uses them before. See policybot measures list --state draft"},
	"me_by_model":    {"%s 读了 %d 条条款，起草了 %d 项措施，其中新的或改动的 %d 项；共 %d 项待审，未经审核不用于回答。它说的有 %d 处与原文不符或不合要求，没有采用。用了 %d+%d 个 token。查看：policybot measures list --state draft", "%s read %d clauses and drafted %d measures, of which %d are new or changed; %d await review, and no answer uses them before. %d things that it said do not fit the text or the form and were dropped. %d+%d tokens were used. See policybot measures list --state draft"},
	"me_unread":      {"有 %d 条条款没有读成，可以再运行一次。", "%d clauses could not be read; it can be run again."},
	"me_no_model":    {"没有配置语言模型：请先设 POLICYBOT_CHAT_MODEL（以及 OPENAI_API_KEY、OPENAI_BASE_URL），或不用 --model，按规则起草", "no language model is configured: set POLICYBOT_CHAT_MODEL (and OPENAI_API_KEY, OPENAI_BASE_URL), or draft by rules without --model"},
	"me_stale_now":   {"有 %d 项已通过的措施与现在的原文不符，不用于回答。查看：policybot measures list --state stale", "%d approved measures do not fit the text of now, and no answer uses them. See policybot measures list --state stale"},

	"x_read":     {"理解", "Read as"},
	"x_language": {"语言", "language"},
	"x_intent":   {"所问", "asks for"},
	"x_places":   {"地区", "places"},
	"x_others":   {"库外地区", "places not in the library"},
	"x_asker":    {"（提问者所在）", " (where the asker is)"},
	"x_meant":    {"所指文件", "documents meant"},
	"x_missing":  {"库内没有的文件", "documents not in the library"},
	"x_as_of":    {"按这一天回答", "as of"},
	"x_follows":  {"沿用上文的", "taken from earlier turns"},
	"x_context":  {"上文", "earlier turns"},
	"x_removed":  {"不予理会", "left out"},
	"x_concepts": {"所问内容（“→”后为条款里的其他说法）", "What it is about (after →: other words that clauses use)"},
	"x_unknown":  {"库内没有这种说法", "nothing in the library says so"},
	"x_hits":     {"条款排序（* 为引用；词后为该词的得分）", "Clauses by rank (* cited; after each word what it adds)"},
	"x_coverage": {"覆盖 %.0f%%", "coverage %.0f%%"},

	"sig_score":             {"词", "words"},
	"sig_text":              {"正文", "text"},
	"sig_coverage":          {"覆盖问题", "share of question"},
	"sig_title":             {"标题", "title"},
	"sig_path":              {"所在章节", "path"},
	"sig_path_density":      {"章节吻合度", "path density"},
	"sig_beginning":         {"开头", "beginning"},
	"sig_document_coverage": {"全文覆盖", "document's share"},
	"sig_document_mean":     {"同一文件", "same document"},
	"sig_previous":          {"前一条", "previous clause"},
	"sig_neighbour":         {"相邻条款", "neighbours"},
	"sig_numbers":           {"数字", "numbers"},
	"sig_first":             {"首条", "first clause"},
	"sig_short":             {"过短", "short"},
	"sig_concepts":          {"所问内容", "concepts"},
	"sig_concept_text":      {"正文说到", "concepts in text"},
	"sig_concept_path":      {"章节说到", "concepts in path"},
	"sig_plain":             {"%s（无编号）", "%s (no numbering)"},
	"sig_taught":            {"标注 %s", "marking %s"},
	"sig_focus":             {"所指文件或地区", "document or place meant"},
	"sig_vector":            {"向量", "vector"},
	"none":                  {"无", "none"},

	"u_none":        {"还没有账号。", "There are no accounts yet."},
	"u_name":        {"登录名", "name"},
	"u_role":        {"角色", "role"},
	"u_display":     {"姓名", "person"},
	"u_since":       {"建立", "since"},
	"u_enabled":     {"启用", "enabled"},
	"u_disabled":    {"停用", "disabled"},
	"role_viewer":   {"viewer（查询）", "viewer"},
	"role_staff":    {"staff（处理）", "staff"},
	"role_ops":      {"ops（运维）", "ops"},
	"role_admin":    {"admin（管理）", "admin"},
	"u_added":       {"已建立账号 %s，角色 %s。", "Made the account %s with the role %s."},
	"u_code":        {"设置密码的一次性代码：%s\n24 小时内有效，只能用一次；请当面或用可靠的方式交给本人，不要留存。", "One-time code to set the password: %s\nGood once, for 24 hours. Hand it to the person in a safe way, and keep no copy."},
	"u_is":          {"%s 的角色现在是 %s；角色有变时，该账号的登录都已结束。", "%s now has the role %s; where that is a change, its sessions have ended."},
	"u_off":         {"已停用 %s，它的登录都已结束。", "%s is disabled, and its sessions have ended."},
	"u_on":          {"已启用 %s。", "%s is enabled."},
	"no_user":       {"没有登录名为 %s 的账号。用 policybot users list 查看。", "there is no account %s. See policybot users list."},
	"user_taken":    {"登录名 %s 已被别的账号使用。", "another account has the name %s."},
	"user_name":     {"“%s”不能作登录名：1 到 64 个字符，可用字母、数字、汉字和 . _ - @ +，不能以符号开头。", "%q cannot be a login name: 1 to 64 letters (a to z), digits, Chinese characters and . _ - @ +, with no sign in front."},
	"user_last":     {"%s 是最后一个能登录的管理员，没有改动。请先给别人 admin 角色。", "%s is the last admin who can sign in; nothing was changed. Make somebody else an admin first."},
	"user_disabled": {"账号 %s 已停用，没有给出代码。请先运行 policybot users enable。", "the account %s is disabled; no code was given. Run policybot users enable first."},
	"au_none":       {"没有操作记录。", "The audit has no such entries."},
	"au_seq":        {"序号", "no."},
	"au_by":         {"操作人", "by"},
	"au_does":       {"操作", "does"},
	"au_object":     {"对象", "object"},
	"au_detail":     {"详情", "detail"},
	"au_from":       {"来自", "from"},
	"audit_n":       {"-n %d：应为 1 到 %d", "-n %d: must be from 1 to %d"},
	"audit_head":    {"--head %s：应为“数目:散列”，即 policybot audit verify 显示的末端", "--head %s: must be COUNT:HASH, the head that policybot audit verify prints"},
	"audit_bad":     {"操作记录从第 %d 条起不可信：这一条缺失或被改动。请保留数据文件夹，并与备份比对。", "the audit cannot be trusted from entry %d on: it is missing or was changed. Keep the data folder as it is, and compare it with a backup."},
	"audit_good":    {"%d 条操作记录都和写下时一样。末端：%s\n请把末端记在别处：以后用 --head 可以查出末尾的记录是否被删。", "All %d entries are as they were written. Head: %s\nNote the head elsewhere: with --head it shows later whether the last entries were taken away."},
}

// msg renders a message in the language of the run.
func (a *app) msg(name string, args ...any) string { return format(a.lang, name, args...) }

func format(lang, name string, args ...any) string {
	m, ok := messages[name]
	if !ok {
		panic("no message " + name)
	}
	text := m[1]
	if lang == "zh" {
		text = m[0]
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// explainStore renders errors of the database.
func (a *app) explainStore(err error) (string, bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return "", false
	}
	if e.Kind == sqlite.Failed || e.Kind == sqlite.IO {
		return a.msg("s_failed", e.Path, e.Err), true
	}
	if e.Kind == sqlite.Corrupt && filepath.Base(e.Path) == journaldb.FileName {
		return a.msg("journal_corrupt", e.Path), true
	}
	return a.msg("s_"+string(e.Kind), e.Path), true
}

// refusal renders why a file was not added.
func (a *app) refusal(err error) string {
	var r *retrieval.Refusal
	if !errors.As(err, &r) {
		return a.explain(err)
	}
	detail := r.Detail
	switch r.Code {
	case retrieval.RefusedEmpty:
		return a.msg("r_empty")
	case retrieval.RefusedFormat:
		if detail == "" {
			return a.msg("r_no_format")
		}
	case retrieval.RefusedBinary, retrieval.RefusedCharset:
		if detail != "" {
			detail = a.msg("r_like", detail)
		}
	}
	return a.msg("r_"+string(r.Code), detail)
}
