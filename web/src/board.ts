// The wallboard: one board a second from /live, drawn anew each time. What is drawn is what was sent; nothing is counted here.
import type { Agent, AgentState, Board, Level, Queue } from "./data";
import { byId, duration, element } from "./element";
import { type Language, states, words } from "./words";

/** Older than this, and the page is grey. */
const STALE_MS = 3000;

let language: Language = choose();
let board: Board | null = null;
/** When it came, by this machine's steady clock: the wall clocks of two machines differ. */
let cameAt = 0;

function choose(): Language {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("lang") ?? navigator.language;
  return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function level(l: Level): HTMLElement {
  const w = words[language];
  if (l.percent === null) return element("div", "level nodata", element("b", "", w.noData));
  const met = l.target_percent === null ? null : l.percent >= l.target_percent;
  const mark = met === null ? "" : met ? "✔" : "▼";
  const made = element("div", met === false ? "level missed" : "level", element("b", "", `${l.percent.toFixed(1)} %`), ` ${mark}`);
  made.title = met === null ? "" : met ? w.met : w.missed;
  if (met !== null) made.append(element("span", "unseen", met ? w.met : w.missed));
  return made;
}

function promise(l: Level): string {
  const w = words[language];
  const x = l.within_s === null ? w.own : `${l.within_s} s`;
  const target = l.target_percent === null ? "" : ` · ${w.target} ${l.target_percent} %`;
  return `${l.formula} ≤ ${x}${target} · ${l.numerator}/${l.denominator}`;
}

function number(name: string, value: string, className = ""): HTMLElement {
  return element("div", `number ${className}`, element("b", "", value), element("span", "", name));
}

function longest(q: Queue): string {
  return q.longest_wait_ms === null ? "–" : duration(q.longest_wait_ms);
}

/** Who waits longest has waited longer than was promised. */
function late(q: Queue): boolean {
  return q.level.within_s !== null && q.longest_wait_ms !== null && q.longest_wait_ms > q.level.within_s * 1000;
}

/** Arrivals now against the usual at this hour; a surge bears a sign and a word. */
function arrivals(q: Queue): HTMLElement {
  const w = words[language];
  const { arrivals: now, usual, high } = q.surge;
  const says = usual === null ? w.noData : usual.toFixed(1);
  const made = number(`${w.arrivals} · ${w.usual} ${says}`, high ? `▲ ${now} ${w.surge}` : String(now), high ? "surge" : "");
  made.id = "arrivals";
  return made;
}

function totals(b: Board): void {
  const w = words[language];
  byId("totals").replaceChildren(
    number(w.waiting, String(b.all.waiting), "main"),
    number(w.longest, longest(b.all), "main"),
    element("div", "number main", level(b.all.level), element("span", "", `${w.level} ${promise(b.all.level)}`)),
    number(w.answered, String(b.all.answered)),
    number(w.abandoned, String(b.all.abandoned)),
    number(w.failed, String(b.all.failed)),
    number(w.inMenu, String(b.in_menu)),
    number(w.withAgent, String(b.with_agent)),
    arrivals(b.all),
  );
}

/** A cell that bears its name, which a narrow screen shows where there is no head. */
function cell(className: string, label: string, ...children: (string | Node)[]): HTMLElement {
  const made = element("div", className, ...children);
  made.dataset.label = label;
  return made;
}

function queues(b: Board): void {
  const w = words[language];
  const head = element("div", "row head");
  for (const name of [w.queue, w.waiting, w.longest, w.level, w.answered, w.abandoned]) head.append(element("div", "", name));
  const rows = b.queues.map((q) => {
    const row = element("div", late(q) ? "row late" : "row");
    row.dataset.queue = q.name ?? "";
    const waiting = cell("waiting", w.waiting, element("b", "", String(q.waiting)));
    if (q.surge.high) waiting.append(element("small", "surge", `▲ ${w.surge} ${q.surge.arrivals} / ${q.surge.usual?.toFixed(1) ?? ""}`));
    if (q.ringing > 0) waiting.append(element("small", "", `${states.ringing.sign} ${q.ringing}`));
    row.append(
      element("div", "name", q.name ?? w.all),
      waiting,
      cell("longest", w.longest, element("b", "", longest(q)), late(q) ? element("small", "", `▲ > ${q.level.within_s} s`) : ""),
      cell("reached", w.level, level(q.level), element("small", "", promise(q.level))),
      cell("answered", w.answered, element("b", "", String(q.answered))),
      cell("abandoned", w.abandoned, element("b", "", String(q.abandoned))),
    );
    return row;
  });
  byId("queues").replaceChildren(head, ...rows);
}

function staff(b: Board): void {
  const w = words[language];
  const counts = element("div", "counts", element("h2", "", w.agents));
  const groups: HTMLElement[] = [];
  for (const [state, s] of Object.entries(states) as [AgentState, (typeof states)[AgentState]][]) {
    const here = b.agents.filter((a) => a.state === state);
    counts.append(element("span", `chip ${state}`, `${s.sign} ${s[language]} ${here.length}`));
    groups.push(...here.sort(oldestFirst).map((a) => agent(a, b.at_ms)));
  }
  byId("staff").replaceChildren(counts, element("div", "agents", ...groups));
}

function oldestFirst(a: Agent, b: Agent): number {
  return (a.since_ms ?? 0) - (b.since_ms ?? 0);
}

function agent(a: Agent, now: number): HTMLElement {
  const s = states[a.state];
  const since = a.since_ms === null ? "" : duration(now - a.since_ms);
  const card = element("div", `agent ${a.state}`);
  card.dataset.agent = a.id;
  card.append(element("b", "", a.id), ` ${a.name}`, element("span", "", `${s.sign} ${s[language]} ${since}`));
  return card;
}

function balance(b: Board): void {
  const w = words[language];
  const { adds_up, failing, records_lost } = b.balance;
  const why = [...failing, ...(records_lost > 0 ? [`${w.lost} ${records_lost}`] : [])].join(", ");
  const light = byId("balance");
  light.className = adds_up ? "light good" : "light bad";
  light.textContent = adds_up ? `✔ ${w.balanced}` : `✘ ${w.unbalanced}: ${why}`;
}

/** Nothing is shown while the record reaches the disk and the database. */
function record(b: Board): void {
  const w = words[language];
  const r = b.record;
  const says: string[] = [];
  if (r.disk_failing !== null) says.push(`✘ ${w.disk}: ${r.held} ${w.held} ${r.held_max} (${r.disk_failing})`);
  if (r.database_failing !== null) says.push(`✘ ${w.database} ${Math.ceil(r.behind_bytes / 1024)} kB (${r.database_failing})`);
  const light = byId("record");
  light.className = says.length > 0 ? "light bad" : "light";
  light.textContent = says.join(" · ");
}

function age(): void {
  const w = words[language];
  const light = byId("age");
  const ms = performance.now() - cameAt;
  const stale = board === null || ms > STALE_MS;
  document.body.classList.toggle("stale", stale);
  light.className = stale ? "light bad" : "light good";
  const seconds = (ms / 1000).toFixed(0);
  light.textContent = board === null ? `… ${w.none}` : stale ? `✘ ${w.stale}: ${seconds} ${w.ago}` : `✔ ${w.age} ${seconds} ${w.ago}`;
}

function draw(): void {
  const w = words[language];
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  byId("language").textContent = w.other;
  age();
  if (!board) return;
  byId("centre").textContent = board.centre;
  document.title = `${board.all.waiting} ${w.waiting} · ${board.centre}`;
  totals(board);
  queues(board);
  staff(board);
  balance(board);
  record(board);
  const { window_s, formula, text } = board.all.level;
  const since = new Date(board.since_ms).toLocaleTimeString(language === "zh" ? "zh-CN" : "en-GB");
  byId("foot").textContent = `${w.level}: ${formula} = ${text}, ${w.last} ${Math.round(window_s / 60)} ${w.minutes} · ${w.since} ${since}`;
}

byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("lang", language);
  draw();
});

// The browser connects again by itself when the connection breaks; until then the age tells.
new EventSource("live").addEventListener("message", (event: MessageEvent<string>) => {
  board = JSON.parse(event.data) as Board;
  cameAt = performance.now();
  draw();
});
setInterval(age, 500);
draw();
