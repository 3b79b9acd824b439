//! A packet of 20 ms from a caller to his agent.
use divan::{Bencher, black_box};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use switchboard_media::{Codec, Hears, Input, Media, MediaConfig, Output, Sounds, StreamWish, Wish};
use switchboard_model::{CallId, Chance, Instant, ShardId, StreamId};
use switchboard_wire::rtp::{self, Header};

const CALLER: StreamId = StreamId { slot: 0, generation: 0 };
const AGENT: StreamId = StreamId { slot: 1, generation: 0 };

fn wish() -> Wish {
    let stream = |stream: StreamId, port: u16, hears: StreamId| StreamWish {
        stream,
        remote: ([10, 0, 0, 1], port).into(),
        codec: Codec::Pcma,
        payload_type: 8,
        telephone_event: Some(101),
        send: true,
        listen: true,
        hears: Hears::Party(hears),
    };
    Wish {
        call: CallId::new(ShardId(1), 1),
        version: 1,
        streams: vec![stream(CALLER, 4_000, AGENT), stream(AGENT, 6_000, CALLER)],
    }
}

/// The `n`th packet.
fn packet(n: u64) -> bytes::Bytes {
    let header =
        Header { payload_type: 8, marker: false, sequence: n as u16, timestamp: (n as u32).wrapping_mul(160), ssrc: 7 };
    rtp::write(&header, &[0x55; 160])
}

/// Read, latched, kept in order, given its new header: all but the sockets.
#[divan::bench]
fn machine_alone(bencher: Bencher<'_, '_>) {
    let mut media = Media::new(Arc::new(Sounds::new()), Chance::from_number(1), MediaConfig::default());
    let start = Instant::from_millis(1_000_000);
    media.handle(start, Input::Wish(wish()));
    while media.poll().is_some() {}
    let from: SocketAddr = ([10, 0, 0, 1], 4_000).into();
    let (mut n, mut m) = (0u64, 0u64);
    bencher
        .with_inputs(|| {
            n += 1;
            packet(n)
        })
        .bench_local_values(|bytes| {
            m += 1;
            media.handle(Instant::from_millis(1_000_000 + m * 20), Input::Packet { slot: 0, from, bytes: &bytes });
            while let Some(output) = media.poll() {
                black_box(output);
            }
        });
}

fn pair() -> (UdpSocket, UdpSocket, UdpSocket) {
    let any = || UdpSocket::bind("127.0.0.1:0").expect("loopback has ports");
    (any(), any(), any())
}

/// The same with its sockets: one receive, the machine, one send; the sender's own send is in it too, as in the baseline.
#[divan::bench]
fn through_sockets(bencher: Bencher<'_, '_>) {
    let (peer, inside, outside) = pair();
    let (at, to) = (inside.local_addr().expect("bound"), peer.local_addr().expect("bound"));
    let mut media = Media::new(Arc::new(Sounds::new()), Chance::from_number(1), MediaConfig::default());
    let mut wish = wish();
    wish.streams.iter_mut().for_each(|s| s.remote = to);
    media.handle(Instant::from_millis(1_000_000), Input::Wish(wish));
    while media.poll().is_some() {}
    let (mut buffer, mut n) = ([0; 2_048], 0u64);
    bencher.bench_local(|| {
        n += 1;
        peer.send_to(&packet(n), at).expect("loopback takes it");
        let (len, from) = inside.recv_from(&mut buffer).expect("it has come");
        media.handle(Instant::from_millis(1_000_000 + n * 20), Input::Packet { slot: 0, from, bytes: &buffer[..len] });
        while let Some(output) = media.poll() {
            if let Output::Send { to, bytes, .. } = output {
                outside.send_to(&bytes, to).expect("loopback takes it");
                peer.recv_from(&mut buffer).expect("it has come");
            }
        }
    });
}

#[divan::bench]
fn baseline_plain_socket_loop(bencher: Bencher<'_, '_>) {
    let (peer, inside, outside) = pair();
    let (at, to) = (inside.local_addr().expect("bound"), peer.local_addr().expect("bound"));
    let (mut buffer, mut n) = ([0; 2_048], 0u64);
    bencher.bench_local(|| {
        n += 1;
        peer.send_to(&packet(n), at).expect("loopback takes it");
        let (len, _) = inside.recv_from(&mut buffer).expect("it has come");
        outside.send_to(&buffer[..len], to).expect("loopback takes it");
        peer.recv_from(&mut buffer).expect("it has come");
    });
}
