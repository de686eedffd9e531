//! Who acts, and how they proved who they are.

use serde::{Deserialize, Serialize};

use crate::access::{Grant, Scope};
use crate::ids::{MemberId, TokenId};

/// How the actor signed in; recorded with every audit entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// Cloudflare Access assertion with proof of a second factor.
    AccessMfa,
    /// OpenID Connect session whose login had a second factor.
    OidcMfa,
    ServiceToken,
    ApiToken,
    /// A command on the server's own machine.
    Cli,
    /// A controller of the console itself.
    System,
}

impl SignIn {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessMfa => "access_mfa",
            Self::OidcMfa => "oidc_mfa",
            Self::ServiceToken => "service_token",
            Self::ApiToken => "api_token",
            Self::Cli => "cli",
            Self::System => "system",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Principal {
    /// A person with an active membership.
    Person { member: MemberId, email: String },
    /// A service token mapped to a machine member. It never approves.
    Machine { member: MemberId, name: String },
    Token {
        token: TokenId,
        name: String,
        scopes: Vec<Scope>,
    },
    /// The command line on the server.
    Cli { user: String },
    /// A controller, by name (`guardrail`, `publisher`, `schedule`).
    System { controller: String },
}

impl Principal {
    /// What the audit log and the pages show.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Person { email, .. } => email,
            Self::Machine { name, .. } | Self::Token { name, .. } => name,
            Self::Cli { user } => user,
            Self::System { controller } => controller,
        }
    }

    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Person { .. } => "person",
            Self::Machine { .. } => "machine",
            Self::Token { .. } => "token",
            Self::Cli { .. } => "cli",
            Self::System { .. } => "system",
        }
    }
}

/// An authenticated caller within one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub principal: Principal,
    pub grants: Vec<Grant>,
    pub sign_in: SignIn,
    /// Set when this request carries a fresh second factor for one action.
    pub step_up: Option<StepUp>,
    pub request_id: String,
}

/// Proof of a fresh second factor, valid for one action only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepUp {
    pub action_digest: String,
    pub at_ms: i64,
}

impl Actor {
    /// A controller of the console acting by itself.
    #[must_use]
    pub fn system(controller: &str, request_id: String) -> Self {
        Self {
            principal: Principal::System {
                controller: controller.to_owned(),
            },
            grants: Vec::new(),
            sign_in: SignIn::System,
            step_up: None,
            request_id,
        }
    }

    /// The command line: whoever can run it on the server owns the database.
    #[must_use]
    pub fn cli(user: &str, request_id: String) -> Self {
        Self {
            principal: Principal::Cli {
                user: user.to_owned(),
            },
            grants: Vec::new(),
            sign_in: SignIn::Cli,
            step_up: None,
            request_id,
        }
    }
}
