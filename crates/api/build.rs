//! Takes the built page in, if there is one; if there is none, the program says so at `/` and at its start.
//!
//! ```text
//!   web/src ── npm run build (make build, cargo xtask web) ──► web/dist ── here ──► assets.rs ── include_bytes ──► the program
//! ```
//! Cargo cannot run npm by itself without asking a registry in the middle of a build; whoever builds with `make` gets both.
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

const FILES: [&str; 3] = ["index.html", "board.js", "board.css"];

fn main() {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = here.join("../../web/dist");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("assets.rs");
    for file in FILES {
        println!("cargo::rerun-if-changed={}", dist.join(file).display());
    }
    let text = if FILES.iter().all(|file| dist.join(file).is_file()) {
        with(&dist)
    } else {
        "pub const ASSETS: Option<Assets> = None;\n".to_owned()
    };
    fs::write(&out, text).unwrap_or_else(|e| panic!("{}: {e}", out.display()));
}

fn with(dist: &Path) -> String {
    let [html, js, css] = FILES.map(|file| {
        let path = dist.join(file).canonicalize().expect("it is there");
        format!("include_bytes!({:?})", path.display().to_string())
    });
    format!("pub const ASSETS: Option<Assets> = Some(Assets {{ html: {html}, js: {js}, css: {css} }});\n")
}
