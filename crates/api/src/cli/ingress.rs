//! Who is let in before anybody is asked who they are.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, builder::BoolishValueParser};

use crate::{Host, IngressPolicy, Origin, TrustedDocuments};

#[derive(Args, Debug)]
pub(super) struct IngressArguments {
    /// An origin whose pages may call, for example `https://app.example.org`. Can be said several times, or with commas.
    #[arg(long = "cors-origin", env = "ATELIER_CORS_ORIGINS", value_delimiter = ',', value_name = "ORIGIN")]
    cors_origins: Vec<Origin>,
    /// A name under which the server answers, without a port. Can be said several times, or with commas. Unless said a
    /// server on a loopback address that asks nobody who they are answers as `localhost`, `127.0.0.1` and `[::1]`, any other
    /// under every name.
    #[arg(long = "host", env = "ATELIER_HOSTS", value_delimiter = ',', value_name = "NAME")]
    hosts: Vec<Host>,
    /// A file with the only documents that may run: a JSON object of documents by their SHA-256, or Apollo's manifest of
    /// persisted queries. The playground's page does not work with it.
    #[arg(long, env = "ATELIER_TRUSTED_DOCUMENTS", value_name = "FILE")]
    trusted_documents: Option<PathBuf>,
    /// Do not tell clients the schema. The playground has no documentation then, and completes nothing.
    #[arg(long, env = "ATELIER_NO_INTROSPECTION", value_parser = BoolishValueParser::new())]
    no_introspection: bool,
}

impl IngressArguments {
    /// The edge of a server on this address, which may be one that asks nobody who they are.
    pub(super) fn of_server_on(self, address: SocketAddr, asks_nobody: bool) -> Result<IngressPolicy, String> {
        let hosts = match self.hosts {
            hosts if !hosts.is_empty() => Some(hosts),
            _ if asks_nobody && address.ip().is_loopback() => Some(Host::of_this_machine()),
            _ => None,
        };
        let trusted_documents = self.trusted_documents.map(|file| read(&file)).transpose()?;
        Ok(IngressPolicy {
            origins: self.cors_origins,
            hosts,
            trusted_documents,
            no_introspection: self.no_introspection,
        })
    }
}

fn read(file: &std::path::Path) -> Result<TrustedDocuments, String> {
    let told = |why: String| format!("{} (--trusted-documents): {why}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| told(format!("cannot be read: {error}")))?;
    text.parse::<TrustedDocuments>().map_err(|invalid| told(invalid.to_string()))
}
