//! Downloads files from miners and subnets' owners, who are not trusted.
//!
//! A download is never larger than what was committed to on chain, nor than the validator's own cap; it is hashed while it
//! is written, and kept only if the digest is the one on the chain. Redirects are not followed: the chain names the place.
//! Hosts that are not on the public internet are not asked, unless the operator wants it: a stranger's uri must not make the
//! validator knock at its neighbours' doors. The content type is not looked at.

use std::time::Duration;

use blake2::Digest as _;
use reqwest::{Client, Response, Url, redirect::Policy};
use thiserror::Error;
use tokio::io::AsyncWriteExt;

use super::cache::{Blake2b256, Cache, CacheError};
use super::host::{PublicNames, refuse_private};
use crate::config::FetchLimits;
use crate::subnet::Entrant;

/// What is wrong with a file or its server. Of a contribution it is the miner's fault, whose weight is zero.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FetchFault {
    /// The uri cannot be used.
    #[error("the uri {uri:?} cannot be used: {reason}")]
    BadUri {
        /// The uri.
        uri: String,
        /// Why.
        reason: String,
    },
    /// The host is this machine, one of its network, or none.
    #[error(
        "the host {host} has no public address. Hosts of private networks are not asked for files, unless the validator's \
         settings say private_addresses = true"
    )]
    NotPublic {
        /// The host: a name or an address.
        host: String,
    },
    /// The server could not be reached, or broke off, or was too slow.
    #[error("unreachable: {reason}")]
    Unreachable {
        /// Why.
        reason: String,
    },
    /// The server answered with something else than the file.
    #[error("the server answered {status} instead of the file")]
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// More bytes than were committed to, or than a file may have.
    #[error("too large: more than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: u64,
    },
    /// Fewer bytes than were committed to.
    #[error("truncated: {found} of {committed} bytes")]
    Truncated {
        /// Bytes received.
        found: u64,
        /// Bytes committed to.
        committed: u64,
    },
    /// The file is another one than the chain names.
    #[error("wrong digest: the file's is {found}")]
    WrongDigest {
        /// The file's digest.
        found: String,
    },
}

impl FetchFault {
    /// Whether the fault could as well lie in the validator's own network.
    pub fn may_be_ours(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }

    /// Whether the server may do better a moment later: it is silent, or says that it is busy.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Refused { status: 500.. })
    }
}

/// Why a file is not here.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The fault of whoever serves it.
    #[error(transparent)]
    Fault(#[from] FetchFault),
    /// The validator's own disk.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// A file to download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// blake2b-256 of the file.
    pub digest: [u8; 32],
    /// How large it is.
    pub size: Size,
    /// Where it is.
    pub uri: String,
}

/// How large a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Of so many bytes, which were committed to.
    Exactly(u64),
    /// Of so many bytes at most: the chain does not say.
    AtMost(u64),
}

impl Size {
    fn most(self) -> u64 {
        match self {
            Self::Exactly(bytes) | Self::AtMost(bytes) => bytes,
        }
    }

    /// Refuses a file, or the announcement of one, that has `found` bytes.
    fn check(self, found: u64) -> Result<(), FetchFault> {
        match self {
            _ if found > self.most() => Err(FetchFault::TooLarge { limit: self.most() }),
            Self::Exactly(committed) if found < committed => Err(FetchFault::Truncated { found, committed }),
            _ => Ok(()),
        }
    }
}

impl From<&Entrant> for Wanted {
    fn from(entrant: &Entrant) -> Self {
        Self { digest: entrant.digest, size: Size::Exactly(entrant.size), uri: entrant.uri.clone() }
    }
}

/// Downloads files into a cache.
#[derive(Debug, Clone)]
pub struct Fetcher {
    client: Client,
    cache: Cache,
    limits: FetchLimits,
}

impl Fetcher {
    /// A fetcher with these limits. Proxies of the environment are not used.
    pub fn new(cache: Cache, limits: FetchLimits) -> Result<Self, FetchError> {
        let mut client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(limits.connect)
            .read_timeout(limits.idle);
        if !limits.private_addresses {
            client = client.dns_resolver(PublicNames);
        }
        let client = client.build().map_err(|failure| unreachable(&failure))?;
        Ok(Self { client, cache, limits })
    }

    /// Where files end up.
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// The limits that it keeps.
    pub fn limits(&self) -> &FetchLimits {
        &self.limits
    }

