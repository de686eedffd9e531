//! Which proxies are believed about visitors.

use std::net::IpAddr;
use std::str::FromStr;

/// Networks in CIDR notation, separated by commas; an address alone is itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u8)>);

impl TrustedProxies {
    /// Whether the address belongs to one of the networks.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0
            .iter()
            .any(|(network, prefix)| match (network, address) {
                (IpAddr::V4(network), IpAddr::V4(address)) => same_start(
                    u128::from(network.to_bits()) << 96,
                    u128::from(address.to_bits()) << 96,
                    *prefix,
                ),
                (IpAddr::V6(network), IpAddr::V6(address)) => {
                    same_start(network.to_bits(), address.to_bits(), *prefix)
                }
                _ => false,
            })
    }
}

fn same_start(a: u128, b: u128, bits: u8) -> bool {
    bits == 0 || (a ^ b).checked_shr(128 - u32::from(bits)).unwrap_or(0) == 0
}

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn network(text: &str) -> Result<(IpAddr, u8), String> {
    let bad = || format!("{text:?} is not an address or a network such as 10.0.0.0/8");
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().map_err(|_| bad())?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Ok(longest), |prefix| prefix.parse().map_err(|_| bad()))?;
    if prefix > longest {
        Err(bad())
    } else {
        Ok((address, prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_addresses() {
        let proxies: TrustedProxies = "127.0.0.0/8, ::1/128,192.0.2.7,2001:db8::/32"
            .parse()
            .unwrap();
        for inside in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "192.0.2.7",
            "2001:db8:1::5",
        ] {
            assert!(proxies.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["128.0.0.1", "192.0.2.8", "::2", "2001:db9::1"] {
            assert!(!proxies.contains(outside.parse().unwrap()), "{outside}");
        }
        let everyone: TrustedProxies = "0.0.0.0/0".parse().unwrap();
        assert!(everyone.contains("8.8.8.8".parse().unwrap()));
        assert_eq!("".parse(), Ok(TrustedProxies::default()));
        for bad in ["10.0.0.0/33", "x", "10.0.0.0/", "::/129"] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
    }
}
