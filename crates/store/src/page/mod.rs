//! A report as one HTML page that needs nothing else: text, tables, five pictures, and inside it the report itself.
//!
//! ```text
//!   Report ──► tables, and the JSON in <script type="application/json" id="report"> ──► verify-report reads it from the page
//!   Pictures ─► level · heat · flow · waits · balance, each an inline SVG
//! ```
//! It loads nothing and runs no script, so it can be mailed, printed and kept for years.
mod charts;
mod svg;

use crate::labels::label_in;
use crate::moment::moment;
use crate::{Pictures, Report, Window};
use std::fmt::Write;
use std::str::FromStr;
use svg::escape;
use switchboard_stats::{By, Indicator, Unit};

/// In which language people are spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 中文
    Zh,
}

impl FromStr for Lang {
    type Err = String;
    fn from_str(text: &str) -> Result<Lang, String> {
        match text {
            "en" => Ok(Lang::En),
            "zh" | "zh-CN" => Ok(Lang::Zh),
            other => Err(format!("there is no language `{other}`; there are zh and en")),
        }
    }
}

impl Lang {
    /// One of the two.
    pub fn say<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Lang::En => english,
            Lang::Zh => chinese,
        }
    }
    fn end(self, class: &str) -> &str {
        match class {
            "answered" => self.say("answered", "接听"),
            "abandoned" => self.say("abandoned", "放弃"),
            _ => self.say("failed", "未接通"),
        }
    }
}

/// What bars are filled with, so that black and white is enough.
const PATTERNS: &str = r##"<svg width="0" height="0" style="position:absolute"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#fdf3e3"/><path d="M0 6L6 0" stroke="#9a5b00" stroke-width="1.5"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="#f0f2f4"/><circle cx="3" cy="3" r="1.3" fill="#57606a"/></pattern>
</defs></svg>
"##;

const STYLE: &str = include_str!("page.css");

/// The page.
pub(crate) fn page(report: &Report, pictures: Option<&Pictures>, lang: Lang) -> String {
    let title = lang.say("Service report", "服务报告");
    let mut body = String::new();
    head(&mut body, report, lang, title);
    if let Some(p) = pictures {
        gallery(&mut body, report, p, lang);
    }
    picture(
        &mut body,
        lang.say("Does it add up?", "是否平衡？"),
        if report.failing.is_empty() {
            lang.say("✔ Every call of the record is in exactly one place.", "✔ 记录中的每个来电恰在一处。")
        } else {
            lang.say("✘ THE RECORD DOES NOT ADD UP: figures below may be wrong.", "✘ 记录不平衡：以下数字可能有误。")
        },
        &charts::balance(report, lang),
    );
    levels(&mut body, report, lang);
    blocks(&mut body, report, lang);
    // The JSON stands in a script that does not run; `<` is written so that no name can end it.
    let json = serde_json::to_string(report).expect("plain data").replace('<', "\\u003c");
    let code = lang.say("en", "zh-CN");
    format!(
        "<!doctype html>\n<html lang=\"{code}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head>\n<body>\n{PATTERNS}{body}\n\
         <script type=\"application/json\" id=\"report\">{json}</script>\n</body></html>\n"
    )
}

/// The report inside a page that `page` made; nothing if there is none.
pub fn report_of_page(page: &str) -> Option<&str> {
    let begin = "<script type=\"application/json\" id=\"report\">";
    let rest = &page[page.rfind(begin)? + begin.len()..];
    Some(&rest[..rest.find("</script>")?])
}

fn put(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("text grows");
}

fn head(out: &mut String, report: &Report, lang: Lang, title: &str) {
    let r = &report.record;
    let none = lang.say("not recorded", "未记录");
    put(out, &format!("<header><h1>{title}</h1><dl>"));
    for (name, value) in [
        (lang.say("Record", "记录"), format!("{} – {}", moment(r.from), moment(r.as_of))),
        (lang.say("Events", "事件"), r.events.to_string()),
        (lang.say("Configuration", "配置"), r.config_hash.clone().unwrap_or_else(|| none.to_owned())),
        (lang.say("Engine", "引擎"), report.engine_version.clone()),
        (lang.say("Repeat", "重复来电"), {
            let days = report.needs.repeat_days;
            let resolved = report.needs.resolved.iter().cloned().collect::<Vec<_>>().join(", ");
            match lang {
                Lang::En => format!("same customer and topic within {days} days; resolved: {resolved}"),
                Lang::Zh => format!("同一客户同一事项 {days} 天内再次来电；已解决：{resolved}"),
            }
        }),
        (lang.say("Clock", "计时"), report.levels.first().map(|f| f.clock.clone()).unwrap_or_default()),
    ] {
        put(out, &format!("<dt>{name}</dt><dd>{}</dd>", escape(&value)));
    }
    put(out, "</dl>");
    if r.damaged > 0 {
        let word = lang.say("records could not be read and are not in these figures", "条记录无法读取，未计入");
        put(out, &format!("<p class=\"alarm\">✘ {} {word}</p>", r.damaged));
    }
    put(out, "</header>");
}

