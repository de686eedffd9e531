//! A running stack: started in the order of who needs whom, stopped in the reverse.

use super::{Interrupt, Process, Program, Settings, credentials, programs};
use crate::ui;
use anyhow::{Context as _, Result};
use std::time::Duration;

/// All processes, in the order they were started.
pub(crate) struct Stack {
    settings: Settings,
    processes: Vec<Process>,
}

/// Why [`Stack::watch`] returned.
pub(crate) enum Ending {
    /// The user or our parent asked for it.
    Interrupted,
    /// A process ended by itself; the report says which, how, and its last words.
    Died(String),
}

impl Stack {
    /// Starts everything and waits for each part's health.
    ///
    /// # Errors
    /// When a port is taken or a part does not come up; what was started is stopped again.
    pub(crate) fn start(settings: Settings, interrupt: &Interrupt) -> Result<Self> {
        settings.ports.check_free()?;
        std::fs::create_dir_all(&settings.data)?;
        let mut stack = Self {
            settings,
            processes: Vec::new(),
        };
        match stack.start_all(interrupt) {
            Ok(()) => Ok(stack),
            Err(error) => {
                stack.stop();
                Err(error)
            }
        }
    }

    fn start_all(&mut self, interrupt: &Interrupt) -> Result<()> {
        let settings = self.settings.clone();
        self.launch(
            vec![programs::sandbox(&settings), programs::origins(&settings)],
            interrupt,
        )?;
        self.launch(vec![programs::console(&settings)], interrupt)?;
        let step = ui::step("members, snapshot key and ingest token");
        let credentials = credentials::obtain(&settings)?;
        step.done();
        self.launch(vec![programs::gateway(&settings, &credentials)], interrupt)?;
        self.launch(vec![programs::traffic(&settings)], interrupt)
    }

    /// Starts programs that do not need one another and waits for all.
    fn launch(&mut self, programs: Vec<Program>, interrupt: &Interrupt) -> Result<()> {
        let names: Vec<&str> = programs.iter().map(|program| program.name).collect();
        let step = ui::step(format!("start {}", names.join(", ")));
        let logs = self.settings.data.join("logs");
        let first = self.processes.len();
        for program in programs {
            self.processes.push(Process::start(program, &logs)?);
        }
        for process in &mut self.processes[first..] {
            process.wait_healthy(|| interrupt.is_set())?;
        }
        step.done();
        Ok(())
    }

    /// Waits for an interrupt or the end of a process.
    pub(crate) fn watch(&mut self, interrupt: &Interrupt) -> Ending {
        loop {
            if interrupt.is_set() {
                return Ending::Interrupted;
            }
            if let Some(report) = self.death() {
                return Ending::Died(report);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// A report on a process found ended since the last call.
    pub(crate) fn death(&mut self) -> Option<String> {
        self.processes.iter_mut().find_map(|process| {
            let status = process.newly_ended()?;
            Some(process.obituary(status))
        })
    }

    /// Whether a process of that name has ended.
    pub(crate) fn is_down(&mut self, name: &str) -> bool {
        self.processes
            .iter_mut()
            .any(|it| it.name() == name && it.ended().is_some())
    }

    /// Whether the stack runs a program of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.processes.iter().any(|process| process.name() == name)
    }

    /// Stops everything, last started first: so the gateway can still hand its last events
    /// to the console, and the console its last call to the sandbox.
    pub(crate) fn stop(&mut self) {
        while let Some(mut process) = self.processes.pop() {
            process.stop();
        }
    }

    /// Stops one process and starts it again from the same settings (after a rebuild).
    ///
    /// # Errors
    /// When there is none of that name, or it does not come up again.
    pub(crate) fn restart(&mut self, name: &str, interrupt: &Interrupt) -> Result<()> {
        let process = self.process(name)?;
        process.restart()?;
        process.wait_healthy(|| interrupt.is_set())
    }

    /// Kills one process without a warning and starts it again.
    ///
    /// # Errors
    /// As [`Stack::restart`].
    pub(crate) fn crash(&mut self, name: &str, interrupt: &Interrupt) -> Result<()> {
        let process = self.process(name)?;
        process.crash()?;
        process.wait_healthy(|| interrupt.is_set())
    }

    fn process(&mut self, name: &str) -> Result<&mut Process> {
        let mut processes = self.processes.iter_mut();
        processes
            .find(|process| process.name() == name)
            .with_context(|| format!("the stack has no process {name:?}"))
    }

    /// The settings it runs with.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Process ids by name.
    pub(crate) fn ids(&self) -> Vec<(&'static str, u32)> {
        self.processes
            .iter()
            .map(|process| (process.name(), process.id()))
            .collect()
    }
}
