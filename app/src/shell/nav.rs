//! Where everything is. Every system of the product has its place in the
//! navigation from the start; what does not work yet is not shown.

use nexus_domain::access::Action;

use crate::cx::Cx;
use crate::text::shell::Shell;
use crate::ui::Icon;

/// The product's systems in the order of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Overview,
    Dashboards,
    Slos,
    Alerts,
    AuditLog,
    Experiments,
    Calculator,
    Flags,
    SavedGroups,
    Holdouts,
    Rollouts,
    Deployments,
    ChangeRequests,
    Cache,
    LlmRouting,
    Infrastructure,
    Access,
    TrafficPolicy,
    Secrets,
    Environments,
    Members,
    SdkKeys,
    Tokens,
    Appearance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Without a heading, at the top.
    Home,
    Observe,
    Release,
    Edge,
    Protect,
    Settings,
}

/// A navigation entry that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub path: &'static str,
    pub name: Shell,
    pub mark: Icon,
    /// Needed to see it.
    pub action: Option<Action>,
}

impl System {
    pub const ALL: [Self; 24] = [
        Self::Overview,
        Self::Experiments,
        Self::Flags,
        Self::SavedGroups,
        Self::Holdouts,
        Self::Calculator,
        Self::Rollouts,
        Self::Deployments,
        Self::ChangeRequests,
        Self::Cache,
        Self::LlmRouting,
        Self::Infrastructure,
        Self::Dashboards,
        Self::Slos,
        Self::Alerts,
        Self::AuditLog,
        Self::Access,
        Self::TrafficPolicy,
        Self::Secrets,
        Self::Environments,
        Self::Members,
        Self::SdkKeys,
        Self::Tokens,
        Self::Appearance,
    ];

    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::Overview => Group::Home,
            Self::Experiments
            | Self::Calculator
            | Self::Flags
            | Self::SavedGroups
            | Self::Holdouts
            | Self::Rollouts
            | Self::Deployments
            | Self::ChangeRequests => Group::Release,
            Self::Cache | Self::LlmRouting | Self::Infrastructure => Group::Edge,
            Self::Dashboards | Self::Slos | Self::Alerts | Self::AuditLog => Group::Observe,
            Self::Access | Self::TrafficPolicy | Self::Secrets => Group::Protect,
            Self::Environments
            | Self::Members
            | Self::SdkKeys
            | Self::Tokens
            | Self::Appearance => Group::Settings,
        }
    }

    /// The entry, once the system works.
    #[must_use]
    pub const fn place(self) -> Option<Place> {
        let place = match self {
            Self::Overview => Place::OVERVIEW,
            Self::Experiments => Place::EXPERIMENTS,
            Self::Flags => Place::FLAGS,
            Self::SavedGroups => Place::SAVED_GROUPS,
            Self::Holdouts => Place::HOLDOUTS,
            Self::Calculator => Place::CALCULATOR,
            Self::AuditLog => Place::AUDIT,
            Self::Environments => Place::ENVIRONMENTS,
            Self::Members => Place::MEMBERS,
            Self::SdkKeys => Place::SDK_KEYS,
            Self::Tokens => Place::TOKENS,
            Self::Appearance => Place::APPEARANCE,
            Self::Rollouts
            | Self::Deployments
            | Self::ChangeRequests
            | Self::Cache
            | Self::LlmRouting
            | Self::Infrastructure
            | Self::Dashboards
            | Self::Slos
            | Self::Alerts
            | Self::Access
            | Self::TrafficPolicy
            | Self::Secrets => return None,
        };
        Some(place)
    }
}

impl Group {
    pub const ALL: [Self; 6] = [
        Self::Home,
        Self::Release,
        Self::Edge,
        Self::Observe,
        Self::Protect,
        Self::Settings,
    ];

    #[must_use]
    pub const fn name(self) -> Option<Shell> {
        match self {
            Self::Home => None,
            Self::Observe => Some(Shell::GroupObserve),
            Self::Release => Some(Shell::GroupRelease),
            Self::Edge => Some(Shell::GroupEdge),
            Self::Protect => Some(Shell::GroupProtect),
            Self::Settings => Some(Shell::GroupSettings),
        }
    }

    /// Entries of the group that this visitor may see.
    #[must_use]
    pub fn places(self, cx: &Cx) -> Vec<Place> {
        System::ALL
            .into_iter()
            .filter(|system| system.group() == self)
            .filter_map(System::place)
            .filter(|place| place.action.is_none_or(|action| cx.may(action, None)))
            .collect()
    }
}

impl Place {
    pub const OVERVIEW: Self = Self {
        path: "/",
        name: Shell::Overview,
        mark: Icon::Overview,
        action: None,
    };
    pub const EXPERIMENTS: Self = Self {
        path: "/experiments",
        name: Shell::Experiments,
        mark: Icon::Experiment,
        action: None,
    };
    pub const FLAGS: Self = Self {
        path: "/flags",
        name: Shell::Flags,
        mark: Icon::Flag,
        action: None,
    };
    pub const SAVED_GROUPS: Self = Self {
        path: "/saved-groups",
        name: Shell::SavedGroups,
        mark: Icon::Members,
        action: None,
    };
    pub const HOLDOUTS: Self = Self {
        path: "/holdouts",
        name: Shell::Holdouts,
        mark: Icon::Shield,
        action: None,
    };
    pub const CALCULATOR: Self = Self {
        path: "/calculator",
        name: Shell::Calculator,
        mark: Icon::Calculator,
        action: None,
    };
    pub const AUDIT: Self = Self {
        path: "/audit",
        name: Shell::Audit,
        mark: Icon::Audit,
        action: Some(Action::ViewAudit),
    };
    pub const ENVIRONMENTS: Self = Self {
        path: "/settings/environments",
        name: Shell::Environments,
        mark: Icon::Check,
        action: None,
    };
    pub const MEMBERS: Self = Self {
        path: "/settings/members",
        name: Shell::Members,
        mark: Icon::Members,
        action: Some(Action::ViewMembers),
    };
    pub const SDK_KEYS: Self = Self {
        path: "/settings/sdk-keys",
        name: Shell::SdkKeys,
        mark: Icon::Terminal,
        action: Some(Action::ViewSdkKeys),
    };
    pub const TOKENS: Self = Self {
        path: "/settings/tokens",
        name: Shell::Tokens,
        mark: Icon::Key,
        action: Some(Action::ViewTokens),
    };
    pub const APPEARANCE: Self = Self {
        path: "/settings/appearance",
        name: Shell::Appearance,
        mark: Icon::Sliders,
        action: None,
    };
}
