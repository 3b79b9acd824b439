//! The routes: one for each row of the command table, and log-in, log-out, password, events, the OpenAPI document.
use super::accounts::{Accounts, Refused};
use super::body::{BODY_MAX, check, is_key, read, typed};
use super::feed::{Feed, Read};
use super::once::{Once, Seen};
use super::problem::Problem;
use super::session::{Session, Sessions};
use super::{Centre, openapi};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, get, on, post};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use switchboard_engine::command::rights::{Asker, allowed};
use switchboard_engine::command::table::{COMMANDS, Field, Kind, Owner, Risk, Row};
use switchboard_engine::command::{CallOrder, Order, Reply};
use switchboard_model::{AgentId, CallId};
use tokio::sync::Semaphore;

/// Requests that may be worked on at once; each holds a thread while it waits for the floor, a shard or argon2.
const AT_WORK_MAX: usize = 64;
/// Passwords that may be worked on at once: each takes a core and 20 MB, and calls need the cores too.
const PASSWORDS_MAX: usize = 1;
/// Programs that may follow the events at once.
const FOLLOWERS_MAX: usize = 64;
/// Events handed to a follower in one go.
const LINES_A_TURN: usize = 256;

/// What the routes work with.
pub struct Orders {
    centre: Arc<dyn Centre>,
    accounts: Accounts,
    feed: Arc<Feed>,
    sessions: Sessions,
    once: Once,
    at_work: Semaphore,
    passwords: Semaphore,
    followers: Arc<Semaphore>,
}

type Api = Arc<Orders>;

impl Orders {
    /// For this centre.
    pub fn new(centre: Arc<dyn Centre>, accounts: Accounts, feed: Arc<Feed>) -> Orders {
        Orders {
            centre,
            accounts,
            feed,
            sessions: Sessions::default(),
            once: Once::default(),
            at_work: Semaphore::new(AT_WORK_MAX),
            passwords: Semaphore::new(PASSWORDS_MAX),
            followers: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
        }
    }
}

/// All routes, to be hung below `/api/v1`.
pub fn routes(orders: Arc<Orders>) -> Router {
    let mut router = Router::new()
        .route("/login", post(log_in))
        .route("/password", post(password))
        .route("/logout", post(log_out))
        .route("/me", get(me))
        .route("/events", get(events))
        .route("/openapi.json", get(|| async { axum::Json(openapi::document()) }));
    for row in COMMANDS {
        let filter = if row.method == "GET" { MethodFilter::GET } else { MethodFilter::POST };
        let answer = move |State(api): State<Api>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            command(row, api, method, uri, headers, body).await.unwrap_or_else(Problem::into_response)
        };
        router = router.route(row.path, on(filter, answer));
    }
    let nothing = || async { Problem::new(StatusCode::NOT_FOUND, "there is no such route; see /api/v1/openapi.json") };
    router.fallback(nothing).layer(DefaultBodyLimit::max(BODY_MAX)).with_state(orders)
}

fn full() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many requests are being worked on; ask again")
}

/// Runs what may block in a thread that may.
async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, Problem> {
    let fault = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "an error of our own; it is in the log");
    tokio::task::spawn_blocking(work).await.map_err(fault)
}

// ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

async fn command(
    row: &'static Row,
    api: Api,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let session = api.sessions.of(api.centre.now(), &headers)?;
    let config = api.centre.config();
    let asker = session.asker(&config);
    let place = Place::read(row, uri.path());
    let target = place.agent.as_ref().and_then(|id| config.agents.iter().find(|a| !a.gone && a.agent_id == *id));
    let himself = target.is_some_and(|a| asker.agent == Some(a.id));
    // Rights before existence: who may not ask is not told whether there is such an agent.
    if !may(&asker, row, target.map(|a| (a.id, a.team.as_str()))) {
        return Err(Problem::may_not());
    }
    if place.agent.is_some() && target.is_none() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "there is no such agent"));
    }
    if row.path.contains("{call}") && place.call.is_none() {
        return Err(Problem::new(StatusCode::NOT_FOUND, "there is no such call"));
    }
    let given = if method == Method::GET {
        let query = Query::<Vec<(String, String)>>::try_from_uri(&uri);
        let Query(query) = query.map_err(|_| Problem::field("query", "must be name=value pairs"))?;
        typed(row.fields, query)
    } else {
        json_only(&headers, &body)?;
        read(&body)?
    };
    check(row.fields, &given)?;
    let work = Work { row, agent: target.map(|a| a.id), call: place.call, given, by_leader: !himself };
    let key = match headers.get("idempotency-key") {
        Some(key) if method == Method::POST => {
            let key = key.to_str().ok().filter(|k| is_key(k));
            Some(
                key.ok_or_else(|| {
                    Problem::field("Idempotency-Key", "must be 1 to 64 letters, digits, `_`, `.` or `-`")
                })?
                .to_owned(),
            )
        }
        Some(_) | None => None,
    };
    let _at_work = api.at_work.try_acquire().map_err(|_| full())?;
    let Some(key) = key else {
        let (status, body) = carry_out(&api, work).await?;
        return Ok(answer(status, body));
    };
    let user = session.account.user.clone();
    let request = format!("{method} {} {}", uri.path(), String::from_utf8_lossy(&body));
    if let Seen::Done(status, body) = api.once.ask(&user, &key, &request)? {
        return Ok(answer(status, body));
    }
    // It is kept whatever comes of it, also when who asked has gone meanwhile.
    let its = api.clone();
    let done = tokio::spawn(async move {
        let (status, body) = carry_out(&its, work).await.unwrap_or_else(|p| (p.status, p.json().to_string()));
        its.once.done(&user, &key, status, &body);
        (status, body)
    });
    let fault = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "an error of our own; it is in the log");
    let (status, body) = done.await.map_err(fault)?;
    Ok(answer(status, body))
}

