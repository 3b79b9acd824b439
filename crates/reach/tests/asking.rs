//! A back-end that is well, slow, broken, silent, gone, or has too much to do: each has its answer, within the time that was said.
//!
//! Not covered here: what a call does with the answer (`engine/call/verify`, the simulator).
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::spawn;
use std::time::Duration;
use switchboard_net::Clock;
use switchboard_reach::{Backend, Failed, Reach, Reply, Wiped};

/// A listener that lets `serve` deal with each connection, after having read its request.
fn listens(serve: impl Fn(Vec<u8>, &mut std::net::TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = vec![];
            let mut piece = [0; 1024];
            while !request.ends_with(b"}") {
                match stream.read(&mut piece) {
                    Ok(n) if n > 0 => request.extend_from_slice(&piece[..n]),
                    _ => break,
                }
            }
            serve(request, &mut stream);
        }
    });
    address
}

fn ask(reach: &Reach, address: SocketAddr, within_ms: u64) -> Receiver<Result<Reply, Failed>> {
    let (sender, answer) = sync_channel(1);
    let mut body = Wiped::with_room(64);
    body.push(br#"{"account":"1"}"#);
    let within = Duration::from_millis(within_ms);
    let backend = Backend { address, host: "bank".to_owned(), path: "/verify".to_owned(), within };
    reach.ask(backend, body, Box::new(move |answer| drop(sender.send(answer))));
    answer
}

#[track_caller]
fn check(serve: impl Fn(Vec<u8>, &mut std::net::TcpStream) + Send + 'static, wanted: Result<(u16, &str), Failed>) {
    let reach = Reach::start(Clock::start()).expect("threads");
    let answer = ask(&reach, listens(serve), 400).recv_timeout(Duration::from_secs(20)).expect("an answer in any case");
    let wanted = wanted.map(|(status, body)| Reply { status, body: body.as_bytes().to_vec() });
    assert_eq!(answer, wanted);
}

#[test]
fn it_posts_json_and_reads_what_comes() {
    let serve = |request: Vec<u8>, stream: &mut std::net::TcpStream| {
        let request = String::from_utf8(request).expect("text");
        assert!(request.starts_with("POST /verify HTTP/1.1\r\nHost: bank\r\n"), "{request}");
        assert!(request.ends_with("Content-Length: 15\r\nConnection: close\r\n\r\n{\"account\":\"1\"}"), "{request}");
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"));
    };
    check(serve, Ok((200, "{}")));
}

#[test]
fn in_two_pieces_or_without_a_length() {
    let pieces = |_, stream: &mut std::net::TcpStream| {
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\nConte"));
        drop(stream.write_all(b"nt-Type: application/json\r\n\r\n{"));
        drop(stream.write_all(b"}"));
    };
    check(pieces, Ok((200, "{}")));
}

#[test]
fn silence_is_late_and_nonsense_is_unreadable() {
    // It holds the connection open by keeping the stream.
    let (keep, kept) = sync_channel(256);
    check(move |_, stream| drop(keep.send(stream.try_clone())), Err(Failed::Late));
    drop(kept);
    check(|_, stream| drop(stream.write_all(b"hello\r\n\r\n")), Err(Failed::Unreadable));
    check(|_, _| {}, Err(Failed::Unreadable));
}

#[test]
fn nobody_there() {
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port").local_addr().expect("an address");
    let reach = Reach::start(Clock::start()).expect("threads");
    let answer = ask(&reach, gone, 400).recv_timeout(Duration::from_secs(20));
    assert_eq!(answer, Ok(Err(Failed::Unreachable)));
}

#[test]
fn a_back_end_that_hangs_costs_those_who_wait_for_it_an_answer_and_nobody_any_time() {
    let (keep, kept) = sync_channel(256);
    let address = listens(move |_, stream| drop(keep.send(stream.try_clone())));
    let reach = Reach::start(Clock::start()).expect("threads");
    let answers: Vec<_> = (0..200).map(|_| ask(&reach, address, 300)).collect();
    // Some found no room: to ask does not wait for it.
    let said: Vec<_> =
        answers.into_iter().map(|a| a.recv_timeout(Duration::from_secs(30)).expect("an answer")).collect();
    assert!(said.iter().all(|a| matches!(a, Err(Failed::Late | Failed::Full))), "{said:?}");
    assert!(said.contains(&Err(Failed::Full)) && said.contains(&Err(Failed::Late)), "{said:?}");
    drop(kept);
}
