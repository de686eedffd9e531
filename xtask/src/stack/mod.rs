//! The whole system as processes on loopback: started in order, watched, stopped together.
//! `up`, `dev`, `measure` and the browser tests (through `cargo xtask stack`) share it.

mod command;
mod credentials;
pub(crate) mod http;
mod interrupt;
mod ports;
mod process;
mod programs;
mod running;

pub(crate) use command::{Args, run, scratch};
pub(crate) use interrupt::Interrupt;
pub(crate) use ports::{PortArgs, Ports};
pub(crate) use process::{Process, Program};
pub(crate) use programs::{console_command, local};
pub(crate) use running::{Ending, Stack};

use crate::workspace::Profile;
use std::path::PathBuf;

/// How a stack is run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Which build of the binaries.
    pub(crate) profile: Profile,
    /// Everything the processes write: databases, keys, `logs/`.
    pub(crate) data: PathBuf,
    pub(crate) ports: Ports,
    /// Synthetic requests per second to the gateway; the generator's page changes them.
    pub(crate) traffic_per_s: u32,
    /// The member who may do everything from the first moment.
    pub(crate) owner_email: String,
}

/// One of the sandbox's demo identities, made owner by the demo's configuration.
pub(crate) const DEMO_OWNER: &str = "owner@demo.nexus";
