//! The source of the public keys of the identity provider: a file or a URL.

use std::{fmt, fs, net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use axum::http::Uri;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use serde_json::Value;

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BYTES: u64 = 1024 * 1024;

/// The source of the keys, in the format of RFC 7517.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum JwksSource {
    /// A file.
    File(PathBuf),
    /// An https URL, or an http URL of this machine.
    Address(String),
}

/// A URL whose response can be changed in transit.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a file or an https URL; http is accepted for localhost only")]
pub struct JwksSourceInvalid;

impl FromStr for JwksSource {
    type Err = JwksSourceInvalid;

    fn from_str(text: &str) -> Result<Self, JwksSourceInvalid> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let address: Uri = text.parse().map_err(|_| JwksSourceInvalid)?;
        let host = address.host().ok_or(JwksSourceInvalid)?;
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_loopback = host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback());
        match address.scheme_str() {
            Some("https") => Ok(Self::Address(text.to_owned())),
            Some("http") if is_loopback => Ok(Self::Address(text.to_owned())),
            _ => Err(JwksSourceInvalid),
        }
    }
}

impl fmt::Display for JwksSource {
    /// The file, or the URL without what can be a secret: a user and a query string.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = match self {
            Self::File(file) => return write!(f, "{}", file.display()),
            Self::Address(address) => address.parse::<Uri>().unwrap_or_default(),
        };
        let host =
            address.authority().map_or("", |authority| authority.as_str().rsplit('@').next().unwrap_or_default());
        write!(f, "{}://{host}{}", address.scheme_str().unwrap_or_default(), address.path())
    }
}

impl JwksSource {
    /// Reads the keys for signatures. Blocks the thread.
    pub(super) fn read(&self) -> Result<Vec<Jwk>, String> {
        let text = match self {
            Self::File(file) => fs::read(file).map_err(|error| error.to_string())?,
            Self::Address(address) => fetch(address).map_err(|error| error.to_string())?,
        };
        let set: Value = serde_json::from_slice(&text).map_err(|_| "it is not JSON")?;
        let listed = set.get("keys").and_then(Value::as_array).ok_or("it has no list `keys`")?;
        // Keys of unknown types are skipped.
        let keys = listed.iter().filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        let keys: Vec<_> = keys.filter(is_for_signatures).collect();
        // An empty list is valid. A list without a usable key is a mistake.
        if keys.is_empty() && !listed.is_empty() {
            Err("it contains no public key for signatures".to_owned())
        } else {
            Ok(keys)
        }
    }
}

fn fetch(address: &str) -> Result<Vec<u8>, ureq::Error> {
    // No redirects: only the configured host is trusted.
    let config = ureq::Agent::config_builder().timeout_global(Some(FETCH_TIMEOUT)).max_redirects(0).build();
    let mut response = ureq::Agent::from(config).get(address).call()?;
    response.body_mut().with_config().limit(MAX_BYTES).read_to_vec()
}

fn is_for_signatures(key: &Jwk) -> bool {
    let is_public = !matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    is_public && matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_a_file_or_over_a_secure_connection() {
        for good in
            ["https://id.example.com/jwks.json", "http://127.0.0.1:8080/jwks", "http://[::1]/j", "http://localhost/"]
        {
            assert_eq!(good.parse(), Ok(JwksSource::Address(good.to_owned())));
        }
        let source: JwksSource = "https://ann:secret@id.example.com:8443/jwks?key=secret".parse().unwrap();
        assert_eq!(source.to_string(), "https://id.example.com:8443/jwks");
        assert_eq!("keys/jwks.json".parse(), Ok(JwksSource::File("keys/jwks.json".into())));
        for bad in ["http://id.example.com/", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "https://"] {
            assert_eq!(bad.parse::<JwksSource>(), Err(JwksSourceInvalid), "{bad}");
        }
    }
}
