//! What we give away contains what we use: each licence in it must allow that.
//!
//! Reads SPDX expressions: `OR` needs one side, `AND` both, `WITH` an exception only ever gives more. The old `A/B` means `OR`.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law =
    Law { name: "licences", says: "every package may be given away under a licence that deny.toml allows", check };

fn check(ground: &Ground) -> Vec<Fault> {
    let lists = &ground.deny.licenses;
    let mut faults = Vec::new();
    for package in ground.packages.iter().filter(|p| p.source.is_some()) {
        let clarified = lists.clarify.iter().find(|c| c.package == package.name).map(|c| &c.expression);
        let what = match package.license.as_ref().or(clarified) {
            None => "says no licence; read its files and add a `clarify` entry".to_owned(),
            Some(expression) if !allows(expression, &lists.allow) => format!("`{expression}` is not allowed"),
            Some(_) => continue,
        };
        faults.push(Fault { path: format!("{} {}", package.name, package.version), line: 0, what });
    }
    faults
}

/// Whether `expression` can be met with these licences alone.
fn allows(expression: &str, allow: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any(&mut words, allow);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, allow: &[String]) -> bool {
    let mut met = all(words, allow);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, allow);
    }
    met
}

fn all(words: &mut Words<'_>, allow: &[String]) -> bool {
    let mut met = one(words, allow);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allow);
    }
    met
}

fn one(words: &mut Words<'_>, allow: &[String]) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let met = any(words, allow);
        return words.next() == Some(")") && met;
    }
    if words.next_if_eq(&"WITH").is_some() {
        words.next();
    }
    allow.iter().any(|a| a == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read() {
        let allow = ["MIT".to_owned(), "Apache-2.0".to_owned(), "Unicode-3.0".to_owned()];
        let check = |expression: &str, met: bool| assert_eq!(allows(expression, &allow), met, "{expression}");
        check("MIT", true);
        check("GPL-3.0-only", false);
        check("MIT OR GPL-3.0-only", true);
        check("MIT/GPL-2.0", true);
        check("MIT AND GPL-3.0-only", false);
        check("(MIT OR Apache-2.0) AND Unicode-3.0", true);
        check("(MIT OR Apache-2.0) AND OpenSSL", false);
        check("OpenSSL AND MIT OR Apache-2.0", true);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("GPL-2.0 WITH Classpath-exception-2.0", false);
        check("(MIT", false);
        check("", false);
    }

    #[test]
    fn a_package_without_a_licence_is_read_once_and_clarified() {
        use super::super::ground::Package;
        let package = Package { name: "p".to_owned(), source: Some("registry".to_owned()), ..Package::default() };
        let mut ground = Ground { packages: vec![package], ..Ground::default() };
        ground.deny.licenses.allow.push("MIT".to_owned());
        assert_eq!(check(&ground).len(), 1);
        let clarify = super::super::deny::Clarify { package: "p".to_owned(), expression: "MIT".to_owned() };
        ground.deny.licenses.clarify.push(clarify);
        assert_eq!(check(&ground).len(), 0);
    }
}
