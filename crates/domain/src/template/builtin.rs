//! Templates that teach: what experienced people set for the usual questions. Their words are
//! the pages' to say, in the reader's language.

use nexus_flags::BASIS_POINTS;
use serde_json::{Value, json};

use super::{TemplateContent, TemplateKind};
use crate::Environment;
use crate::experiment::{
    Better, CoverageStep, Draft, MaxLatency, Metric, MetricKind, MetricRole, Safeguards,
};
use crate::flag::{FlagDraft, FlagKind, Rule};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// An A/B test of a conversion.
    Conversion,
    /// New code for a growing share, stopped by itself when it hurts.
    GuardedRollout,
    /// Prices, judged by revenue as well.
    Price,
    /// Two models or prompts, with their cost and their answer's time.
    Models,
    /// What many launches together do: measured long after each.
    LongTerm,
    /// A switch for code that is not ready for everybody.
    Release,
    /// A switch that stays, to turn something off at night.
    KillSwitch,
    /// A switch for a growing share.
    Gradual,
    /// Settings as JSON, kept to a schema.
    RemoteConfig,
}

impl Builtin {
    pub const ALL: [Self; 9] = [
        Self::Conversion,
        Self::GuardedRollout,
        Self::Price,
        Self::Models,
        Self::LongTerm,
        Self::Release,
        Self::KillSwitch,
        Self::Gradual,
        Self::RemoteConfig,
    ];

    /// Its name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conversion => "conversion",
            Self::GuardedRollout => "guarded-rollout",
            Self::Price => "price",
            Self::Models => "models",
            Self::LongTerm => "long-term",
            Self::Release => "release",
            Self::KillSwitch => "kill-switch",
            Self::Gradual => "gradual",
            Self::RemoteConfig => "remote-config",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    #[must_use]
    pub const fn kind(self) -> TemplateKind {
        match self {
            Self::Conversion
            | Self::GuardedRollout
            | Self::Price
            | Self::Models
            | Self::LongTerm => TemplateKind::Experiment,
            Self::Release | Self::KillSwitch | Self::Gradual | Self::RemoteConfig => {
                TemplateKind::Flag
            }
        }
    }

    /// The draft, without name, id and words.
    #[must_use]
    pub fn content(self, environment: Environment) -> TemplateContent {
        let experiment = |draft: Draft| TemplateContent::Experiment(Box::new(draft));
        let flag = |draft: FlagDraft| TemplateContent::Flag(Box::new(draft));
        match self {
            Self::Conversion => experiment(conversion(environment)),
            Self::GuardedRollout => experiment(guarded(environment)),
            Self::Price => experiment(price(environment)),
            Self::Models => experiment(models(environment)),
            Self::LongTerm => experiment(long_term(environment)),
            Self::Release => flag(FlagDraft {
                rules: vec![Rule::for_everybody(true.into())],
                ..FlagDraft::starter(environment)
            }),
            Self::KillSwitch => flag(FlagDraft {
                value: false.into(),
                permanent: true,
                rules: vec![Rule::for_everybody(true.into())],
                ..FlagDraft::starter(environment)
            }),
            Self::Gradual => flag(FlagDraft {
                rules: vec![Rule {
                    coverage_bp: 500,
                    ..Rule::for_everybody(true.into())
                }],
                ..FlagDraft::starter(environment)
            }),
            Self::RemoteConfig => flag(remote_config(environment)),
        }
    }
}

fn conversion(environment: Environment) -> Draft {
    let visits = Metric {
        key: "add-to-cart".to_owned(),
        ..Metric::default()
    };
    Draft {
        goal: "purchase".to_owned(),
        metrics: vec![visits],
        guardrail: Safeguards {
            stop_on_split: true,
            ..Safeguards::default()
        },
        ..Draft::starter(environment)
    }
}

fn guarded(environment: Environment) -> Draft {
    let step = |coverage_bp, minutes| CoverageStep {
        coverage_bp,
        minutes,
    };
    Draft {
        ramp: vec![step(500, 60), step(2_000, 24 * 60), step(5_000, 24 * 60)],
        guardrail: Safeguards {
            max_error_rate_bp: 200,
            max_latency: Some(MaxLatency {
                limit_ms: 2_000,
                share_bp: 500,
            }),
            stop_on_split: true,
            ..Safeguards::default()
        },
        ..Draft::starter(environment)
    }
}

fn price(environment: Environment) -> Draft {
    let mut draft = Draft {
        goal: "purchase".to_owned(),
        metrics: vec![
            Metric {
                key: "revenue".to_owned(),
                event: "purchase".to_owned(),
                kind: MetricKind::Mean { cap: Some(1_000.0) },
                ..Metric::default()
            },
            guard("refund", MetricKind::Proportion, 1_000),
        ],
        ..Draft::starter(environment)
    };
    features(&mut draft, "price", &[json!(10), json!(12)]);
    draft
}

fn models(environment: Environment) -> Draft {
    let mut draft = Draft {
        goal: "answer-accepted".to_owned(),
        metrics: vec![
            guard("cost", MetricKind::Mean { cap: None }, 1_000),
            guard(
                "answer-seconds",
                MetricKind::Mean { cap: Some(60.0) },
                1_000,
            ),
        ],
        guardrail: Safeguards {
            max_latency: Some(MaxLatency {
                limit_ms: 10_000,
                share_bp: 500,
            }),
            ..Safeguards::default()
        },
        ..Draft::starter(environment)
    };
    features(&mut draft, "model", &[json!("current"), json!("next")]);
    draft
}

fn long_term(environment: Environment) -> Draft {
    let back = Metric {
        key: "back-in-week-2".to_owned(),
        event: "visit".to_owned(),
        kind: MetricKind::Retention {
            from_day: 7,
            until_day: 14,
        },
        ..Metric::default()
    };
    let mut draft = Draft {
        goal: "purchase".to_owned(),
        metrics: vec![back],
        ..Draft::starter(environment)
    };
    let weights = [BASIS_POINTS / 10, BASIS_POINTS - BASIS_POINTS / 10];
    for (variant, weight_bp) in draft.variants.iter_mut().zip(weights) {
        variant.weight_bp = weight_bp;
    }
    draft
}

fn remote_config(environment: Environment) -> FlagDraft {
    FlagDraft {
        kind: FlagKind::Json,
        value: json!({ "page_size": 20, "banner": "" }),
        schema: Some(json!({
            "type": "object",
            "properties": {
                "page_size": { "type": "integer", "minimum": 1, "maximum": 100 },
                "banner": { "type": "string", "maxLength": 200 },
            },
            "required": ["page_size", "banner"],
            "additionalProperties": false,
        })),
        permanent: true,
        ..FlagDraft::starter(environment)
    }
}

/// Lower is better, and so much worse is too much.
fn guard(key: &str, kind: MetricKind, margin_bp: u16) -> Metric {
    Metric {
        key: key.to_owned(),
        kind,
        better: Better::Lower,
        role: MetricRole::Guardrail { margin_bp },
        ..Metric::default()
    }
}

fn features(draft: &mut Draft, name: &str, values: &[Value]) {
    for (variant, value) in draft.variants.iter_mut().zip(values) {
        variant.features.insert(name.to_owned(), value.clone());
    }
}
