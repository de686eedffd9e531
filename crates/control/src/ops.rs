//! For machines that watch the console.

use std::fmt::Write as _;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;

use crate::error::Result;
use crate::ports::{Row, Statement, Value};
use crate::{Console, Error};

impl Console {
    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Internal`].
    pub async fn ready(&self) -> Result<()> {
        self.raw_rows("SELECT value FROM meta WHERE key = 'ready'")
            .await
            .map(|_| ())
    }

    /// The console's figures in Prometheus' text format 0.0.4. Holds neither
    /// secrets nor personal data.
    ///
    /// # Errors
    /// `Forbidden` without `view_experiments`; those of the database.
    pub async fn metrics(&self, actor: &Actor) -> Result<String> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let mut text = String::new();
        self.family(
            &mut text,
            ("nexus_experiments", "gauge", "Experiments by status."),
            &["status"],
            "SELECT status, COUNT(*) FROM experiments GROUP BY status",
        )
        .await?;
        self.family(
            &mut text,
            (
                "nexus_exposures_total",
                "counter",
                "Users exposed, by variant.",
            ),
            &["experiment", "variant"],
            "SELECT experiment_id, variant, exposures FROM variant_stats",
        )
        .await?;
        self.family(
            &mut text,
            (
                "nexus_conversions_total",
                "counter",
                "Users converted, by variant.",
            ),
            &["experiment", "variant"],
            "SELECT experiment_id, variant, conversions FROM variant_stats",
        )
        .await?;
        self.family(
            &mut text,
            (
                "nexus_snapshot_version",
                "gauge",
                "Newest snapshot committed.",
            ),
            &["environment"],
            "SELECT environment, MAX(version) FROM snapshots GROUP BY environment",
        )
        .await?;
        self.family(
            &mut text,
            (
                "nexus_gateway_snapshot_version",
                "gauge",
                "Snapshot a gateway obeys.",
            ),
            &["environment", "gateway"],
            "SELECT environment, id, version FROM gateways",
        )
        .await?;
        self.family(
            &mut text,
            (
                "nexus_gateway_seen_timestamp_ms",
                "gauge",
                "When a gateway was last heard of.",
            ),
            &["environment", "gateway"],
            "SELECT environment, id, seen_ms FROM gateways",
        )
        .await?;
        self.family(
            &mut text,
            ("nexus_intents", "gauge", "Outside effects by status."),
            &["status"],
            "SELECT status, COUNT(*) FROM intents GROUP BY status",
        )
        .await?;
        self.family(
            &mut text,
            (
                "nexus_audit_entries_total",
                "counter",
                "Entries of the audit log.",
            ),
            &[],
            "SELECT COALESCE(MAX(seq) + 1, 0) FROM audit_entries",
        )
        .await?;
        Ok(text)
    }

    /// One metric family: the statement's columns are the labels, then the value.
    async fn family(
        &self,
        text: &mut String,
        (name, kind, help): (&str, &str, &str),
        labels: &[&str],
        sql: &'static str,
    ) -> Result<()> {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for row in self.raw_rows(sql).await? {
            let Some((Value::Integer(value), found)) = row.split_last() else {
                continue;
            };
            let pairs: Vec<String> = labels
                .iter()
                .zip(found)
                .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
                .collect();
            let pairs = if pairs.is_empty() {
                String::new()
            } else {
                format!("{{{}}}", pairs.join(","))
            };
            let _ = writeln!(text, "{name}{pairs} {value}");
        }
        Ok(())
    }

    async fn raw_rows(&self, sql: &'static str) -> Result<Vec<Row>> {
        let statement = Statement {
            sql,
            values: Vec::new(),
        };
        self.inner
            .db
            .query(statement)
            .await
            .map_err(|cause| Error::Unavailable {
                what: "the database",
                cause: cause.into(),
            })
    }
}

fn escaped(value: &Value) -> String {
    match value {
        Value::Text(text) => text
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n"),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Null => String::new(),
    }
}
