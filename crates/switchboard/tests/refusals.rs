//! What keeps a centre from starting is one clear sentence and exit code 2, before anything is open; and a verb outlives its reader.
//!
//! Not covered here: a port in use, which wants a network of its own (`crates/e2e`).
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

fn switchboard(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(words).stdin(Stdio::null()).env_remove("RUST_LOG");
    command
}

/// A copy of the repository's own configuration and menus.
fn centre() -> TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for tree in ["config", "ivr-menus"] {
        copy_tree(&root.join(tree), &copy.path().join(tree));
    }
    copy
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        if path.is_dir() {
            copy_tree(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).expect("a file of the repository");
        }
    }
}

/// Starts `serve` on this copy, and returns how it ended, whether it had said that it is ready, and what it complained of.
fn serve(copy: &TempDir, data: &Path) -> (Option<i32>, String, String) {
    let mut command = switchboard(&["serve", "--config"]);
    command.arg(copy.path().join("config")).arg("--data").arg(data).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut ready = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut ready).expect("text");
    if !ready.is_empty() {
        child.kill().expect("our own child, which has started what it should not");
    }
    let out = child.wait_with_output().expect("it ends");
    (out.status.code(), ready, String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn a_data_folder_that_cannot_be_written_keeps_it_from_starting() {
    let copy = centre();
    // Root may write into any folder; into a file, nobody.
    let file = copy.path().join("a-file");
    fs::write(&file, "").expect("a file");
    let (code, ready, said) = serve(&copy, &file.join("data"));
    assert_eq!((code, ready.as_str()), (Some(2), ""), "{said}");
    assert!(said.starts_with("error: the data folder ") && said.contains("name another with --data"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_missing_prompt_keeps_it_from_starting() {
    let copy = centre();
    let sound = copy.path().join("ivr-menus/prompts/en/welcome.wav");
    fs::remove_file(&sound).expect("the repository has this prompt");
    let data = copy.path().join("data");
    let (code, ready, said) = serve(&copy, &data);
    assert_eq!((code, ready.as_str()), (Some(2), ""), "{said}");
    assert!(said.contains("en/welcome.wav") && said.contains("does not go live"), "{said}");
    assert!(!data.exists(), "nothing was started, and a record was");
    let checked = switchboard(&["check", "--config"]).arg(copy.path().join("config")).output().expect("it runs");
    assert_eq!(checked.status.code(), Some(1), "`check` says so beforehand");
}

#[test]
fn a_reader_who_has_left_harms_no_verb() {
    let mut child =
        switchboard(&["replay", "3"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    drop(child.stdout.take());
    let out = child.wait_with_output().expect("it ends");
    assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has a disk that is always full");
    let out = switchboard(&["replay", "3"]).stdout(full).output().expect("it runs");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn menus_without_their_configuration_are_not_judged() {
    let copy = centre();
    let out = switchboard(&["ivr", "check", "ivr-menus", "--config", "elsewhere"])
        .current_dir(copy.path())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains("no elsewhere/queues.yaml") && said.contains("--config"), "{said}");
    assert_eq!((said.lines().count(), out.stdout.len()), (1, 0), "{said}");
}
