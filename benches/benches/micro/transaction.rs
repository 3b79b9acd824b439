//! A request outside a dialog comes, is told, is answered; its transaction stays for 32 s (RFC 3261 §17.2.2) and is then gone.
use bytes::Bytes;
use divan::{Bencher, black_box};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;
use switchboard_model::{Chance, EndpointId, FlowId, Instant};
use switchboard_sip::{Endpoint, EndpointConfig, Event, Output};
use switchboard_wire::sip::Message;

fn options(n: u64) -> Vec<u8> {
    format!(
        "OPTIONS sip:95001@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKo{n};rport\r\nMax-Forwards: 69\r\n\
         From: <sip:peer@192.0.2.10>;tag=t{n}\r\nTo: <sip:95001@192.0.2.1>\r\nCall-ID: o{n}@192.0.2.10\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// So many come a second, so that some thousands of transactions stand at any time.
const APART: Duration = Duration::from_millis(10);

#[divan::bench]
fn ours(bencher: Bencher<'_, '_>) {
    let (local, peer): (SocketAddr, SocketAddr) = (([192, 0, 2, 1], 5_060).into(), ([192, 0, 2, 10], 5_060).into());
    let mut endpoint = Endpoint::new(EndpointConfig::new(EndpointId(1), local, "bench", Chance::from_number(1)));
    let (mut n, mut now) = (0, Instant::from_millis(1_000_000));
    let mut step = |request: &[u8]| {
        now = now + APART;
        endpoint.handle_timeout(now);
        endpoint.handle_datagram(now, FlowId(0), peer, request);
        while let Some(output) = endpoint.poll() {
            if let Output::Event(Event::Request(request)) = &output {
                endpoint.respond(now, request.request, 200, vec![], Bytes::new());
            }
            black_box(output);
        }
    };
    bencher
        .with_inputs(|| {
            n += 1;
            options(n)
        })
        .bench_local_values(|request| step(&request));
}

#[divan::bench]
fn baseline_mutex_map(bencher: Bencher<'_, '_>) {
    let table: Mutex<BTreeMap<String, (u64, Vec<u8>)>> = Mutex::new(BTreeMap::new());
    let (mut n, mut now) = (0u64, 0u64);
    let mut step = |request: &[u8]| {
        now += 10;
        let message = Message::parse(request).expect("it is SIP");
        let branch = message.via().and_then(|v| v.branch().map(str::to_owned)).expect("it has one");
        let answer = [b"SIP/2.0 200 OK\r\n", &request[47..]].concat();
        let mut table = table.lock().expect("nobody panics");
        table.insert(branch, (now + 32_000, answer.clone()));
        while let Some(first) = table.first_entry().filter(|e| e.get().0 <= now) {
            first.remove();
        }
        black_box(answer);
    };
    bencher
        .with_inputs(|| {
            n += 1;
            options(n)
        })
        .bench_local_values(|request| step(&request));
}
