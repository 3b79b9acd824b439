//! Which words make a prompt an advert.
//!
//! Two lists: words that promote whatever stands around them, and verbs that promote only together with something to get or
//! to follow ("download" + "app"). A prompt that *serves* (lost card, balance, press 3) uses none of them. Does not
//! understand sentences: a person decides on what it finds, and can accept one text by name and date (`policy.yaml`).

/// Words that promote by themselves.
const PROMOTING: [&str; 58] = [
    "优惠",
    "特惠",
    "钜惠",
    "抽奖",
    "中奖",
    "大奖",
    "立减",
    "满减",
    "返现",
    "返利",
    "好礼",
    "有礼",
    "豪礼",
    "礼品",
    "礼包",
    "红包",
    "免费领",
    "领取",
    "限时",
    "限量",
    "热销",
    "热卖",
    "爆款",
    "新客",
    "专享",
    "尊享",
    "畅享",
    "利率低至",
    "低至",
    "额度高达",
    "高达",
    "折扣",
    "秒杀",
    "预期收益",
    "年化收益",
    "火热",
    "重磅",
    "隆重推出",
    "special offer",
    "limited time",
    "limited-time",
    "discount",
    "cashback",
    "cash back",
    "win a",
    "win up to",
    "lucky draw",
    "prize",
    "exclusive",
    "free gift",
    "gift",
    "bonus",
    "as low as",
    "earn up to",
    "reward points when",
    "brand new",
    "don't miss",
    "apply today",
];
/// Verbs that ask to do something, and what they promote.
const ASKING: [(&[&str], &[&str]); 5] = [
    (&["下载", "安装", "扫码", "扫描", "使用"], &["app", "手机银行客户端", "手机银行应用", "客户端", "二维码"]),
    (&["关注", "搜索", "添加"], &["微信", "公众号", "小程序", "视频号", "企业微信", "抖音"]),
    (&["推荐", "邀请"], &["好友", "信用卡", "理财", "贷款", "产品"]),
    (&["download", "install", "scan", "try"], &["our app", "mobile app", "banking app", "the app", "qr code"]),
    (&["follow", "subscribe", "add"], &["wechat", "official account", "mini program", "weibo", "facebook"]),
];

/// The words that make this text look like an advert.
pub fn found_in(text: &str, more: &[String]) -> Option<String> {
    let text = text.to_lowercase();
    let own = more.iter().map(|w| w.to_lowercase()).find(|w| text.contains(w.as_str()));
    let promoting = PROMOTING.iter().find(|w| holds(&text, w)).map(|w| (*w).to_owned());
    own.or(promoting).or_else(|| {
        ASKING.iter().find_map(|(verbs, things)| {
            let verb = verbs.iter().find(|w| holds(&text, w))?;
            let thing = things.iter().find(|w| holds(&text, w))?;
            Some(format!("{verb} … {thing}"))
        })
    })
}

/// Whether the word stands in the text; an English word not inside another one.
fn holds(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(i, _)| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        !word.is_ascii() || !letter(text[..i].chars().next_back()) && !letter(text[i + word.len()..].chars().next())
    })
}
