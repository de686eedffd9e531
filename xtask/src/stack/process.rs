//! One child process: its log, its health, its end.

use crate::ui;
use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

const HEALTH_DEADLINE: Duration = Duration::from_secs(120);
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(25);

/// What to start and how to know that it works.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// Unique in a stack; also names the log.
    pub(crate) name: &'static str,
    pub(crate) binary: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// `(port, path)` that answers below 400 once the program is ready.
    pub(crate) health: (u16, &'static str),
}

impl Program {
    /// The program as a command, without the environment of whoever called us in the names
    /// this project uses: what a stack runs with is decided by its settings alone.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("NEXUS_") || text.starts_with("CLOUDFLARE_") {
                command.env_remove(&name);
            }
        }
        command
            .args(&self.arguments)
            .envs(self.environment.iter().cloned());
        command
    }
}

/// A started program; it is killed with its whole process group when dropped.
pub(crate) struct Process {
    program: Program,
    child: Child,
    log: PathBuf,
    log_start: u64,
    end_reported: bool,
}

impl Process {
    /// Starts a program with its output appended to `<logs>/<name>.log`.
    ///
    /// # Errors
    /// When the log or the program cannot be opened.
    pub(crate) fn start(program: Program, logs: &Path) -> Result<Self> {
        std::fs::create_dir_all(logs)?;
        let log = logs.join(format!("{}.log", program.name));
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("opening {}", log.display()))?;
        let log_start = file.metadata()?.len();
        let child = spawn(&program, file)?;
        Ok(Self {
            program,
            child,
            log,
            log_start,
            end_reported: false,
        })
    }

    /// Stops the process and starts its program anew, with the same log.
    ///
    /// # Errors
    /// As [`Process::start`].
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.stop();
        self.again()
    }

    /// Kills the process without a warning and starts its program anew.
    ///
    /// # Errors
    /// As [`Process::start`].
    pub(crate) fn crash(&mut self) -> Result<()> {
        self.kill();
        self.again()
    }

    fn again(&mut self) -> Result<()> {
        let file = OpenOptions::new().append(true).open(&self.log)?;
        self.log_start = file.metadata()?.len();
        self.child = spawn(&self.program, file)?;
        self.end_reported = false;
        Ok(())
    }

    pub(crate) fn name(&self) -> &'static str {
        self.program.name
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the health path answers.
    ///
    /// # Errors
    /// When the process ends, `give_up` becomes true, or the deadline passes; with the last
    /// lines of the log.
    pub(crate) fn wait_healthy(&mut self, give_up: impl Fn() -> bool) -> Result<()> {
        let (port, path) = self.program.health;
        let deadline = ui::now() + HEALTH_DEADLINE;
        loop {
            if super::http::Ask::get(port, path)
                .send()
                .is_ok_and(|answer| answer.status < 400)
            {
                return Ok(());
            }
            if let Some(status) = self.ended() {
                bail!("{}", self.obituary(status));
            }
            if give_up() {
                bail!("interrupted");
            }
            if ui::now() > deadline {
                bail!(
                    "{} did not answer on http://127.0.0.1:{port}{path} within {}\n{}",
                    self.name(),
                    ui::seconds(HEALTH_DEADLINE),
                    self.last_words()
                );
            }
            std::thread::sleep(POLL);
        }
    }

    /// How the process ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// As [`Process::ended`], but only once per end.
    pub(crate) fn newly_ended(&mut self) -> Option<ExitStatus> {
        let status = self.ended().filter(|_| !self.end_reported)?;
        self.end_reported = true;
        Some(status)
    }

    /// A report on an unexpected end.
    pub(crate) fn obituary(&self, status: ExitStatus) -> String {
        format!(
            "{} ended unexpectedly with {status}\n{}",
            self.name(),
            self.last_words()
        )
    }

    /// Asks the process group to end, and kills it when it does not within the grace.
    pub(crate) fn stop(&mut self) {
        self.signal(Signal::SIGTERM);
        let deadline = ui::now() + GRACE;
        while self.ended().is_none() && ui::now() < deadline {
            std::thread::sleep(POLL);
        }
        self.kill();
    }

    fn kill(&mut self) {
        // Also when the leader has ended: its children may live on in the group.
        self.signal(Signal::SIGKILL);
        let _ = self.child.wait();
    }

    fn signal(&self, signal: Signal) {
        if let Ok(group) = i32::try_from(self.child.id()) {
            // The only error is "no such group", which is what we want in the end.
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }

    /// The end of what this start of the program wrote, from a panic's own words on where
    /// there is one: its backtrace would push them out of sight.
    fn last_words(&self) -> String {
        const LINES: usize = 15;
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let start = usize::try_from(self.log_start)
            .unwrap_or(0)
            .min(bytes.len());
        let text = String::from_utf8_lossy(&bytes[start..]);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.len().saturating_sub(LINES);
        let panic = lines
            .iter()
            .rposition(|line| line.contains(" panicked at "));
        let first = panic.unwrap_or(tail).min(tail);
        let shown: Vec<&str> = lines.into_iter().skip(first).take(LINES).collect();
        format!(
            "  last lines of {}:\n    {}",
            self.log.display(),
            shown.join("\n    ")
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts the program as leader of a process group of its own, so that Ctrl-C in the
/// terminal reaches only us and the children are stopped in order.
fn spawn(program: &Program, log: File) -> Result<Child> {
    let errors = log.try_clone()?;
    program
        .command()
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .with_context(|| {
            format!(
                "could not start {} ({})",
                program.name,
                program.binary.display()
            )
        })
}

#[cfg(test)]
mod tests {
    use super::{Process, Program};
    use std::path::PathBuf;

    fn shell(name: &'static str, script: &str) -> Program {
        Program {
            name,
            binary: PathBuf::from("/bin/sh"),
            arguments: vec!["-c".into(), script.into()],
            environment: vec![("NEXUS_TEST_WORD", "hello".into())],
            health: (1, "/"),
        }
    }

    fn logs(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("nexus-process-{name}-{}", std::process::id()))
    }

    #[test]
    fn an_early_end_is_reported_with_the_last_words() {
        let folder = logs("end");
        let program = shell("speaker", "echo $NEXUS_TEST_WORD; exit 7");
        let mut process = Process::start(program, &folder).unwrap();
        let message = process.wait_healthy(|| false).unwrap_err().to_string();
        assert!(message.contains("speaker ended unexpectedly"), "{message}");
        assert!(
            message.contains("exit status: 7") && message.contains("hello"),
            "{message}"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn stopping_takes_the_whole_group_along() {
        let folder = logs("group");
        let mut process =
            Process::start(shell("parent", "sleep 600 & echo $!; wait"), &folder).unwrap();
        let log = folder.join("parent.log");
        let grandchild = loop {
            let text = std::fs::read_to_string(&log).unwrap();
            if let Ok(pid) = text.trim().parse::<u32>() {
                break pid;
            }
            std::thread::yield_now();
        };
        process.stop();
        // The signal is sent; dying takes the kernel a moment.
        let mut looks = 0..1_000;
        while !is_gone(grandchild) && looks.next().is_some() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert!(is_gone(grandchild));
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// Whether it has ended, be it that nobody has reaped it yet (state Z).
    fn is_gone(pid: u32) -> bool {
        std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .map_or(true, |stat| stat.contains(") Z ") || stat.contains(") X "))
    }
}
