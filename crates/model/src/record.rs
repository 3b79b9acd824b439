//! What outlives an event.
//!
//! ```text
//!   handle(event) ─► poll_changed() ─► Record{key, version, bytes} ─► memory that survives ─► only then: outputs leave
//!   start         ◄─ from_records(all) ◄───────────────────────────────────┘
//! ```
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// What a record is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum RecordKind {
    /// An owner's counters and generator.
    Counters,
    /// A call, with its legs and what it holds.
    Call,
    /// A SIP dialog.
    Dialog,
    /// A SIP transaction.
    Transaction,
    /// An agent.
    Agent,
    /// The bindings of one address of record.
    Registration,
    /// Digest nonces in use.
    Nonce,
    /// One RTP port of the stock.
    Port,
    /// What the statistics have folded.
    Figures,
    /// Our side of a carrier's trunk: its SBCs' health, and our registration.
    Carrier,
}

/// Which record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct RecordKey {
    /// Of what.
    pub kind: RecordKind,
    /// Which one, unique within its owner and kind.
    pub id: u64,
}

/// One thing that must survive the process, as bytes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Which.
    pub key: RecordKey,
    /// The form of `bytes`; an older one is brought forward by `From`.
    pub version: u8,
    /// postcard.
    pub bytes: Vec<u8>,
}

/// A record that cannot be read: damaged, or written by a newer program.
#[derive(Debug, thiserror::Error)]
#[error("record {key:?} of version {version} cannot be read: {why}")]
pub struct BadRecord {
    /// Which.
    pub key: RecordKey,
    /// Its version.
    pub version: u8,
    /// What the decoder said.
    pub why: String,
}

impl Record {
    /// Writes `value` as version `version`.
    pub fn write<T: Serialize>(key: RecordKey, version: u8, value: &T) -> Record {
        let bytes = postcard::to_stdvec(value).expect("a record holds plain data, which postcard always writes");
        Record { key, version, bytes }
    }

    /// Reads it as `T`, if it is of that version and whole to the last byte.
    pub fn read<T: DeserializeOwned>(&self, version: u8) -> Result<T, BadRecord> {
        let bad = |why: String| BadRecord { key: self.key, version: self.version, why };
        if self.version != version {
            return Err(bad(format!("this program reads version {version}")));
        }
        match postcard::take_from_bytes(&self.bytes) {
            Ok((value, [])) => Ok(value),
            Ok((_, rest)) => Err(bad(format!("{} bytes too many", rest.len()))),
            Err(e) => Err(bad(e.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_or_newer_record_is_refused() {
        let key = RecordKey { kind: RecordKind::Call, id: 7 };
        let record = Record::write(key, 1, &(1u32, "x"));
        assert_eq!(record.read::<(u32, String)>(1).expect("whole"), (1, "x".to_owned()));
        assert!(record.read::<(u32, String)>(2).is_err());
        let torn = Record { bytes: record.bytes[..1].to_vec(), ..record.clone() };
        assert!(torn.read::<(u32, String)>(1).is_err());
        let longer = Record { bytes: [record.bytes.clone(), vec![0]].concat(), ..record };
        assert!(longer.read::<(u32, String)>(1).is_err());
    }
}
