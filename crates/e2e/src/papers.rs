//! Certificates for a test: an authority of its own, made by OpenSSL, whom nobody else believes.
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes `authority.pem` and its key in this folder.
#[track_caller]
pub fn authority(dir: &Path) {
    fs::create_dir_all(dir).expect("the folder can be written");
    openssl(
        dir,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=authority -keyout authority.key -out authority.pem",
    );
}

/// Makes `NAME.pem` and `NAME.key`, which the authority vouches for at this address.
#[track_caller]
pub fn issue(dir: &Path, name: &str, at: IpAddr) -> (PathBuf, PathBuf) {
    fs::write(dir.join(format!("{name}.ext")), format!("subjectAltName=IP:{at}\n")).expect("the folder can be written");
    openssl(
        dir,
        &format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
        ),
    );
    openssl(
        dir,
        &format!(
            "x509 -req -in {name}.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile {name}.ext -out {name}.pem"
        ),
    );
    (dir.join(format!("{name}.pem")), dir.join(format!("{name}.key")))
}

#[track_caller]
fn openssl(dir: &Path, words: &str) {
    let out = Command::new("openssl").args(words.split(' ')).current_dir(dir).output();
    let out = out.unwrap_or_else(|e| panic!("openssl (package openssl) did not start: {e}"));
    assert!(out.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&out.stderr));
}
