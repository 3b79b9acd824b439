//! `switchboard ivr explain [RULE]`: the manual, a page a rule.
use crate::cmd::say::{say, say_on};
use crate::cmd::{Done, Json, write_json};
use switchboard_ivr::lint::{Page, page, pages, sample_text};
use switchboard_source::nearest;

/// A page of the manual.
#[derive(clap::Args, Debug)]
pub struct Explain {
    /// `IVR0203`, `203` or `no-key-to-person`; `sample`: the small bank that the examples change.
    rule: Option<String>,
    #[command(flatten)]
    json: Json,
}

impl Explain {
    /// Exit code 0: explained; 2: there is no such rule.
    pub fn run(self) -> Done {
        let chosen = match self.rule.as_deref() {
            None => {
                let pages = pages();
                pages.iter().for_each(|p| say!("{}", p.line()));
                pages
            }
            Some("sample") => {
                say_on!("{}", sample_text());
                vec![]
            }
            Some(rule) => {
                let page = page(rule).ok_or_else(|| unknown(rule))?;
                say_on!("{}", page.text());
                vec![page]
            }
        };
        let json: Vec<_> = chosen.iter().map(Page::json).collect();
        write_json(self.json.json.as_deref(), &json)?;
        Ok(true)
    }
}

fn unknown(rule: &str) -> String {
    let near = nearest(rule, pages().iter().map(|p| p.name)).map_or(String::new(), |n| format!("did you mean `{n}`? "));
    format!("there is no rule `{rule}`; {near}`switchboard ivr explain` lists all")
}
