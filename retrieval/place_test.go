package retrieval

import "testing"

func TestPlaceOfBody(t *testing.T) {
	for name, want := range map[string]string{
		"南汀市人民政府办公室":                                                     "南汀市",
		"厦门市人民政府办公厅":                                                     "厦门市", // 门市 is also a word
		"上海市市场监督管理局":                                                     "上海市",
		"南汀市城市管理局":                                                       "南汀市",
		"南汀市住房和城乡建设局":                                                    "南汀市",
		"盐城市商务局":                                                         "盐城市",
		"成都市人民政府":                                                        "成都市",
		"呼和浩特市科技局":                                                       "呼和浩特市",
		"广东省科学技术厅":                                                       "广东省",
		"黑龙江省人民政府":                                                       "黑龙江省",
		"内蒙古自治区人民政府":                                                     "内蒙古自治区",
		"新疆维吾尔自治区财政厅":                                                    "新疆维吾尔自治区",
		"香港特别行政区政府":                                                      "香港特别行政区",
		"延边朝鲜族自治州人民政府":                                                   "延边朝鲜族自治州",
		"积石山保安族东乡族撒拉族自治县人民政府":                                            "积石山保安族东乡族撒拉族自治县",
		"广东省深圳市南山区科技创新局":                                                 "广东省深圳市南山区",
		"上海市浦东新区人民政府":                                                    "上海市浦东新区",
		"滨海新区人民政府":                                                       "滨海新区",
		"石景山区人民政府":                                                       "石景山区",
		"东城区人民政府":                                                        "东城区",
		"重庆市忠县人民政府":                                                      "重庆市忠县",
		"攀枝花市东区人民政府":                                                     "攀枝花市东区",
		"宁波市镇海区人民政府":                                                     "宁波市镇海区",
		"松桥区东坝镇人民政府":                                                     "松桥区东坝镇",
		"南汀市松桥区河西街道办事处":                                                  "南汀市松桥区河西街道",
		"北京经济技术开发区管理委员会":                                                 "北京经济技术开发区",
		"南汀高新技术产业开发区管委会":                                                 "南汀高新技术产业开发区",
		"南汀市自由贸易试验区管委会":                                                  "南汀市自由贸易试验区",
		"国家税务总局南汀市税务局":                                                   "南汀市",
		"中共南汀市委办公室":                                                      "南汀市",
		"共青团北京市委经济技术开发区工作委员会":                                            "北京市",
		"中国人民银行南汀市分行":                                                    "南汀市",
		"国务院":                                                            "",
		"国务院办公厅":                                                         "",
		"财政部":                                                            "",
		"国家发展改革委":                                                        "",
		"国家市场监督管理总局":                                                     "",
		"市场监管总局":                                                         "",
		"全国人民代表大会常务委员会":                                                  "",
		"中国证券监督管理委员会":                                                    "",
		"市商务局":                                                           "",
		"区科学技术局":                                                         "",
		"省工业和信息化厅":                                                       "",
		"北京大学":                                                           "",
		"":                                                               "",
		"Ministry of Finance":                                            "",
		"State Council":                                                  "",
		"Nanting Municipal People's Government":                          "Nanting",
		"General Office of the Nanting Municipal People's Government":    "Nanting",
		"The People's Bank":                                              "",
		"Guangdong Provincial Department of Commerce":                    "Guangdong",
		"Songqiao District People's Government":                          "Songqiao District",
		"Nanting Pilot Zone Administrative Committee":                    "Nanting Pilot Zone",
		"Bureau of Science and Technology of the Nanting Pilot Zone":     "",
		"General Office of Guangxi Zhuang Autonomous Region Government":  "Guangxi Zhuang Autonomous Region",
		"Administrative Committee of Lingang New Area, Shanghai Municip": "",
	} {
		if got := placeOf(name, true); got != want {
			t.Errorf("%s: place %q, want %q", name, got, want)
		}
	}
}

// Titles begin with all kinds of words, and most are no place.
func TestPlaceInTitle(t *testing.T) {
	for title, want := range map[string]string{
		"南汀市科技型中小企业研发补贴资金管理办法":       "南汀市",
		"松桥区推进老旧工业区更新改造实施方案":         "松桥区",
		"黄冈市区公共交通管理办法":               "黄冈市",
		"北京市海淀区支持人工智能若干措施":           "北京市海淀区",
		"浦东新区促进张江发展财政扶持办法":           "浦东新区",
		"关于印发《南汀市旅游业行动计划》的通知":        "南汀市",
		"国务院关于印发南汀市综合改革方案的通知":        "南汀市",
		"关于促进城市更新的意见":                "",
		"促进社区养老服务发展办法":               "",
		"支持上市公司高质量发展若干措施":            "",
		"智慧城市建设行动方案":                 "",
		"建筑市场管理办法":                   "",
		"电力市场改革方案":                   "",
		"二手车市场监督管理办法":                "",
		"农村地区快递进村方案":                 "",
		"园区企业用工服务办法":                 "",
		"历史文化街区保护办法":                 "",
		"乡村振兴示范区建设方案":                "",
		"高新区管理办法":                    "",
		"国家级新区管理办法":                  "",
		"全市重点产业发展规划":                 "",
		"本市低收入家庭认定办法":                "",
		"各区县垃圾分类考核办法":                "",
		"致东城区企业的一封信":                 "",
		"重庆省际客运管理办法":                 "",
		"区域协调发展规划":                   "",
		"县域商业建设行动计划":                 "",
		"市容环境卫生管理条例":                 "",
		"财政部 税务总局关于延续优惠政策的公告":        "",
		"中国（上海）自由贸易试验区条例":            "",
		"Policy on Green Roofs":      "",
		"City Plan":                  "",
		"Nanting Municipal Plan":     "Nanting",
		"Songqiao District Rules":    "Songqiao District",
		"Notice on District Heating": "",
	} {
		if got := titlePlace(title); got != want {
			t.Errorf("%s: place %q, want %q", title, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"二〇二三年三月一日":             "2023年3月1日",
		"二○二一年十二月三十一日":          "2021年12月31日",
		"二零二零年十月二十日":            "2020年10月20日",
		"二O二四年十一月十一日":           "2024年11月11日",
		"一九九八年五月":               "1998年5月",
		"２０２３年１１月２４日":           "2023年11月24日",
		"2023-03-01、2023.3.1":   "2023年03月01日、2023年3月1日",
		"2023 年 3 月 1 日起":       "2023年3月1日起",
		"on July 1, 2024.":      "on 2024年7月1日.",
		"on 12 June 2023":       "on 2023年6月12日",
		"（2020-2022）":           "(2020-2022)",
		"二〇二三年度，一二三四年":          "2023年度,一二三四年",
		"版本 1.2.3，电话2023-12345": "版本 1.2.3,电话2023-12345",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHanNumber(t *testing.T) {
	for in, want := range map[string]int{
		"1": 1, "12": 12, "一": 1, "两": 2, "十": 10, "十八": 18, "二十": 20, "三十一": 31, "九十九": 99, "": 0, "百": 0, "x": 0,
	} {
		if got := hanNumber(in); got != want {
			t.Errorf("hanNumber(%q) = %d, want %d", in, got, want)
		}
	}
}
