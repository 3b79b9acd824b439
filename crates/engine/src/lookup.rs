//! Questions to the bank's own back-ends, and their answers. The rim asks (`reach`); a question that is never answered ends by the
//! deadline of the state that asked it.
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{CallId, Secret};

/// A question.
#[derive(Debug)]
pub struct Lookup {
    /// Whose.
    pub call: CallId,
    /// Comes back with the answer.
    pub id: u32,
    /// Whom.
    pub backend: Backend,
    /// What.
    pub question: Question,
}

/// Where a back-end is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backend {
    /// Its address.
    pub address: SocketAddr,
    /// For `Host`.
    pub host: String,
    /// The path that is posted to.
    pub path: String,
    /// How long an answer is waited for.
    pub within: Duration,
}

/// What is asked. It is neither printed nor written: secrets are in it.
#[derive(Debug)]
pub enum Question {
    /// Do these belong together?
    Verify {
        /// The account, as it was keyed.
        account: Secret,
        /// The PIN.
        pin: Secret,
    },
    /// Do this for him.
    Service {
        /// The service's name.
        name: String,
        /// What he has keyed, by the names of services.yaml.
        fields: Vec<(String, Secret)>,
    },
}

/// What a back-end said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// They do.
    Verified {
        /// Its own reference of the customer.
        customer: String,
    },
    /// It is done, and this is to be said of it.
    Served {
        /// By name.
        values: BTreeMap<String, String>,
    },
    /// They do not; or what was keyed for a service is not right.
    Refused,
    /// They may not be tried any more.
    Locked,
    /// It did not answer in time, or not so that it could be understood.
    Down,
}
