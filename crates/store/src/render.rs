//! A report for the terminal, in English and Chinese, with formula, clock and window beside every level.
use crate::labels::label;
use crate::moment::moment;
use crate::{Difference, Report, Window};
use std::fmt::Write;
use switchboard_stats::{By, Indicator, Unit};

fn value(indicator: &Indicator) -> String {
    let Some(value) = indicator.value else { return "no data 无数据".to_owned() };
    match indicator.unit {
        Unit::Count => format!("{value}"),
        Unit::Percent => format!("{value:.2} %   ({} / {})", indicator.numerator, indicator.denominator),
        Unit::Ms => format!("{:.1} s", value / 1000.0),
        Unit::Seconds => format!("{value} s"),
    }
}

impl Report {
    /// Queue and window in one line; also how a difference is named.
    pub(crate) fn place(&self, window: &Window) -> String {
        let by = match window.by {
            By::End => "by end of wait",
            By::Arrival => "by arrival",
        };
        let about = self.about(window, "all 全部");
        format!("{about}, {} to {}, {by}", moment(window.from), moment(window.to))
    }
}

/// The whole report as text.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("text grows");
    let record = &report.record;
    line(format!("Record 记录: {} events, {} to {}", record.events, moment(record.from), moment(record.as_of)));
    let hash = record.config_hash.as_deref().unwrap_or("not recorded");
    line(format!("Config 配置: {hash}   Engine 引擎: {}", report.engine_version));
    if record.damaged > 0 {
        line(format!("DAMAGED 损坏: {} records could not be read and are not in these figures", record.damaged));
    }
    let rule = &report.needs;
    line(format!(
        "First contact 一次解决: a repeat 重复来电 is the same customer and topic within {} days; resolved 已解决 is {}",
        rule.repeat_days,
        rule.resolved.iter().cloned().collect::<Vec<_>>().join(", ")
    ));
    let mut last: Option<(Window, u32)> = None;
    for figure in &report.levels {
        if last != Some((figure.window, figure.within_s)) {
            last = Some((figure.window, figure.within_s));
            let (c, x) = (&figure.counts, figure.within_s);
            line(format!("\nService level 服务水平 within {x} s, {}", report.place(&figure.window)));
            line(format!("  clock 计时: {}", figure.clock));
            line(format!(
                "  A={} A≤{x}={}  B={} B≤{x}={} B>{x}={}  S≤{}={}  F={}  W={} W>{x}={}",
                c.answered,
                c.answered_within,
                c.abandoned,
                c.abandoned_within,
                c.abandoned_over,
                figure.window.short_s,
                c.short,
                c.failed,
                c.waiting,
                c.waiting_over
            ));
        }
        let percent = figure.percent.map_or("no data 无数据".to_owned(), |p| format!("{p:.2} %"));
        let fraction = format!("{} / {}", figure.numerator, figure.denominator);
        let target = match figure.target(&report.names) {
            None => String::new(),
            Some((target, met)) => {
                let word = match met {
                    Some(true) => ": met ✔ 达标",
                    Some(false) => ": missed ▼ 未达标",
                    None => "",
                };
                format!("; target 目标 {} % in {} s{word}", target.y_percent, target.x_s)
            }
        };
        line(format!("  {:<4}{percent:>10}  {fraction:>13}  = {}{target}", figure.formula.id(), figure.text));
    }
    for block in &report.blocks {
        line(format!("\nIndicators 指标, {}", report.place(&block.window)));
        block.indicators.iter().for_each(|i| line(format!("  {}: {}", label(&i.id, &report.names), value(i))));
    }
    line("\nConservation 平衡, over the whole record".to_owned());
    report.conservation.iter().for_each(|i| line(format!("  {}: {}", label(&i.id, &report.names), value(i))));
    if report.failing.is_empty() {
        line("  it adds up 平衡".to_owned());
    } else {
        line(format!("  IT DOES NOT ADD UP 不平衡: {:?}", report.failing));
    }
    out
}

/// What a check has found, one line a figure.
pub fn render_differences(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "every figure recomputed from the record is the same 全部一致\n".to_owned();
    }
    differences.iter().map(|d| format!("{d}\n")).collect()
}