    /// Makes sure that the cache holds a file.
    pub async fn fetch(&self, wanted: &Wanted) -> Result<(), FetchError> {
        if self.holds(wanted.digest).await? {
            return Ok(());
        }
        if wanted.size.most() > self.limits.max_bytes {
            return Err(FetchFault::TooLarge { limit: self.limits.max_bytes }.into());
        }
        // All attempts together: 256 silent servers must not use up the time of those that answer.
        match tokio::time::timeout(self.limits.total, self.attempts(wanted)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(too_slow(self.limits.total).into()),
        }
    }

    async fn attempts(&self, wanted: &Wanted) -> Result<(), FetchError> {
        let mut attempt = 1;
        loop {
            match self.download(wanted).await {
                Err(FetchError::Fault(fault)) if fault.may_pass() && attempt < self.limits.attempts => {
                    tracing::debug!(uri = wanted.uri, %fault, attempt, "trying again");
                    attempt += 1;
                    tokio::time::sleep(self.limits.pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Whether the cache has the file, whole. Reads it, so it happens away from the async threads.
    pub async fn holds(&self, digest: [u8; 32]) -> Result<bool, CacheError> {
        let cache = self.cache.clone();
        let reading = tokio::task::spawn_blocking(move || cache.holds(&digest));
        reading.await.map_err(|failure| self.cache.error(std::io::Error::other(failure)))?
    }

    async fn download(&self, wanted: &Wanted) -> Result<(), FetchError> {
        let url = parse(&wanted.uri)?;
        if !self.limits.private_addresses {
            refuse_private(&url)?;
        }
        let mut response = self.client.get(url).send().await.map_err(|failure| unreachable(&failure))?;
        check(&response, wanted.size)?;
        let draft = self.cache.draft()?;
        let disk = |source| self.cache.error(source);
        let mut file = tokio::fs::File::from_std(draft.reopen().map_err(disk)?);
        let (mut hash, mut found) = (Blake2b256::new(), 0_u64);
        while let Some(chunk) = response.chunk().await.map_err(|failure| broken_off(&failure, found, wanted.size))? {
            found += chunk.len() as u64;
            if found > wanted.size.most() {
                return Err(FetchFault::TooLarge { limit: wanted.size.most() }.into());
            }
            hash.update(&chunk);
            file.write_all(&chunk).await.map_err(disk)?;
        }
        file.flush().await.map_err(disk)?;
        wanted.size.check(found)?;
        let digest: [u8; 32] = hash.finalize().into();
        if digest != wanted.digest {
            return Err(FetchFault::WrongDigest { found: hex::encode(digest) }.into());
        }
        self.cache.keep(draft, &digest)?;
        Ok(())
    }
}

fn parse(uri: &str) -> Result<Url, FetchFault> {
    let bad = |reason: String| FetchFault::BadUri { uri: uri.to_owned(), reason };
    let url = Url::parse(uri).map_err(|failure| bad(failure.to_string()))?;
    match url.scheme() {
        "http" => Ok(url),
        other => Err(bad(format!("the scheme is {other}, not http. The digest, not the transport, proves the file"))),
    }
}

/// Refuses by the headers what need not be read.
fn check(response: &Response, size: Size) -> Result<(), FetchFault> {
    let status = response.status();
    if status.as_u16() != 200 {
        return Err(FetchFault::Refused { status: status.as_u16() });
    }
    response.content_length().map_or(Ok(()), |length| size.check(length))
}

/// A body that ended before its committed length is a truncated file; anything else is a bad connection.
fn broken_off(failure: &reqwest::Error, found: u64, size: Size) -> FetchFault {
    match size {
        Size::Exactly(committed) if !failure.is_timeout() => FetchFault::Truncated { found, committed },
        _ => unreachable(failure),
    }
}

fn unreachable(failure: &reqwest::Error) -> FetchFault {
    // The innermost cause is the one that says something: "connection refused", "operation timed out".
    let mut cause: &dyn std::error::Error = failure;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match cause.downcast_ref::<FetchFault>() {
        Some(resolver) => resolver.clone(),
        None => FetchFault::Unreachable { reason: cause.to_string() },
    }
}

fn too_slow(limit: Duration) -> FetchFault {
    FetchFault::Unreachable { reason: format!("the download took longer than {} s", limit.as_secs_f32()) }
}
