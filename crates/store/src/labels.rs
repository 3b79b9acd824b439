//! What figures are called, in English and Chinese. One entry, one place.
use crate::{Lang, Names};
use switchboard_model::AgentId;

const LABELS: &[(&str, &str, &str)] = &[
    ("offered", "offered to people", "转人工量"),
    ("answered", "answered", "人工接听量"),
    ("abandoned", "abandoned", "放弃量"),
    ("abandoned_short", "abandoned early", "短时放弃量"),
    ("failed", "failed", "未接通（系统或超时）"),
    ("waiting", "waiting", "等待中"),
    ("answer_rate", "answer rate (Art. 17.1)", "接通率"),
    ("answer_rate_without_short", "answer rate without early abandons", "接通率（不计短时放弃）"),
    ("abandonment", "abandonment", "放弃率"),
    ("abandonment_without_short", "abandonment without early abandons", "放弃率（不计短时放弃）"),
    ("asa_ms", "average speed of answer", "平均应答速度"),
    ("time_to_abandon_ms", "average time to abandon", "平均放弃时长"),
    ("longest_wait_ms", "longest wait", "最长等待"),
    ("wait_s_p50", "half answered within", "应答时长 P50"),
    ("wait_s_p90", "90 % answered within", "应答时长 P90"),
    ("wait_s_p95", "95 % answered within", "应答时长 P95"),
    ("queue_entries", "entries into queues, re-entries among them", "入队次数（含再次入队）"),
    ("queue_re_entries", "re-entries, after a transfer or overflow", "再次入队次数"),
    ("overflow_steps", "overflow steps taken", "放宽技能次数"),
    ("handled", "conversations", "通话量"),
    ("talk_ms", "average talk", "平均通话时长"),
    ("after_call_work_ms", "average after-call work", "平均话后处理时长"),
    ("aht_ms", "average handle time (talk + after-call work)", "平均处理时长"),
    ("ring_ms", "average ring until picked up", "平均振铃时长"),
    ("ring_end.no_answer", "rings not answered (RONA)", "振铃未接"),
    ("ring_end.rejected", "rings refused", "拒接"),
    ("ring_end.busy", "rings busy", "振铃遇忙"),
    ("ring_end.unreachable", "rings unreachable", "话机不可达"),
    ("ring_end.device_fault", "rings with a device fault", "话机故障"),
    ("ring_end.caller_left", "caller left while ringing", "振铃中放弃"),
    ("held", "holds", "保持次数"),
    ("consulted", "consultations", "咨询次数"),
    ("gave_on", "callers given on", "转出次数"),
    ("needs", "needs of callers (Art. 17.3)", "客户需求数"),
    (
        "resolved_by_outcome",
        "first-contact resolution, by the outcome given (Art. 17.3)",
        "一次问题解决率（按处理结果）",
    ),
    ("resolved_without_repeat", "first-contact resolution, by no repeat (Art. 17.3)", "一次问题解决率（按无重复来电）"),
    ("needs_undecided", "needs whose days are not over yet", "观察期内的需求数"),
    ("needs_unknown_customer", "needs of callers without a number", "无号码客户的需求数"),
    ("rostered_ms", "rostered time of all", "排班时长合计"),
    ("attendance", "attendance, logged in of rostered", "出勤率"),
    ("adherence", "adherence, taking or handling calls of rostered", "排班遵守率"),
    ("hung_up.caller", "caller hung up", "客户挂机"),
    ("hung_up.agent", "agent hung up", "坐席挂机"),
    ("hung_up.system", "system hung up", "系统挂机"),
    ("record.arrived", "calls arrived", "来电量"),
    ("record.in_menu", "in the menu", "自助中"),
    ("record.ended_in_menu", "ended in the menu", "自助结束"),
    ("record.offered", "offered to people", "转人工量"),
    ("record.rejected", "rejected unanswered", "未应答拒绝"),
    ("record.answered", "answered", "人工接听量"),
    ("record.abandoned", "abandoned", "放弃量"),
    ("record.failed", "failed", "未接通（系统或超时）"),
    ("record.waiting", "waiting", "等待中"),
    ("record.ended", "calls ended", "结束量"),
];

const AGENT: &[(&str, &str, &str)] = &[
    ("logged_out_ms", "logged out", "签出"),
    ("idle_ms", "idle", "空闲"),
    ("not_ready_ms", "not ready", "示忙"),
    ("ringing_ms", "ringing", "振铃"),
    ("talking_ms", "talking", "通话"),
    ("after_call_work_ms", "after-call work", "话后处理"),
    ("occupancy", "occupancy", "占用率"),
    ("utilisation", "utilisation", "利用率"),
    ("rostered_ms", "rostered", "排班时长"),
    ("attendance", "attendance", "出勤率"),
    ("adherence", "adherence", "排班遵守率"),
    ("picked_up", "picked up", "接起"),
    ("talks", "conversations", "通话量"),
    ("no_answer", "rings not answered", "振铃未接"),
    ("rejected", "rings refused", "拒接"),
    ("busy", "rings busy", "遇忙"),
    ("unreachable", "unreachable", "不可达"),
    ("device_fault", "device fault", "话机故障"),
    ("caller_left", "caller left", "振铃中放弃"),
];

/// What an indicator is called, in both languages; its own name if nothing better is known.
pub fn label(id: &str, names: &Names) -> String {
    found(id, names, |english, chinese| format!("{english} {chinese}"))
}

/// The same in one language.
pub fn label_in(id: &str, names: &Names, lang: Lang) -> String {
    found(id, names, |english, chinese| lang.say(english, chinese).to_owned())
}

fn found(id: &str, names: &Names, say: impl Fn(&str, &str) -> String) -> String {
    if let Some((_, english, chinese)) = LABELS.iter().find(|(name, _, _)| *name == id) {
        return say(english, chinese);
    }
    if let Some((agent, word)) = id.strip_prefix("agent.").and_then(|rest| rest.split_once('.')) {
        let who = agent.parse().map_or(agent.to_owned(), |n| names.agent_name(AgentId(n)));
        let what = AGENT.iter().find(|(name, _, _)| *name == word);
        let what = what.map_or(word.to_owned(), |(_, english, chinese)| say(english, chinese));
        return format!("{} {who}: {what}", say("agent", "坐席"));
    }
    if let Some(exit) = id.strip_prefix("exit.") {
        // A menu's name may hold dots; the key and the way out do not.
        let mut parts = exit.rsplitn(3, '.');
        if let (Some(way), Some(key), Some(menu)) = (parts.next(), parts.next(), parts.next()) {
            return format!("{} {menu}, {} {key}: {way}", say("left menu", "离开菜单"), say("key", "按键"));
        }
    }
    id.to_owned()
}