fn answer(status: StatusCode, body: String) -> Response {
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// A role's rights; where an agent is named whom nobody knows, what the role might do to any of its teams' people.
fn may(asker: &Asker, row: &Row, target: Option<(AgentId, &str)>) -> bool {
    match target {
        None if row.path.contains("{agent}") => asker.role.may(row.risk),
        target => allowed(asker, row, target),
    }
}

/// What the path names.
struct Place {
    agent: Option<String>,
    call: Option<CallId>,
}

impl Place {
    fn read(row: &Row, path: &str) -> Place {
        let mut place = Place { agent: None, call: None };
        let (mut given, mut named) = (path.rsplit('/'), row.path.rsplit('/'));
        while let (Some(given), Some(named)) = (given.next(), named.next()) {
            match named {
                "{agent}" => place.agent = Some(given.to_owned()),
                "{call}" => place.call = given.parse().ok().map(CallId),
                _ => {}
            }
        }
        place
    }
}

/// A checked command.
struct Work {
    row: &'static Row,
    agent: Option<AgentId>,
    call: Option<CallId>,
    given: Map<String, Value>,
    by_leader: bool,
}

async fn carry_out(api: &Api, work: Work) -> Result<(StatusCode, String), Problem> {
    let centre = api.centre.clone();
    let reply = blocking(move || work.ask(&*centre)).await?;
    let done = match reply {
        Reply::Refused { why } => return Err(Problem::new(StatusCode::CONFLICT, why)),
        Reply::Unknown { why } => return Err(Problem::new(StatusCode::NOT_FOUND, why)),
        Reply::Wrong { field, why } => return Err(Problem::field(&field, why)),
        reply => serde_json::to_string(&reply).expect("plain data"),
    };
    Ok((StatusCode::OK, done))
}

impl Work {
    fn ask(self, centre: &dyn Centre) -> Reply {
        let mut value = self.given;
        value.insert("order".to_owned(), json!(self.row.name));
        let told =
            |e: serde_json::Error| Reply::Refused { why: format!("the command table and its order disagree: {e}") };
        match (self.row.owner, self.agent) {
            (Owner::Node, _) => centre.node(self.row, self.call),
            (Owner::AgentsCall, Some(agent)) => match serde_json::from_value::<CallOrder>(Value::Object(value)) {
                Ok(what) => centre.on_call_of(agent, what),
                Err(e) => told(e),
            },
            (owner, agent) => {
                value.extend(agent.map(|a| ("agent".to_owned(), json!(a))));
                value.extend(self.call.map(|c| ("call".to_owned(), json!(c))));
                match serde_json::from_value::<Order>(Value::Object(value)) {
                    Ok(mut order) => {
                        if let Order::AgentNotReady { by_leader, .. } = &mut order {
                            *by_leader = self.by_leader;
                        }
                        centre.order(owner, order)
                    }
                    Err(e) => told(e),
                }
            }
        }
    }
}

fn json_only(headers: &HeaderMap, body: &Bytes) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|k| k.to_str().ok()).unwrap_or_default();
    let json = kind.split(';').next().is_some_and(|k| k.trim().eq_ignore_ascii_case("application/json"));
    if body.is_empty() || json {
        Ok(())
    } else {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json"))
    }
}

// ── who is there ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const fn text(name: &'static str, max: usize) -> Field {
    Field { name, kind: Kind::Text { max }, must: true, says: "" }
}
const LOGIN: &[Field] = &[text("user", 64), text("password", 512)];
const PASSWORD: &[Field] = &[text("user", 64), text("old", 512), text("new", 512)];

fn texts<const N: usize>(fields: &[Field; N], headers: &HeaderMap, body: &Bytes) -> Result<[String; N], Problem> {
    json_only(headers, body)?;
    let given = read(body)?;
    check(fields, &given)?;
    Ok(fields.map(|f| given[f.name].as_str().expect("it was checked to be a text").to_owned()))
}

