//! Certificates: read from files, read again without a restart, and asked of the other side where that is wished.
//!
//! A connection keeps the certificate it shook hands with; the next one gets the newest. Files that cannot be read leave the old ones in
//! force.
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};

/// Where certificates lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// Our chain in PEM, our own first.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
    /// Whom we believe, in PEM; none: whoever we call over TLS cannot be believed, and no certificate of a caller either.
    pub authorities: Option<PathBuf>,
    /// Whether callers must have a certificate too.
    pub clients: ClientCertificates,
}

/// Whether those who connect to us must have a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ClientCertificates {
    /// They are not asked: telephones have passwords.
    #[default]
    NotAsked,
    /// Without one of the believed authorities there is no connection (mutual TLS).
    Required,
}

/// Why certificates could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("{}: {why}: write there what `openssl x509 -text -in FILE` or `openssl pkey -in FILE` can read, in PEM", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Certificate and key are of no use together.
    #[error("certificate {} and key {} cannot be used together: {why}", certificate.display(), key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        why: String,
    },
    /// Certificates are to be asked for, and nobody is believed.
    #[error("clients must show a certificate, but no authority is believed: name their authority's file")]
    NobodyBelieved,
}

/// The certificates in force.
#[derive(Clone, Debug)]
pub struct Tls(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    live: Mutex<(Arc<ServerConfig>, Option<Arc<ClientConfig>>)>,
}

impl Tls {
    /// Reads the files.
    pub fn open(files: &TlsFiles) -> Result<Tls, TlsError> {
        Ok(Tls(Arc::new(Inner { live: Mutex::new(read(files)?) })))
    }

    /// Reads the files again: whoever connects from now on sees them. On an error the old ones stay.
    pub fn renew(&self, files: &TlsFiles) -> Result<(), TlsError> {
        let new = read(files)?;
        *self.0.live.lock().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    pub(super) fn server(&self) -> Arc<ServerConfig> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }
    pub(super) fn client(&self) -> Option<Arc<ClientConfig>> {
        self.0.live.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }
}

fn read(files: &TlsFiles) -> Result<(Arc<ServerConfig>, Option<Arc<ClientConfig>>), TlsError> {
    let wrong = |path: &PathBuf, why: String| TlsError::File { path: path.clone(), why };
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|e| wrong(&files.key, format!("no private key in it ({e})")))?;
    let believed = match &files.authorities {
        None => None,
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|e| wrong(path, format!("an authority that is none ({e})")))?;
            }
            Some(Arc::new(roots))
        }
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = || ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let pair = |e: rustls::Error| TlsError::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        why: e.to_string(),
    };
    let builder = builder().map_err(pair)?;
    let server = match (files.clients, &believed) {
        (ClientCertificates::NotAsked, _) => builder.with_no_client_auth(),
        (ClientCertificates::Required, None) => return Err(TlsError::NobodyBelieved),
        (ClientCertificates::Required, Some(roots)) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone()).build();
            let path = files.authorities.as_ref().expect("just read");
            builder.with_client_cert_verifier(verifier.map_err(|e| wrong(path, e.to_string()))?)
        }
    };
    let server = server.with_single_cert(chain.clone(), key.clone_key()).map_err(pair)?;
    let client = match believed {
        None => None,
        Some(roots) => {
            let builder =
                ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(pair)?;
            // Whoever asks for our certificate gets it.
            Some(Arc::new(builder.with_root_certificates(roots).with_client_auth_cert(chain, key).map_err(pair)?))
        }
    };
    Ok((Arc::new(server), client))
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |why: String| TlsError::File { path: path.clone(), why };
    let read = CertificateDer::pem_file_iter(path).map_err(|e| wrong(format!("cannot be read ({e})")))?;
    let all = read.collect::<Result<Vec<_>, _>>().map_err(|e| wrong(format!("cannot be read ({e})")))?;
    if all.is_empty() { Err(wrong("no certificate in it".to_owned())) } else { Ok(all) }
}
