//! The wallboard drawn in a terminal. What is drawn is what was published; nothing is counted here.
//!
//! ```text
//!   centre                        ✔ adds up 平衡 · data 0 s old        red, and in words, when it does not or is old
//!   queue    waiting  longest  level against target  answered  abandoned
//!   agents by state, then each with how long he is in it
//! ```
//! Signs and words beside every colour, as on the wall.
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph, Row, Table};
use std::time::Duration;
use switchboard_api::{Agent, AgentState, Board, Level, Queue};
use switchboard_stats::Surge;

/// Older than this, and it is said.
const STALE: Duration = Duration::from_secs(3);

/// Draws the board, or that there is none yet. `age` is how long ago it came; `foot` is what else one should know.
pub fn draw(frame: &mut Frame<'_>, board: Option<&Board>, age: Duration, foot: &str) {
    let Some(board) = board else {
        return frame.render_widget(Paragraph::new("waiting for data 等待数据"), frame.area());
    };
    let rows = board.queues.len() as u16 + 3;
    let heights = [Constraint::Length(3), Constraint::Length(rows), Constraint::Length(1), Constraint::Min(0)];
    let [head, queues, states, agents, last] =
        Layout::vertical(heights.into_iter().chain([Constraint::Length(1)])).areas(frame.area());
    frame.render_widget(Line::from(foot).dim(), last);
    frame.render_widget(
        Paragraph::new(vec![lights(board, age), totals(board), Line::from(surge(&board.all.surge))]),
        head,
    );
    frame.render_widget(table(board), queues);
    frame.render_widget(Paragraph::new(by_state(board)), states);
    staff(frame, agents, board);
}

fn lights(board: &Board, age: Duration) -> Line<'_> {
    let balance = if board.balance.adds_up {
        Span::from("✔ adds up 平衡").green()
    } else {
        let failing: Vec<String> = board.balance.failing.iter().map(|e| format!("{e:?}").to_lowercase()).collect();
        let lost = board.balance.records_lost;
        Span::from(format!("✘ DOES NOT ADD UP 不平衡: {} lost 丢失 {lost}", failing.join(" "))).black().on_red()
    };
    let seconds = age.as_secs();
    let age = if age > STALE {
        Span::from(format!("✘ the data has stopped 数据已停止更新: {seconds} s")).black().on_red()
    } else {
        Span::from(format!("✔ data {seconds} s old 数据")).green()
    };
    let mut line = vec![Span::from(board.centre.as_str()).bold(), "   ".into(), balance, "   ".into(), age];
    line.extend(record(board).into_iter().flat_map(|trouble| ["   ".into(), trouble.black().on_red()]));
    Line::from(line)
}

/// What is wrong with the disk or the database; nothing if nothing is.
fn record(board: &Board) -> Vec<Span<'_>> {
    let r = &board.record;
    let disk = r
        .disk_failing
        .as_ref()
        .map(|why| format!("✘ disk 磁盘: {} of {} events held 暂存 ({why})", r.held, r.held_max));
    let behind = r.behind_bytes.div_ceil(1024);
    let database = r.database_failing.as_ref().map(|why| format!("✘ database 数据库: {behind} kB behind 落后 ({why})"));
    disk.into_iter().chain(database).map(Span::from).collect()
}

fn totals(board: &Board) -> Line<'_> {
    let all = &board.all;
    Line::from(format!(
        "waiting 等待 {}  longest 最长 {}  level 服务水平 {} {}  in menu 自助 {}  with an agent 通话 {}",
        all.waiting,
        longest(all),
        percent(&all.level),
        all.level.formula,
        board.in_menu,
        board.with_agent
    ))
}

/// Arrivals now against the usual at this hour, in words.
fn surge(surge: &Surge) -> String {
    let usual = surge.usual.map_or("no data 无".to_owned(), |usual| format!("{usual:.1}"));
    let high = if surge.high { "  ▲ SURGE 激增" } else { "" };
    format!("15 min 来电 {} usual 平常 {usual}{high}", surge.arrivals)
}