async fn log_in(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let [user, password] = texts(LOGIN.first_chunk().expect("two"), &headers, &body)?;
    let _at_work = api.at_work.try_acquire().map_err(|_| full())?;
    let _password = api.passwords.acquire().await.expect("nobody closes it");
    let (its, now) = (api.clone(), api.centre.now());
    let account = match blocking(move || its.accounts.log_in(now, &user, &password)).await? {
        Ok(account) => account,
        Err(Refused::No) => return Err(Problem::who()),
        Err(Refused::TooOld) => {
            let why = "the password is older than 90 days; set a new one with POST /api/v1/password";
            return Err(Problem::new(StatusCode::FORBIDDEN, why));
        }
    };
    let role = account.role;
    let token = api.sessions.open(now, account)?;
    Ok(axum::Json(json!({ "token": token, "role": role })).into_response())
}

async fn password(State(api): State<Api>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let [user, old, new] = texts(PASSWORD.first_chunk().expect("three"), &headers, &body)?;
    let _at_work = api.at_work.try_acquire().map_err(|_| full())?;
    let _password = api.passwords.acquire().await.expect("nobody closes it");
    let (its, now, who) = (api.clone(), api.centre.now(), user.clone());
    match blocking(move || its.accounts.change(now, &user, &old, &new)).await? {
        Ok(Ok(())) => {
            api.sessions.close_all_of(&who);
            Ok(axum::Json(json!({})).into_response())
        }
        Ok(Err(e)) => Err(Problem::field("new", e.to_string())),
        Err(_) => Err(Problem::who()),
    }
}

async fn log_out(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    api.sessions.of(api.centre.now(), &headers)?;
    api.sessions.close(&headers);
    Ok(axum::Json(json!({})).into_response())
}

async fn me(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    let Session { account, .. } = api.sessions.of(api.centre.now(), &headers)?;
    let mine = |r: &&Row| account.role.may(r.risk) || (r.by_himself && account.role.may(Risk::Own));
    let may: Vec<&str> = COMMANDS.iter().filter(mine).map(|r| r.name).collect();
    let (user, role, agent_id, teams) =
        (account.user.clone(), account.role, account.agent_id.clone(), account.teams.clone());
    Ok(axum::Json(json!({ "user": user, "role": role, "agent_id": agent_id, "teams": teams, "may": may }))
        .into_response())
}

// ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// From the next event on, or from the one after `Last-Event-ID`.
async fn events(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    let session = api.sessions.of(api.centre.now(), &headers)?;
    if !session.account.role.may(Risk::Look) {
        return Err(Problem::may_not());
    }
    let place = api.followers.clone().try_acquire_owned().map_err(|_| full())?;
    let from = match headers.get("last-event-id").map(|id| id.to_str().ok().and_then(|id| api.feed.after(id))) {
        None => api.feed.next(),
        Some(Some(from)) => from,
        Some(None) => return Err(gone("this id is of another run of the centre")),
    };
    if let Read::TooOld(oldest) = api.feed.read(from, 0) {
        return Err(gone(&format!("the oldest event that is kept is {}", api.feed.id(oldest))));
    }
    let follower = Follower { api, from, lines: VecDeque::new(), watch: None, _place: place };
    let stream = tokio_stream::StreamExt::filter_map(follow(follower), |event| event);
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

fn gone(why: &str) -> Problem {
    Problem::new(
        StatusCode::GONE,
        format!("{why}; take the state anew with GET /agents and /calls, and follow without Last-Event-ID"),
    )
}

struct Follower {
    api: Api,
    from: u64,
    lines: VecDeque<Arc<str>>,
    watch: Option<tokio::sync::watch::Receiver<u64>>,
    _place: tokio::sync::OwnedSemaphorePermit,
}

impl Follower {
    /// The next event; none when the follower was too slow and must begin anew.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                let id = self.api.feed.id(self.from);
                self.from += 1;
                return Some(Event::default().id(id).data(line));
            }
            // Watched before it is read: what comes in between is seen.
            let mut watch = self.watch.take().unwrap_or_else(|| self.api.feed.watch());
            watch.mark_unchanged();
            match self.api.feed.read(self.from, LINES_A_TURN) {
                Read::Lines(_, lines) if !lines.is_empty() => self.lines = lines.into(),
                Read::Lines(..) => {
                    watch.changed().await.ok()?;
                }
                Read::TooOld(_) => return None,
            }
            self.watch = Some(watch);
        }
    }
}

/// One event after the other; the connection ends when the follower was too slow, and he learns why when he comes back with his id.
fn follow(follower: Follower) -> impl tokio_stream::Stream<Item = Option<Result<Event, Infallible>>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    tokio::spawn(async move {
        let mut follower = follower;
        while let Some(event) = tokio::select! {
            event = follower.next() => event,
            () = sender.closed() => None,
        } {
            if sender.send(Some(Ok(event))).await.is_err() {
                return;
            }
        }
    });
    tokio_stream::wrappers::ReceiverStream::new(receiver)
}
