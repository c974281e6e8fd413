package retrieval

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words that end a place's name, longest first where one ends in another.
var (
	placeUnits = []string{"特别行政区", "自治区", "自治州", "自治县", "新区", "省", "市", "县", "区"}
	zoneUnits  = []string{"开发区", "示范区", "试验区", "合作区", "保税区", "度假区", "高新区", "经开区", "科技园区", "产业园区", "工业园区"}
	lowerUnits = []string{"街道", "镇", "乡"} // below a district
)

var (
	// nation begins the name of a body or title of the whole country.
	nation = regexp.MustCompile(`^(?:国家|国务院|全国|中国|中华|中央|最高)`)
	// branch begins the name of a local branch.
	branch = regexp.MustCompile(`^(?:国家税务总局|国家外汇管理局|国家金融监督管理总局|中国人民银行|中国证监会|中共|共青团)`)
	// office is in the name of a body after its place.
	office = regexp.MustCompile(`[委局厅]|政府`)
	// common ends words that are no place's name.
	common = regexp.MustCompile(`(?:上市|超市|夜市|股市|楼市|[本全我各跨区][省市县区]|市县|[社小园片辖景牧灾库校厂市街分专湾老地]区|[工商]业区|[主新老]城区|[大小]城市|城镇|乡镇|村镇|城乡|[下返]乡)$`)
	// plainWords are in no place's name.
	plainWords = regexp.MustCompile(`^[致这]|关于|促进|支持|推进|加快|加强|推动|进一步|印发|规范|完善|深化|优化|实施|开展|落实|建设|全面|鼓励|做好|提升|培育|打造|强化|扩大|发展|扶持|引导|保障|改善|稳定|制定|修订|废止|公布|发布|转发|批转|成立|调整|企业|产业|新型|现代|管理|监督|服务|智慧|海绵|低碳|韧性|文明|中心|创新|示范|国际|历史|文化|老旧|农村|乡村|贫困|边远|偏远|重点|科技|工业|商业|旅游|综合|公共|数字|绿色|开发|高新|经开|自贸|保税|经济|试点|核心|功能|居住|住宅`)
	// after are the characters that make another word of a unit before them.
	after = map[string]string{"省": "际", "市": "场值容民", "区": "域块间", "县": "域", "新区": "域"}

	placeEnglish = regexp.MustCompile(`^(?:(?:General )?Office of )?(?:[Tt]he )?((?:[A-Z][a-z']+ ){1,4}?)(Municipal|Municipality|Provincial|(?:City|Province|District|County|Pilot Zone|New Area|Development Zone|Autonomous Region)\b)`)
)

// commonPlace is the place of all the bodies, or "" when they differ or one
// names none.
func commonPlace(bodies []string) string {
	place := ""
	for i, b := range bodies {
		p := placeOf(b, true)
		if i > 0 && p != place {
			return ""
		}
		place = p
	}
	return place
}

// titlePlace is the place with which a title begins, or the title that it
// passes on.
func titlePlace(title string) string {
	if p := placeOf(title, false); p != "" {
		return p
	}
	return placeOf(passedOn(title), false)
}

// placeOf is the place with which the name of a body or a title begins, with
// all its levels (南汀市松桥区), or "". Bodies of the whole country have none. Only
// a body can be that of a zone: a title that begins with one may be about it.
func placeOf(name string, body bool) string {
	if m := placeEnglish.FindStringSubmatch(name); m != nil {
		if m[2] == "Municipal" || m[2] == "Provincial" {
			return strings.TrimSpace(m[1])
		}
		return m[1] + m[2]
	}
	if p := branch.FindString(name); p != "" && body {
		name = name[len(p):]
	}
	if nation.MatchString(name) {
		return ""
	}
	end := 0
	for level := range 4 {
		units := placeUnits
		if body {
			units = slices.Concat(zoneUnits, units)
			if level > 0 {
				units = slices.Concat(units, lowerUnits)
			}
		}
		n := nextPlace(name[end:], units, level > 0)
		if n == 0 || level > 0 && strings.HasSuffix(name[end:end+n], "市") && strings.HasSuffix(name[:end], "市") {
			break
		}
		end += n
	}
	return name[:end]
}

// nextPlace is the length of the place with which s begins, up to the first of
// the units; 0 when what stands before it is no name.
func nextPlace(s string, units []string, below bool) int {
	runes := 0
	for i, r := range s {
		if !unicode.Is(unicode.Han, r) {
			return 0
		}
		for _, u := range units {
			rest, ok := strings.CutPrefix(s[i:], u)
			if !ok || runes == 0 {
				continue
			}
			next, _ := utf8.DecodeRuneInString(rest)
			if !isPlaceName(s[:i], u, runes, below) || strings.ContainsRune(after[u], next) {
				return 0
			}
			return i + len(u)
		}
		runes++
	}
	return 0
}

// isPlaceName reports whether stem, of so many characters, can be what a place
// of this unit is called: 南汀 of 南汀市, but not 城 of 城市.
func isPlaceName(stem, unit string, runes int, below bool) bool {
	switch {
	case slices.Contains(zoneUnits, unit):
		return runes >= 2 && runes <= 16 && !office.MatchString(stem)
	case runes > 12 || runes > 5 && !strings.HasPrefix(unit, "自治"):
		return false
	case runes == 1 && unit != "县" && (!below || stem != "东" && stem != "西"):
		return false
	}
	return !common.MatchString(stem+unit) && !plainWords.MatchString(stem) && !office.MatchString(stem)
}
