//! Which addresses strangers may send a validator to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public internet, rather than to this machine, its network or nobody: those that IANA's
/// registries of special-purpose addresses call globally reachable. An IPv6 address that stands for an IPv4 address is as
/// public as that; the tunnels 6to4 and Teredo, which nobody serves files from, are not.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network, loopback; multicast, reserved and broadcast.
        [0 | 127 | 224.., ..] => false,
        // Private, carriers' NAT, link-local.
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] | [169, 254, ..] => false,
        // Protocol assignments, relays of 6to4, benchmarks.
        [192, 0, 0, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => false,
        // Documentation.
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => false,
        _ => true,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // IPv4-mapped, and what NAT64 translates.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        // Protocol assignments, Teredo among them; 6to4.
        [0x2001, ..=0x1ff, ..] | [0x2002, ..] => false,
        // Documentation.
        [0x2001, 0xdb8, ..] | [0x3fff, ..=0xfff, ..] => false,
        // Of all else, only 2000::/3 is in use as global unicast.
        [first, ..] => first >> 13 == 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// All that is not public in IPv4.
    const V4: &[&str] = &[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
    ];

    /// All that is not public in IPv6, but for [`MAPPED`].
    const V6: &[&str] = &[
        "::/128",
        "::1/128",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "::/3",
        "2001::/32",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "4000::/2",
        "5f00::/16",
        "8000::/1",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    ];

    /// Where IPv4 addresses are the last 32 bits.
    const MAPPED: &[&str] = &["::ffff:0:0/96", "64:ff9b::/96"];

    /// First and last address of a range, as numbers of `bits` bits.
    fn ends(range: &str, bits: u32) -> (u128, u128) {
        let (address, length) = range.split_once('/').unwrap();
        let first = match address.parse().unwrap() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits(),
        };
        let free = bits - length.parse::<u32>().unwrap();
        (first, first | u128::MAX.checked_shr(128 - free).unwrap_or(0))
    }

    fn within(ranges: &[&str], bits: u32, address: u128) -> bool {
        ranges.iter().map(|range| ends(range, bits)).any(|(first, last)| (first..=last).contains(&address))
    }

    /// Numbers inside a range, at its ends, just outside, and anywhere.
    fn near(ranges: &'static [&'static str], bits: u32) -> impl Strategy<Value = u128> {
        let all = u128::MAX >> (128 - bits);
        let at = select(ranges).prop_flat_map(move |range| {
            let (first, last) = ends(range, bits);
            let edges = vec![first, last, first.wrapping_sub(1) & all, last.wrapping_add(1) & all];
            prop_oneof![first..=last, select(edges)]
        });
        prop_oneof![at, 0..=all]
    }

    fn v4() -> impl Strategy<Value = Ipv4Addr> {
        near(V4, 32).prop_map(|bits| Ipv4Addr::from_bits(bits as u32))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn public_is_what_no_range_of_ipv4_holds(address in v4()) {
            let listed = within(V4, 32, address.to_bits().into());
            prop_assert_eq!(is_public(address.into()), !listed, "{}", address);
        }

        #[test]
        fn public_is_what_no_range_of_ipv6_holds(bits in prop_oneof![near(V6, 128), 0x2000_u128 << 112..0x4000 << 112]) {
            let address = Ipv6Addr::from_bits(bits);
            prop_assume!(!within(MAPPED, 128, bits));
            prop_assert_eq!(is_public(address.into()), !within(V6, 128, bits), "{}", address);
        }

        #[test]
        fn an_ipv4_address_in_ipv6_is_as_public_as_itself(address in v4(), prefix in select(MAPPED)) {
            let dressed = Ipv6Addr::from_bits(ends(prefix, 128).0 | u128::from(address.to_bits()));
            prop_assert_eq!(is_public(dressed.into()), is_public(address.into()), "{}", dressed);
        }
    }
}