fn table(board: &Board) -> Table<'_> {
    let head =
        ["queue 队列", "waiting 等待", "longest 最长", "level 水平", "formula 公式", "answered 接听", "abandoned 放弃"];
    let rows = board.queues.iter().map(|q| {
        let missed = q.level.percent.zip(q.level.target_percent).is_some_and(|(p, t)| p < f64::from(t));
        let x = q.level.within_s.unwrap_or(0);
        let target = q.level.target_percent.unwrap_or(0);
        let row = Row::new(vec![
            q.name.clone().unwrap_or_default(),
            format!("{}{}", q.waiting, if q.ringing > 0 { format!(" ◔{}", q.ringing) } else { String::new() }),
            longest(q),
            percent(&q.level),
            format!("{} ≤ {x} s, target 目标 {target} %", q.level.formula),
            q.answered.to_string(),
            q.abandoned.to_string(),
        ]);
        if missed { row.style(Style::new().fg(Color::LightRed)) } else { row }
    });
    let widths = [16, 14, 14, 13, 30, 14, 14].map(Constraint::Length);
    let style = Style::new().add_modifier(Modifier::DIM);
    Table::new(rows, widths)
        .header(Row::new(head).style(style))
        .block(Block::new().borders(Borders::TOP | Borders::BOTTOM))
}

fn percent(level: &Level) -> String {
    match (level.percent, level.target_percent) {
        (None, _) => "no data 无".to_owned(),
        (Some(p), Some(t)) => format!("{p:.1} % {}", if p < f64::from(t) { "▼" } else { "✔" }),
        (Some(p), None) => format!("{p:.1} %"),
    }
}

fn longest(queue: &Queue) -> String {
    let late = queue.longest_wait_ms.zip(queue.level.within_s).is_some_and(|(ms, x)| x > 0 && ms > u64::from(x) * 1000);
    let text = queue.longest_wait_ms.map_or("–".to_owned(), clock);
    if late { format!("{text} ▲") } else { text }
}

fn clock(ms: u64) -> String {
    let s = ms / 1000;
    if s < 3600 {
        format!("{}:{:02}", s / 60, s % 60)
    } else {
        format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }
}

/// His sign and his word in both languages; the page has the same.
fn sign(state: AgentState) -> (&'static str, &'static str, Color) {
    match state {
        AgentState::Ready => ("○", "ready 空闲", Color::Green),
        AgentState::Ringing => ("◔", "ringing 振铃", Color::Yellow),
        AgentState::Talking => ("●", "talking 通话", Color::LightBlue),
        AgentState::AfterCallWork => ("✎", "after-call 话后", Color::Magenta),
        AgentState::NotReady => ("‖", "not ready 示忙", Color::Gray),
        AgentState::Rona => ("!", "let it ring 振铃未接", Color::LightRed),
        AgentState::DeviceFault => ("✕", "phone fault 话机故障", Color::LightRed),
        AgentState::LoggedOut => ("–", "logged out 签出", Color::DarkGray),
    }
}

fn by_state(board: &Board) -> Line<'_> {
    let spans = board.by_state().into_iter().filter(|(_, n)| *n > 0).map(|(state, n)| {
        let (sign, word, colour) = sign(state);
        Span::from(format!("{sign} {word} {n}   ")).fg(colour)
    });
    Line::from_iter(spans)
}

