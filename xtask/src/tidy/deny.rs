//! `deny.toml` as we read it: the same file, in the same form, that cargo-deny reads where its database can be reached.
use serde::Deserialize;

/// The lists.
#[derive(Deserialize, Default)]
pub struct Deny {
    /// Which licences may stand in what we give away.
    pub licenses: Licenses,
    /// What may not be used, and what only once.
    pub bans: Bans,
    /// Where packages may come from.
    pub sources: Sources,
}

/// `[licenses]`
#[derive(Deserialize, Default)]
pub struct Licenses {
    /// SPDX names.
    pub allow: Vec<String>,
    /// Packages whose manifest says nothing and whose files were read.
    #[serde(default)]
    pub clarify: Vec<Clarify>,
}

/// `[[licenses.clarify]]`
#[derive(Deserialize)]
pub struct Clarify {
    /// The package.
    #[serde(rename = "crate")]
    pub package: String,
    /// What its files say.
    pub expression: String,
}

/// `[bans]`
#[derive(Deserialize, Default)]
pub struct Bans {
    /// One row a package.
    pub deny: Vec<Ban>,
}

/// A row of `bans.deny`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ban {
    /// The package.
    #[serde(rename = "crate")]
    pub package: String,
    /// Not forbidden, but only once.
    #[serde(default)]
    pub deny_multiple_versions: bool,
    /// Why.
    pub reason: String,
}

/// `[sources]`
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub struct Sources {
    /// Registries, as cargo names them.
    pub allow_registry: Vec<String>,
}
