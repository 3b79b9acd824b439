//! The schemas and the reader agree: what is proved fits them, what the reader calls misshapen does not.
//!
//! Not covered: faults that a schema cannot see (duplicate keys, tabs, aliases), for they are gone when the text has been read.
mod common;

use boon::{Compiler, SchemaIndex, Schemas};
use common::Repository;
use serde_json::Value;
use switchboard_ivr::Disk;
use switchboard_ivr::tools::schema::{KINDS, schema};
use switchboard_source::read;

struct Checker {
    schemas: Schemas,
    of: Vec<(&'static str, SchemaIndex)>,
}

impl Checker {
    fn new() -> Checker {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let mut of = vec![];
        for kind in KINDS {
            let name = format!("mem:///{kind}.json");
            compiler.add_resource(&name, schema(kind).expect("a kind")).expect("a schema");
            of.push((kind, compiler.compile(&name, &mut schemas).unwrap_or_else(|e| panic!("{kind}: {e:#}"))));
        }
        Checker { schemas, of }
    }
    fn check(&self, kind: &str, value: &Value) -> Result<(), String> {
        let (_, index) = self.of.iter().find(|(k, _)| *k == kind).expect("a kind");
        self.schemas.validate(value, *index).map_err(|e| format!("{e:#}"))
    }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('/').next() {
        Some("prompts.yaml") => "prompts",
        Some("policy.yaml") => "policy",
        Some("calendars.yaml") => "calendars",
        Some("services.yaml") => "services",
        _ => "menu",
    }
}

fn value(path: &str) -> Option<Value> {
    let bytes = Repository.read(path).expect("it is there");
    read("IVR", path, &bytes).0.and_then(|doc| doc.json())
}

fn yaml_in(folder: &str) -> Vec<String> {
    let names = Repository.list(folder).expect("a folder").into_iter().map(|(name, _)| name);
    names.filter(|n| n.ends_with(".yaml")).map(|n| format!("{folder}/{n}")).collect()
}

#[test]
fn the_banks_files_fit() {
    let checker = Checker::new();
    let files = yaml_in("ivr-menus");
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        let value = value(&file).expect("sound YAML");
        checker.check(kind(&file), &value).unwrap_or_else(|why| panic!("{file}: {why}"));
    }
}

#[test]
fn an_example_fits_if_and_only_if_its_shape_is_sound() {
    let checker = Checker::new();
    let mut misshapen = 0;
    for (name, _) in Repository.list("ivr-menus/bad").expect("the examples") {
        if !name.starts_with("IVR") {
            continue;
        }
        for file in yaml_in(&format!("ivr-menus/bad/{name}")) {
            let Some(value) = value(&file) else { continue };
            let fits = checker.check(kind(&file), &value);
            // What the engine cannot do has a shape all the same.
            let wrong = name.starts_with("IVR08") && !name.starts_with("IVR0804") && file.ends_with("main.yaml");
            assert_eq!(fits.is_err(), wrong, "{file}: {fits:?}");
            misshapen += u32::from(wrong);
        }
    }
    assert_eq!(misshapen, 3);
}

#[test]
fn what_policy_may_say_is_what_the_schema_says() {
    let checker = Checker::new();
    let accepted = |more: &str| format!("accepted: [{{ {more}, approver: 张三, until: \"2027-01-31\" }}]");
    let hash = "1a5c6b77a18867f831ac6d7010e5106c117359335e5d0bc53405af37f15b6058";
    for (line, fits) in [
        ("levels_max: 2".to_owned(), true),
        ("levels_max: 10".to_owned(), false),
        ("recorded: true".to_owned(), true),
        ("recorded: maybe".to_owned(), false),
        (accepted("text: 甲"), true),
        (accepted(&format!("hash: {hash}")), true),
        (accepted(&format!("text: 甲, hash: {hash}")), false),
        ("accepted: [{ approver: 张三, until: \"2027-01-31\" }]".to_owned(), false),
        ("waivers: [{ rule: IVR0202, approver: 张三, reason: 试行, until: \"2027-01-31\" }]".to_owned(), true),
        ("waivers: [{ rule: IVR0101, approver: 张三, reason: 试行, until: \"2027-01-31\" }]".to_owned(), false),
        ("unheard_of: 1".to_owned(), false),
    ] {
        let body = format!("version: 1\n{line}\n");
        let (doc, faults) = read("IVR", "policy.yaml", body.as_bytes());
        assert!(faults.is_empty(), "{faults:?}");
        let value = doc.and_then(|d| d.json()).expect("sound YAML");
        assert_eq!(checker.check("policy", &value).is_ok(), fits, "{line}");
        // The reader says the same.
        let mut sources = switchboard_ivr::Sources::new();
        sources.add("policy.yaml", body.into_bytes());
        let (_, faults) = switchboard_ivr::compile(&sources, &common::bank_facts());
        let shape = faults.iter().any(|f| (800..900).contains(&f.code.number));
        assert_eq!(!shape, fits, "{line}: {faults:?}");
    }
}