/// As many as there is room for, in columns; who is longest in his state first.
fn staff(frame: &mut Frame<'_>, area: Rect, board: &Board) {
    const WIDE: u16 = 24;
    let columns = (area.width / WIDE).max(1);
    let mut agents: Vec<&Agent> = board.agents.iter().collect();
    agents.sort_by_key(|a| (a.state, a.since_ms));
    for (i, agent) in agents.into_iter().take(usize::from(columns * area.height)).enumerate() {
        let (sign, _, colour) = sign(agent.state);
        let since = agent.since_ms.map_or(String::new(), |s| clock(board.at_ms.saturating_sub(s)));
        let (x, y) = (i as u16 % columns * WIDE, i as u16 / columns);
        let place = Rect { x: area.x + x, y: area.y + y, width: WIDE.min(area.width - x), height: 1 };
        let line = Line::from(format!("{sign} {} {} {since}", agent.id, agent.name)).fg(colour);
        frame.render_widget(line, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn board() -> Board {
        let level = |percent, within_s| Level {
            formula: "F8".to_owned(),
            text: "A≤X / (A + B + W>X)".to_owned(),
            within_s,
            window_s: 1800,
            numerator: 3,
            denominator: 4,
            percent,
            target_percent: within_s.map(|_| 80),
        };
        let queue = |name: &str, percent, longest_wait_ms| Queue {
            name: Some(name.to_owned()),
            waiting: 7,
            ringing: 2,
            longest_wait_ms,
            level: level(percent, Some(20)),
            answered: 41,
            abandoned: 5,
            failed: 0,
            surge: switchboard_stats::Surge { arrivals: 34, usual: Some(11.5), high: true, days: 4 },
        };
        let agent = |id: &str, state, since_ms| Agent { id: id.to_owned(), name: "李伟".to_owned(), state, since_ms };
        Board {
            centre: "示范银行".to_owned(),
            at_ms: 100_000,
            since_ms: 0,
            in_menu: 3,
            with_agent: 9,
            all: Queue { name: None, level: level(Some(75.0), None), ..queue("", None, Some(65_000)) },
            queues: vec![queue("cards", Some(75.0), Some(65_000)), queue("loans", None, None)],
            agents: vec![agent("8001", AgentState::Talking, Some(35_000)), agent("8002", AgentState::LoggedOut, None)],
            balance: switchboard_api::Balance { adds_up: true, failing: vec![], records_lost: 0 },
            record: switchboard_api::Record::default(),
        }
    }

    /// The screen without blanks: wide characters leave some behind them.
    fn screen(board: Option<&Board>, age: u64, (width, height): (u16, u16)) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen in memory");
        terminal.draw(|frame| draw(frame, board, Duration::from_secs(age), "Ctrl-C ends")).expect("drawn");
        let cells = terminal.backend().buffer().content().iter().map(|cell| cell.symbol());
        cells.collect::<String>().replace(' ', "")
    }

    #[test]
    fn everything_of_the_board_is_on_the_screen() {
        let shown = screen(Some(&board()), 1, (120, 30));
        for text in [
            "示范银行",
            "✔addsup平衡",
            "✔data1sold",
            "cards",
            "7◔2",
            "1:05▲",
            "75.0%▼",
            "F8≤20s,target目标80%",
            "41",
            "nodata无",
            "15min来电34usual平常11.5▲SURGE激增",
            "●talking通话1",
            "●8001李伟1:05",
            "–8002李伟",
            "Ctrl-Cends",
        ] {
            assert!(shown.contains(text), "{text} is not in {shown}");
        }
    }

    #[test]
    fn old_data_and_a_loss_are_said_in_words() {
        let mut lost = board();
        lost.balance = switchboard_api::Balance {
            adds_up: false,
            failing: vec![switchboard_stats::Equation::Queue],
            records_lost: 12,
        };
        let shown = screen(Some(&lost), 4, (140, 30));
        assert!(shown.contains("✘DOESNOTADDUP不平衡:queuelost丢失12"), "{shown}");
        assert!(shown.contains("✘thedatahasstopped数据已停止更新:4s"), "{shown}");
        assert!(screen(None, 0, (40, 2)).contains("waitingfordata"));
    }

    #[test]
    fn a_small_terminal_shows_less_and_does_not_fall_over() {
        for size in [(1, 1), (10, 3), (24, 12), (80, 8)] {
            screen(Some(&board()), 0, size);
        }
    }
}
