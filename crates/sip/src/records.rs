//! What of an endpoint survives the process: its counters with the generator, each dialog, each transaction.
//!
//! Look-ups and timers are derived. Law: the records of a restored endpoint are those it was restored from, byte for byte, and what it
//! says from then on is what the first would have said.
use crate::dialog::Dialog;
use crate::endpoint::{COUNTERS, Counters, Endpoint, EndpointConfig, dialog_key, transaction_key};
use crate::event::DialogId;
use crate::transaction::Transaction;
use switchboard_model::{BadRecord, Record, RecordKey, RecordKind};

/// 2: an INVITE of ours has its terms. 3: and what was said reliably before its answer.
const VERSION: u8 = 3;

impl Endpoint {
    /// The next record that changed since it was last asked for.
    pub fn poll_changed(&mut self) -> Option<RecordKey> {
        self.changed.pop_first()
    }

    /// A record; `None` if what it was of is gone.
    pub fn record(&self, key: RecordKey) -> Option<Record> {
        match key.kind {
            RecordKind::Counters if key == COUNTERS => Some(Record::write(key, VERSION, &self.counters)),
            RecordKind::Dialog => self.dialogs.get(&DialogId(key.id)).map(|d| Record::write(key, VERSION, d)),
            RecordKind::Transaction => self.transactions.get(&key.id).map(|t| Record::write(key, VERSION, t)),
            _ => None,
        }
    }

    /// Every record, sorted.
    pub fn records(&self) -> Vec<Record> {
        let dialogs = self.dialogs.keys().map(|id| dialog_key(*id));
        let transactions = self.transactions.keys().map(|id| transaction_key(*id));
        let mut keys: Vec<RecordKey> = dialogs.chain(transactions).chain([COUNTERS]).collect();
        keys.sort();
        keys.into_iter().filter_map(|key| self.record(key)).collect()
    }

    /// From records. The configuration's generator is not used: the recorded one goes on.
    pub fn restore(config: EndpointConfig, records: &[Record]) -> Result<Self, BadRecord> {
        let mut endpoint = Endpoint::new(config);
        for record in records {
            match record.key.kind {
                RecordKind::Counters if record.key == COUNTERS => {
                    endpoint.counters = record.read::<Counters>(VERSION)?
                }
                RecordKind::Dialog => endpoint.keep_dialog(Box::new(record.read::<Dialog>(VERSION)?)),
                RecordKind::Transaction => {
                    endpoint.add_transaction(record.key.id, record.read::<Transaction>(VERSION)?)
                }
                _ => {}
            }
        }
        endpoint.changed.clear();
        Ok(endpoint)
    }
}
