//! The loopback ports, and what to say when one is taken.

use anyhow::{Result, bail};
use serde::Serialize;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

/// One port per listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Ports {
    /// The Access proxy: the address a person opens.
    pub(crate) access: u16,
    /// The sandbox's Cloudflare API and faults page.
    pub(crate) api: u16,
    pub(crate) console: u16,
    pub(crate) gateway: u16,
    pub(crate) stable: u16,
    pub(crate) canary: u16,
    /// The traffic generator's control page.
    pub(crate) traffic: u16,
}

/// The flags that choose ports.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct PortArgs {
    /// First of the ports; the others follow it (+1, +10, +20, +31, +32, +40)
    #[arg(long, default_value_t = 7800, value_parser = clap::value_parser!(u16).range(1024..=65_000))]
    port_base: u16,
    /// The Access proxy, the address to open [default: base]
    #[arg(long, value_name = "PORT")]
    port_access: Option<u16>,
    /// The sandbox's Cloudflare API [default: base + 1]
    #[arg(long, value_name = "PORT")]
    port_api: Option<u16>,
    /// The console [default: base + 10]
    #[arg(long, value_name = "PORT")]
    port_console: Option<u16>,
    /// The gateway [default: base + 20]
    #[arg(long, value_name = "PORT")]
    port_gateway: Option<u16>,
    /// The stable origin [default: base + 31]
    #[arg(long, value_name = "PORT")]
    port_stable: Option<u16>,
    /// The canary origin [default: base + 32]
    #[arg(long, value_name = "PORT")]
    port_canary: Option<u16>,
    /// The traffic generator's control page [default: base + 40]
    #[arg(long, value_name = "PORT")]
    port_traffic: Option<u16>,
}

impl PortArgs {
    /// The ports these flags stand for.
    pub(crate) fn ports(&self) -> Ports {
        let at = |chosen: Option<u16>, offset: u16| chosen.unwrap_or(self.port_base + offset);
        Ports {
            access: at(self.port_access, 0),
            api: at(self.port_api, 1),
            console: at(self.port_console, 10),
            gateway: at(self.port_gateway, 20),
            stable: at(self.port_stable, 31),
            canary: at(self.port_canary, 32),
            traffic: at(self.port_traffic, 40),
        }
    }
}

impl Ports {
    /// Ports nobody listens on at this moment, chosen by the operating system.
    ///
    /// # Errors
    /// When loopback cannot be bound at all.
    pub(crate) fn free() -> Result<Self> {
        // All are held until the last is known, so that they differ.
        let held = (0..7)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<Result<Vec<_>, _>>()?;
        let mut ports = Vec::with_capacity(held.len());
        for listener in &held {
            ports.push(listener.local_addr()?.port());
        }
        let [access, api, console, gateway, stable, canary, traffic] = ports[..] else {
            bail!("seven listeners give seven ports");
        };
        Ok(Self {
            access,
            api,
            console,
            gateway,
            stable,
            canary,
            traffic,
        })
    }

    /// Every port with the word used for it in flags.
    fn named(&self) -> [(&'static str, u16); 7] {
        [
            ("access", self.access),
            ("api", self.api),
            ("console", self.console),
            ("gateway", self.gateway),
            ("stable", self.stable),
            ("canary", self.canary),
            ("traffic", self.traffic),
        ]
    }

    /// Checks that all ports differ and nobody listens on them.
    ///
    /// # Errors
    /// Names the port, who has it when that can be found out, and the flag to change it.
    pub(crate) fn check_free(&self) -> Result<()> {
        let named = self.named();
        for (index, (name, port)) in named.iter().enumerate() {
            if let Some((other, _)) = named[..index].iter().find(|(_, taken)| taken == port) {
                bail!("port {port} is chosen twice, for {other} and for {name}");
            }
            match TcpListener::bind((Ipv4Addr::LOCALHOST, *port)) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::AddrInUse => {
                    let holder = holder(*port).map_or_else(String::new, |who| format!(" by {who}"));
                    bail!(
                        "port {port} ({name}) is taken{holder}. Stop it, or choose another port \
                         with --port-{name} <PORT>, or move all of them with --port-base <PORT>."
                    );
                }
                Err(error) => bail!("port {port} ({name}) cannot be used: {error}"),
            }
        }
        Ok(())
    }
}

/// The process that listens on a port, as `name (process 123)`; Linux only.
fn holder(port: u16) -> Option<String> {
    let inode = listening_inode(port)?;
    let wanted = format!("socket:[{inode}]");
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let Ok(descriptors) = std::fs::read_dir(entry.path().join("fd")) else {
            continue;
        };
        let holds = descriptors
            .flatten()
            .filter_map(|file| std::fs::read_link(file.path()).ok())
            .any(|link| link.to_string_lossy() == wanted);
        if holds {
            let name = std::fs::read_to_string(entry.path().join("comm")).ok()?;
            return Some(format!("{} (process {pid})", name.trim()));
        }
    }
    None
}

/// The socket inode of a listener, from `/proc/net/tcp` and `tcp6` (format: proc(5)).
fn listening_inode(port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let text: String = tables
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect();
    let suffix = format!(":{port:04X}");
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields.get(1)?.ends_with(&suffix) && *fields.get(3)? == LISTEN;
        listens.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
}

#[cfg(test)]
mod tests {
    use super::Ports;
    use std::net::TcpListener;

    #[test]
    fn free_ports_are_free_and_differ() {
        Ports::free().unwrap().check_free().unwrap();
    }

    #[test]
    fn a_taken_port_is_named_with_its_flag_and_its_holder() {
        let mut ports = Ports::free().unwrap();
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        ports.gateway = taken.local_addr().unwrap().port();
        let message = ports.check_free().unwrap_err().to_string();
        assert!(
            message.contains(&format!("port {} (gateway)", ports.gateway)),
            "{message}"
        );
        assert!(message.contains("--port-gateway"), "{message}");
        if cfg!(target_os = "linux") {
            assert!(
                message.contains(&format!("process {}", std::process::id())),
                "{message}"
            );
        }
    }

    #[test]
    fn the_same_port_twice_is_refused() {
        let mut ports = Ports::free().unwrap();
        ports.canary = ports.stable;
        let message = ports.check_free().unwrap_err().to_string();
        assert!(message.contains("chosen twice"), "{message}");
    }
}
