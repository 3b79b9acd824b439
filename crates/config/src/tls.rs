//! The `tls` of `centre.yaml`: where SIP over TLS is taken, and whose certificates are believed.
use std::net::SocketAddr;
use switchboard_source::{Diagnostic, Item};

/// SIP over TLS. The files are named relative to centre.yaml until `load` makes them whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsConf {
    /// Where it is taken.
    pub listen: SocketAddr,
    /// Our certificate and those between it and its authority, in PEM.
    pub certificate: String,
    /// Its private key, in PEM.
    pub key: String,
    /// Authorities believed, in PEM; needed to call out over TLS, and to ask callers for certificates.
    pub authorities: Option<String>,
    /// Whether whoever connects must show a certificate of such an authority (mutual TLS).
    pub clients_required: bool,
}

impl TlsConf {
    /// The same with `whole` made of each file's name.
    pub(crate) fn map(self, whole: impl Fn(&str) -> String) -> TlsConf {
        TlsConf {
            certificate: whole(&self.certificate),
            key: whole(&self.key),
            authorities: self.authorities.as_deref().map(&whole),
            ..self
        }
    }
}

/// Reads it.
pub fn read(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<TlsConf> {
    let mut fields = item.fields(faults)?;
    let address = |text: &str| text.parse::<SocketAddr>().ok();
    let listen =
        fields.must("listen", faults).and_then(|i| i.parse("an address and port, as 0.0.0.0:5061", faults, address));
    let certificate = fields.must("certificate", faults).and_then(|i| i.text(faults));
    let key = fields.must("key", faults).and_then(|i| i.text(faults));
    let authorities = fields.may("authorities").map(|i| i.text(faults));
    let clients = fields.may("clients");
    let required = clients.as_ref().map_or(Some(false), |i| {
        let word = |text: &str| ["not-asked", "required"].iter().position(|w| *w == text);
        i.parse("not-asked or required", faults, word).map(|w| w.value == 1)
    });
    if let (Some(true), None, Some(item)) = (required, &authorities, &clients) {
        let fault = Diagnostic::error(
            crate::faults::code(30),
            &item.at(),
            "certificates are required, and no authority is believed",
        );
        faults.push(fault.help("`authorities` names the file with the carriers' authorities"));
    }
    fields.done(faults);
    Some(TlsConf {
        listen: listen?.value,
        certificate: certificate?.value,
        key: key?.value,
        authorities: match authorities {
            None => None,
            Some(file) => Some(file?.value),
        },
        clients_required: required?,
    })
}
