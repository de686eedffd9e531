//! Why a flag gives somebody what.

use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::flag::Flag;
use nexus_flags::Engine;

use crate::effects::Changed;
use crate::views::FlagWhy;
use crate::{Console, Error, Result, Somebody};

impl Console {
    /// Explains what the flag gives somebody now; for one that is off, what it would give if
    /// it were on.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn flag_why(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        somebody: &Somebody,
    ) -> Result<FlagWhy> {
        let flag = self.readable_flag(actor, environment, key).await?;
        let on = Flag {
            enabled: true,
            archived: false,
            ..flag.clone()
        };
        let mut snapshot = self
            .next_snapshot(environment, Changed::Flag(&on), 0)
            .await?;
        // Attributes come in headers, whose names have no case; so the gateway lowers both.
        snapshot.lower_names();
        let engine = Engine::compile(&snapshot).map_err(Error::internal)?;
        let mut rules = snapshot.flags.iter();
        let rule = rules
            .find(|rule| rule.key == key)
            .ok_or_else(|| Error::internal("the flag is not in its snapshot"))?;
        let explanation = somebody
            .ask(self.now_ms(), |context| rule.explain(context, &engine))
            .map_err(Error::internal)?;
        Ok(FlagWhy {
            slices: rule.rules.iter().map(|step| step.slices.clone()).collect(),
            flag,
            explanation,
        })
    }
}
