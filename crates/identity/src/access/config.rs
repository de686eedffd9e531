//! What the deployment says about its Access applications.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Country;
use crate::mfa::MfaSource;
use crate::transport::is_trustworthy_url;

/// Most clock skew that is forgiven, in seconds.
pub(crate) const MAX_LEEWAY_S: u32 = 60;

/// Which of the two Access applications an assertion must be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Application {
    /// The console itself.
    Console,
    /// The second application in front of `/step-up/*`, which asks for the factor anew.
    StepUp,
}

/// Trust in one Access organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessConfig {
    /// `https://<team>.cloudflareaccess.com`, exactly as in `iss`: no slash at the end.
    pub issuer: String,
    /// AUD tag of the console's application.
    pub audience: String,
    /// AUD tag of the step-up application; without one no step-up assertion is accepted.
    pub step_up_audience: Option<String>,
    /// `<issuer>/cdn-cgi/access/certs`.
    pub certs_url: String,
    /// `<issuer>/cdn-cgi/access/get-identity`; asked only where [`MfaSource::Amr`] is set
    /// and the token itself proves no second factor.
    pub identity_url: Option<String>,
    /// Forgiven clock skew in seconds, at most 60.
    pub leeway_s: u32,
    /// If set, people must come from one of these; a token without a country is refused.
    /// Service tokens carry no country and are not held to it.
    pub allowed_countries: Option<BTreeSet<Country>>,
    /// What proves the second factor for [`Application::Console`].
    pub mfa: MfaSource,
    /// What proves it for [`Application::StepUp`].
    pub step_up_mfa: MfaSource,
}

/// A configuration that can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not https (or http to loopback), or with user information.
    #[error("{0} must be an https URL")]
    Url(&'static str),
    /// `iss` has no slash at the end, so this would refuse everybody.
    #[error("the issuer must not end in a slash")]
    TrailingSlash,
    /// Empty, or the same for both applications, which would make every session a step-up.
    #[error("audiences must be set and differ")]
    Audience,
    /// Over 60 seconds.
    #[error("leeway must be at most 60 seconds")]
    Leeway,
    /// Nobody could come in.
    #[error("the list of allowed countries is empty")]
    NoCountry,
}

impl AccessConfig {
    /// The usual configuration of a team: URLs derived from the issuer, 30 s leeway, every
    /// country, second factor by the Access policies.
    #[must_use]
    pub fn for_issuer(issuer: &str, audience: &str, step_up_audience: Option<&str>) -> Self {
        let issuer = issuer.trim_end_matches('/');
        Self {
            certs_url: format!("{issuer}/cdn-cgi/access/certs"),
            identity_url: Some(format!("{issuer}/cdn-cgi/access/get-identity")),
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            step_up_audience: step_up_audience.map(str::to_owned),
            leeway_s: 30,
            allowed_countries: None,
            mfa: MfaSource::AccessPolicy,
            step_up_mfa: MfaSource::AccessPolicy,
        }
    }

    /// Checks everything a typing error could turn into a hole.
    ///
    /// # Errors
    /// The first [`ConfigError`].
    pub fn validate(&self) -> Result<(), ConfigError> {
        let urls = [
            ("issuer", Some(&self.issuer)),
            ("certs_url", Some(&self.certs_url)),
            ("identity_url", self.identity_url.as_ref()),
        ];
        for (name, url) in urls {
            if url.is_some_and(|url| !is_trustworthy_url(url)) {
                return Err(ConfigError::Url(name));
            }
        }
        if self.issuer.ends_with('/') {
            return Err(ConfigError::TrailingSlash);
        }
        let step_up = self.step_up_audience.as_deref();
        if self.audience.is_empty() || step_up.is_some_and(|a| a.is_empty() || a == self.audience) {
            return Err(ConfigError::Audience);
        }
        if self.leeway_s > MAX_LEEWAY_S {
            return Err(ConfigError::Leeway);
        }
        if self
            .allowed_countries
            .as_ref()
            .is_some_and(BTreeSet::is_empty)
        {
            return Err(ConfigError::NoCountry);
        }
        Ok(())
    }

    pub(crate) fn audience_of(&self, application: Application) -> Option<&str> {
        match application {
            Application::Console => Some(&self.audience),
            Application::StepUp => self.step_up_audience.as_deref(),
        }
    }

    pub(crate) fn mfa_of(&self, application: Application) -> MfaSource {
        match application {
            Application::Console => self.mfa,
            Application::StepUp => self.step_up_mfa,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AccessConfig, ConfigError};

    #[test]
    fn typing_errors_are_found() {
        let good = AccessConfig::for_issuer("https://t.cloudflareaccess.com/", "a", Some("b"));
        assert_eq!(good.validate(), Ok(()));
        let broken = |change: fn(&mut AccessConfig)| {
            let mut config = good.clone();
            change(&mut config);
            config.validate()
        };
        assert_eq!(
            broken(|c| c.issuer = "t".into()),
            Err(ConfigError::Url("issuer"))
        );
        assert_eq!(
            broken(|c| c.issuer.push('/')),
            Err(ConfigError::TrailingSlash)
        );
        assert_eq!(
            broken(|c| c.certs_url = "http://t.example/".into()),
            Err(ConfigError::Url("certs_url"))
        );
        assert_eq!(broken(|c| c.audience.clear()), Err(ConfigError::Audience));
        assert_eq!(
            broken(|c| c.step_up_audience = Some("a".into())),
            Err(ConfigError::Audience)
        );
        assert_eq!(broken(|c| c.leeway_s = 61), Err(ConfigError::Leeway));
        assert_eq!(
            broken(|c| c.allowed_countries = Some([].into())),
            Err(ConfigError::NoCountry)
        );
    }
}