fn place(report: &Report, window: &Window, lang: Lang) -> String {
    let by = match window.by {
        By::End => lang.say("by end of wait", "按等待结束"),
        By::Arrival => lang.say("by arrival", "按进线"),
    };
    let about = report.about(window, lang.say("all queues", "全部队列"));
    format!("{about} · {} – {} · {by}", moment(window.from), moment(window.to))
}

fn picture(out: &mut String, title: &str, says: &str, svg: &str) {
    put(out, &format!("<figure><figcaption><b>{}</b> {}</figcaption>{svg}</figure>", escape(title), escape(says)));
}

fn gallery(out: &mut String, report: &Report, p: &Pictures, lang: Lang) {
    let (row, x) = (p.question.formula.row(), p.question.within_s);
    let percent = p.percent.map_or(lang.say("no data", "无数据").to_owned(), |v| format!("{v:.2} %"));
    let window = place(report, &report.levels[0].window, lang);
    let level = lang.say("Service level", "服务水平");
    let within = lang.say("within", "X =");
    let named = format!("{} = {}, {within} {x} s", row.id, row.text);
    put(
        out,
        &format!("<p class=\"big\">{level} <b>{percent}</b> <span>{} · {}</span></p>", escape(&named), escape(&window)),
    );
    let target = p.target.map_or(lang.say("no one target", "无统一目标").to_owned(), |t| format!("{t} %"));
    let marks = lang.say("● met  ○ missed; a gap is no data", "● 达标  ○ 未达标；断开处为无数据");
    let says = format!("{named} · {} {target} · {marks}", lang.say("target", "目标"));
    picture(out, lang.say("Level through the day", "服务水平走势"), &says, &charts::level(p, lang));
    let says =
        lang.say("how many of each length ended in each slot; the line is X", "各时段结束的等待按时长分布；横线为 X");
    picture(out, lang.say("Waits", "等待热力图"), says, &charts::heat(p, lang));
    let says = lang.say(
        "bars: callers who asked for a person; solid line: agents logged in; dashed: talking or in after-call work",
        "柱：转人工量；实线：签入坐席；虚线：通话或话后处理",
    );
    picture(out, lang.say("Arrivals against staff", "来电与坐席"), says, &charts::flow(p, lang));
    let says = lang.say("plain: answered; hatched: abandoned; dotted: failed", "实心：接听；斜线：放弃；点：未接通");
    picture(out, lang.say("How long people waited", "等待时长分布"), says, &charts::waits(p, lang));
}

fn levels(out: &mut String, report: &Report, lang: Lang) {
    put(out, &format!("<h2>{}</h2><table><thead><tr>", lang.say("Service levels", "服务水平")));
    for head in [
        lang.say("Calls", "范围"),
        "X",
        lang.say("Formula", "公式"),
        "%",
        lang.say("of", "分子 / 分母"),
        lang.say("target", "目标"),
        lang.say("short ≤", "短时 ≤"),
    ] {
        put(out, &format!("<th>{head}</th>"));
    }
    put(out, "</tr></thead><tbody>");
    for f in &report.levels {
        let percent = f.percent.map_or(lang.say("no data", "无数据").to_owned(), |p| format!("{p:.2} %"));
        let target = match f.target(&report.names) {
            None => "–".to_owned(),
            Some((t, met)) => {
                let met = match met {
                    Some(true) => lang.say(" ✔ met", " ✔ 达标"),
                    Some(false) => lang.say(" ▼ missed", " ▼ 未达标"),
                    None => "",
                };
                format!("{} % · {} s{met}", t.y_percent, t.x_s)
            }
        };
        put(
            out,
            &format!(
                "<tr><td>{}</td><td>{} s</td><td>{} = {}</td><td class=\"n\">{percent}</td><td class=\"n\">{} / {}</td><td class=\"n\">{target}</td><td class=\"n\">{} s</td></tr>",
                escape(&place(report, &f.window, lang)),
                f.within_s,
                f.formula.id(),
                escape(&f.text),
                f.numerator,
                f.denominator,
                f.window.short_s,
            ),
        );
    }
    put(out, "</tbody></table>");
}

fn blocks(out: &mut String, report: &Report, lang: Lang) {
    let indicators = lang.say("Indicators", "指标");
    for block in &report.blocks {
        put(out, &format!("<h2>{indicators} · {}</h2><table><tbody>", escape(&place(report, &block.window, lang))));
        for i in &block.indicators {
            let name = escape(&label_in(&i.id, &report.names, lang));
            put(
                out,
                &format!(
                    "<tr><td>{name}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                    value(i, lang),
                    parts(i)
                ),
            );
        }
        put(out, "</tbody></table>");
    }
}

fn value(i: &Indicator, lang: Lang) -> String {
    let Some(value) = i.value else { return lang.say("no data", "无数据").to_owned() };
    match i.unit {
        Unit::Count => format!("{value}"),
        Unit::Percent => format!("{value:.2} %"),
        Unit::Ms => format!("{:.1} s", value / 1000.0),
        Unit::Seconds => format!("{value} s"),
    }
}

fn parts(i: &Indicator) -> String {
    match i.unit {
        Unit::Percent => format!("{} / {}", i.numerator, i.denominator),
        Unit::Count | Unit::Ms | Unit::Seconds => String::new(),
    }
}
