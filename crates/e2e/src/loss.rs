//! A bad line: datagrams to some addresses are lost at random.
use std::net::SocketAddr;
use std::process::Command;

/// From now on this share of what is sent to `to` does not arrive.
#[track_caller]
pub fn lose_percent(percent: u8, to: SocketAddr) {
    nft("add table ip bad");
    nft("add chain ip bad line { type filter hook forward priority 0 ; }");
    let (ip, port) = (to.ip(), to.port());
    let luck = if percent < 100 { format!("numgen random mod 100 < {percent}") } else { String::new() };
    nft(&format!("add rule ip bad line ip daddr {ip} udp dport {port} {luck} drop"));
}

#[track_caller]
fn nft(rule: &str) {
    let out = Command::new("nft").arg(rule).output();
    let out = out.unwrap_or_else(|e| panic!("nft (package nftables) did not start: {e}"));
    let why = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "this machine's kernel cannot lose datagrams for the test: nft {rule}: {why}");
}
