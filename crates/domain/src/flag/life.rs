//! On, off, and out of use.

use super::Flag;
use crate::access::Action;

/// What can happen to a flag besides an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagCommand {
    /// The rules count.
    Enable,
    /// The kill switch: everybody gets the off value.
    Disable,
    /// Out of use; gateways forget it.
    Archive,
    /// Back in use, switched off: nobody is surprised.
    Unarchive,
}

/// Whatever else is asked of an archived flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the flag is archived")]
pub struct FlagArchived;

impl FlagCommand {
    pub const ALL: [Self; 4] = [Self::Enable, Self::Disable, Self::Archive, Self::Unarchive];

    /// Name in the API, the CLI and, after `flag.`, in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }

    /// What the caller must be allowed to do.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Enable | Self::Disable => Action::SwitchFlag,
            Self::Archive | Self::Unarchive => Action::ArchiveFlag,
        }
    }
}

impl Flag {
    /// The flag after a command; none when it is so already.
    ///
    /// # Errors
    /// [`FlagArchived`] when an archived flag is to be switched.
    pub fn after(
        &self,
        command: FlagCommand,
        by: &str,
        now_ms: i64,
    ) -> Result<Option<Self>, FlagArchived> {
        let switches = command.action() == Action::SwitchFlag;
        if self.archived && switches {
            return Err(FlagArchived);
        }
        let (enabled, archived) = match command {
            FlagCommand::Enable => (true, false),
            FlagCommand::Disable => (false, false),
            FlagCommand::Archive => (false, true),
            FlagCommand::Unarchive if self.archived => (false, false),
            FlagCommand::Unarchive => return Ok(None),
        };
        if (self.enabled, self.archived) == (enabled, archived) {
            return Ok(None);
        }
        Ok(Some(Self {
            enabled,
            archived,
            version: self.version + 1,
            updated_ms: now_ms,
            updated_by: by.to_owned(),
            ..self.clone()
        }))
    }
}
