//! What every page knows about the visit it is rendered for.

use std::sync::Arc;

use http::HeaderMap;
use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::{Actor, Principal};
use nexus_web::cookie;

use crate::host::{AssetManifest, Live};
use crate::lang::{Lang, Words, fill};
use crate::text::audit::AuditWord;
use crate::zone::Zone;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == text)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    #[default]
    Regular,
    Compact,
}

impl Density {
    pub const ALL: [Self; 2] = [Self::Regular, Self::Compact];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Compact => "compact",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == text)
    }
}

/// The context of one page view.
#[derive(Clone, Debug)]
pub struct Cx {
    pub lang: Lang,
    pub theme: Theme,
    pub density: Density,
    /// In which times are shown.
    pub zone: Zone,
    /// Chosen, or told by the device; otherwise it is UTC until the client has told it.
    pub zone_is_known: bool,
    pub now_ms: i64,
    pub nonce: String,
    pub request_id: String,
    /// Path of this page, without the query.
    pub path: String,
    /// Query as it came, without `?`; empty when there is none.
    pub query: String,
    pub environment: Environment,
    /// None on the signed-out pages.
    pub actor: Option<Arc<Actor>>,
    pub assets: Arc<AssetManifest>,
    pub live: Live,
    /// On a Mac, where shortcuts are named by ⌘.
    pub mac: bool,
}

impl Cx {
    /// The text in the visitor's language.
    #[must_use]
    pub fn t(&self, words: impl Words) -> &'static str {
        words.text(self.lang)
    }

    /// The text with its numbered places filled.
    #[must_use]
    pub fn f(&self, words: impl Words, values: &[&str]) -> String {
        fill(words.text(self.lang), values)
    }

    /// For what is said outside any page, as by the command line: English, times in UTC.
    #[must_use]
    pub fn outside_pages() -> Self {
        Self {
            lang: Lang::En,
            theme: Theme::System,
            density: Density::Regular,
            zone: Zone::UTC,
            zone_is_known: true,
            now_ms: 0,
            nonce: String::new(),
            request_id: String::new(),
            path: "/".to_owned(),
            query: String::new(),
            environment: Environment::Production,
            actor: None,
            assets: Arc::default(),
            live: Live::default(),
            mac: false,
        }
    }

    /// Takes language, theme, density and time zone from query and cookies.
    pub fn with_preferences(mut self, headers: &HeaderMap) -> Self {
        let asked = url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == "lang")
            .map(|(_, value)| value.into_owned());
        self.lang = Lang::choose(asked.as_deref(), cookie(headers, "lang"), headers);
        self.theme = cookie(headers, "theme")
            .and_then(Theme::parse)
            .unwrap_or_default();
        self.density = cookie(headers, "density")
            .and_then(Density::parse)
            .unwrap_or_default();
        self.mac = headers
            .get(http::header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok())
            .is_some_and(|agent| agent.contains("Mac OS"));
        // The chosen one, or the device's as the client told it.
        let zone = ["tz", "device-tz"]
            .into_iter()
            .find_map(|name| cookie(headers, name).and_then(Zone::parse));
        self.zone_is_known = zone.is_some();
        self.zone = zone.unwrap_or(Zone::UTC);
        self
    }

    /// Whether a control for the action is worth showing as usable. The use
    /// case decides again; this only spares people a click that fails.
    #[must_use]
    pub fn may(&self, action: Action, environment: Option<Environment>) -> bool {
        self.actor
            .as_deref()
            .is_some_and(|actor| nexus_control::authority::may(actor, action, environment))
    }

    /// Address or name of who is signed in.
    #[must_use]
    pub fn who(&self) -> &str {
        self.actor.as_deref().map_or("", |a| a.principal.label())
    }

    /// Whoever did something, by the label that was stored: the console's own in the visitor's
    /// language.
    #[must_use]
    pub fn named<'a>(&self, label: &'a str) -> &'a str {
        match label {
            "command line" => self.t(AuditWord::ActorCommandLine),
            label => label,
        }
    }

    /// Member id of the person signed in.
    #[must_use]
    pub fn member_id(&self) -> Option<&str> {
        match &self.actor.as_deref()?.principal {
            Principal::Person { member, .. } | Principal::Machine { member, .. } => {
                Some(member.as_str())
            }
            _ => None,
        }
    }

    /// Path and query of this page, for forms that come back to it; of the page
    /// before where this one only answers a POST.
    #[must_use]
    pub fn here(&self) -> String {
        if self.path == "/audit/verify" {
            return "/audit".to_owned();
        }
        if self.path.starts_with("/confirm/") {
            return "/".to_owned();
        }
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}
