//! The HTTP server: a thread of its own with a runtime of its own, ended when its owner lets go of it.
use crate::desk::Wall;
use crate::door::Door;
use crate::orders::{Orders, routes};
use crate::{level, page};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::WatchStream;

/// Screens that may watch at once; each costs one connection and a kilobyte or so a second.
pub const WATCHERS_MAX: usize = 256;

/// Connections at once; screens, and room for those who ask something.
pub const CONNECTIONS_MAX: usize = WATCHERS_MAX + 64;

/// Threads for what waits (the floor's answer, a password); more requests than that wait for one.
const THREADS_MAX: usize = 16;

/// Why it could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The port is taken, or the address is not this machine's.
    #[error("the wallboard cannot listen on {address}: {source}; choose another port, or 0 for any")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The kernel refused a thread or a timer.
    #[error("the wallboard's thread could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Shared {
    wall: Wall,
    watchers: Arc<Semaphore>,
}

impl axum::extract::FromRef<Shared> for Wall {
    fn from_ref(shared: &Shared) -> Wall {
        shared.wall.clone()
    }
}

impl Server {
    /// Listens, or says why not.
    pub fn start(address: SocketAddr, wall: Wall, orders: Option<Arc<Orders>>) -> Result<Server, ServerError> {
        let bind = |source| ServerError::Bind { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(bind)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(THREADS_MAX)
            .build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let run = move || {
            runtime.block_on(async move {
                let listener = match tokio::net::TcpListener::from_std(listener) {
                    Ok(listener) => listener,
                    Err(e) => return tracing::error!("the wallboard ended: {e}"),
                };
                let serve = axum::serve(Door::new(listener, CONNECTIONS_MAX), router(wall, orders));
                // Watching screens never end by themselves, so nothing waits for them.
                tokio::select! {
                    ended = serve => if let Err(e) = ended { tracing::error!("the wallboard ended: {e}") },
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("http".to_owned()).spawn(run)?;
        Ok(Server { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the wallboard's thread ended by a panic");
        }
    }
}

fn router(wall: Wall, orders: Option<Arc<Orders>>) -> Router {
    let board = Router::new()
        .route("/", get(page::html))
        .route("/board.js", get(page::js))
        .route("/board.css", get(page::css))
        .route("/board.json", get(board))
        .route("/live", get(live))
        .route("/level", get(level::level))
        .route("/metrics", get(metrics))
        .with_state(Shared { wall, watchers: Arc::new(Semaphore::new(WATCHERS_MAX)) });
    match orders {
        Some(orders) => board.nest("/api/v1", routes(orders)),
        None => board,
    }
}

async fn board(State(wall): State<Wall>) -> Response {
    let latest = wall.latest.borrow().clone();
    match latest {
        Some(p) => ([(header::CONTENT_TYPE, "application/json")], p.json.to_string()).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "the centre is starting; ask again in a second\n").into_response(),
    }
}

async fn live(State(shared): State<Shared>) -> Response {
    let Ok(permit) = shared.watchers.clone().try_acquire_owned() else {
        let full = format!("{WATCHERS_MAX} screens watch already\n");
        return (StatusCode::SERVICE_UNAVAILABLE, full).into_response();
    };
    let boards = WatchStream::new(shared.wall.latest.clone());
    let events = boards.filter_map(move |published| {
        let _held: &OwnedSemaphorePermit = &permit; // given back with the connection
        let p = published?;
        Some(Ok::<Event, Infallible>(Event::default().id(p.board.at_ms.to_string()).data(p.json.as_ref())))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

async fn metrics(State(wall): State<Wall>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], wall.metrics.text()).into_response()
}
