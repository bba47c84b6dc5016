//! Hosts that strangers name, of which only those on the public internet are asked.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Name, Resolve, Resolving};
use tokio::net::lookup_host;

use super::address::is_public;
use super::fetch::FetchFault;

/// Refuses a host that is an address and not public: the client does not resolve these. Names are for [`PublicNames`].
pub fn refuse_private(url: &Url) -> Result<(), FetchFault> {
    let host = url.host_str().unwrap_or_default();
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if !is_public(address) => Err(FetchFault::NotPublic { host: host.to_owned() }),
        _ => Ok(()),
    }
}

/// Resolves names as the system does, and leaves out the addresses that are not public. The client connects to what is left,
/// so a name that means something else a moment later gains nothing. Fails with [`FetchFault::NotPublic`] if nothing is left.
pub struct PublicNames;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The client puts the port of the uri in place of 0.
            let found = lookup_host((name.as_str(), 0)).await?;
            let public = public(name.as_str(), found)?;
            Ok(Box::new(public.into_iter()) as _)
        })
    }
}

fn public(host: &str, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, FetchFault> {
    let public: Vec<_> = found.filter(|address| is_public(address.ip())).collect();
    if public.is_empty() {
        return Err(FetchFault::NotPublic { host: host.to_owned() });
    }
    Ok(public)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use super::*;

    #[test]
    fn public_hosts_pass_however_they_are_written() {
        for host in
            ["8.8.8.8", "134744072", "[2600::1]", "[::ffff:8.8.8.8]", "name.example", "user@8.8.8.8", "10.example"]
        {
            let url = Url::parse(&format!("http://{host}:81/x")).unwrap();
            assert_eq!(refuse_private(&url), Ok(()), "{host}");
        }
    }

    #[test]
    fn of_a_name_only_its_public_addresses_are_left() {
        let found = ["10.0.0.1:0", "8.8.8.8:0", "[::1]:0", "[2600::1]:0"].map(|address| address.parse().unwrap());
        assert_eq!(public("mixed.example", found.into_iter()), Ok(vec![found[1], found[3]]));
        let none = FetchFault::NotPublic { host: "inside.example".to_owned() };
        assert_eq!(public("inside.example", [found[0], found[2]].into_iter()), Err(none));
    }
}
