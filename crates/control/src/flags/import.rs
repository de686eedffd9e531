//! Flags of other systems: a preview, then one commit.

use std::collections::{BTreeMap, BTreeSet};

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::Cause;
use nexus_domain::flag::{Flag, FlagDraft, FlagKind, Shipped, changes};
use nexus_domain::ids::FlagKey;
use nexus_domain::import::{
    ImportError, ImportNote, ImportTo, Imported, MAX_IMPORTED, Note, read_import,
};
use nexus_domain::{Field, Problem};

use super::{entry, rows};
use crate::commit::{Attempts, Committed};
use crate::effects::Changed;
use crate::experiments::invalid;
use crate::views::{ImportPreview, ImportResult, ImportRow, ImportState};
use crate::{Console, Error, Result};

/// A flag to take from the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    pub key: String,
    /// Version of the flag that is there and is written over; none for a new one.
    pub version: Option<u64>,
}

impl Console {
    /// What an import would do, flag by flag. Changes nothing.
    ///
    /// # Errors
    /// `Invalid` for a file that cannot be read, `Forbidden`, or the database's.
    pub async fn preview_import(
        &self,
        actor: &Actor,
        text: &str,
        to: ImportTo<'_>,
    ) -> Result<ImportPreview> {
        self.authorise(actor, Action::CreateFlag, Some(to.environment), None)?;
        let import = read_import(text, to, time_ms).map_err(|error| unreadable(&error))?;
        let there = self.flags_of(to.environment).await?;
        let now_ms = self.now_ms();
        let (archived, live): (Vec<&Flag>, Vec<&Flag>) =
            there.iter().partition(|flag| flag.archived);
        let archived: BTreeSet<&str> = archived.iter().map(|flag| flag.key.as_str()).collect();
        let here: BTreeMap<&str, FlagKind> = live
            .iter()
            .map(|flag| (flag.key.as_str(), flag.kind))
            .collect();
        let in_file = import.flags.iter().filter_map(|flag| {
            let draft = flag.draft.as_ref();
            let draft = draft.filter(|draft| !archived.contains(draft.key.as_str()))?;
            Some((draft.key.clone(), draft.kind))
        });
        let in_file: BTreeMap<String, FlagKind> = in_file.collect();
        let set = self.set_by_running(to.environment).await?;
        let rows = import.flags.into_iter().map(|mut flag| {
            flag.leave_out_needs(|need| {
                let kind = here.get(&*need.flag).or_else(|| in_file.get(&need.flag));
                kind.is_some_and(|kind| kind.fits(&need.value))
            });
            if let Some(experiment) = set
                .get(&flag.key)
                .filter(|_| !here.contains_key(&*flag.key))
            {
                flag.ends(experiment);
            }
            let needs = flag.needs().filter(|key| !here.contains_key(key));
            let needs: BTreeSet<String> = needs.map(str::to_owned).collect();
            let old = there.iter().find(|old| old.key.as_str() == flag.key);
            let state = state_of(&mut flag, old, now_ms);
            ImportRow {
                key: flag.key.clone(),
                state,
                enabled: flag.enabled,
                partial: flag.is_partial(),
                notes: flag.notes,
                needs: needs.into_iter().collect(),
                draft: flag.draft,
            }
        });
        Ok(ImportPreview {
            format: import.format,
            environments: import.environments,
            rows: rows.collect(),
        })
    }

    /// Takes these flags of the file, at most [`MAX_IMPORTED`], all in one commit. Without a
    /// list: the first of those that are new and lose nothing; doing it again takes the next.
    /// New ones are off, unless `keep_state` and on where they come from;
    /// one that loses something is off in any case. What is so already stays as it is.
    ///
    /// # Errors
    /// `Conflict` when a flag that is written over has another version by now, `Invalid` for
    /// what the preview calls impossible, for one that needs a flag which is neither there nor
    /// taken, and for too many at once, `Forbidden`, or the database's.
    pub async fn import_flags(
        &self,
        actor: &Actor,
        text: &str,
        to: ImportTo<'_>,
        take: Option<&[Take]>,
        keep_state: bool,
    ) -> Result<ImportResult> {
        let environment = to.environment;
        self.authorise(actor, Action::CreateFlag, Some(environment), None)?;
        let by = actor.principal.label().to_owned();
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let preview = self.preview_import(actor, text, to).await?;
            let taken = taken(&preview, take)?;
            let now_ms = self.now_ms();
            let in_force = self.holdouts_in_force(Some(environment)).await?;
            let mut shipped: Vec<Shipped> = Vec::new();
            for row in taken {
                let old = self.stored_flag(environment, &row.key).await?;
                let draft = row.draft.clone().ok_or_else(not_there)?;
                let on = keep_state && row.enabled && !row.partial;
                let new = match &old {
                    Some(old) => {
                        self.authorise(actor, Action::EditFlag, Some(environment), None)?;
                        merged(draft, old).apply(old, &by, now_ms)
                    }
                    None => draft.create(&by, now_ms).map(|made| Flag {
                        enabled: on,
                        ..made
                    }),
                };
                let new = new.map_err(Error::Invalid)?;
                let new = new.joined(old.as_ref(), &in_force);
                shipped.push((old, new));
            }
            if shipped
                .iter()
                .any(|(old, new)| old.is_none() && new.enabled)
            {
                self.authorise(actor, Action::SwitchFlag, Some(environment), None)?;
            }
            let both = shipped.iter().map(|(old, new)| (old.as_ref(), new));
            self.check_flags(&both.collect::<Vec<_>>()).await?;
            let result = ImportResult::of(&shipped, &preview);
            if shipped.is_empty() {
                return Ok(result);
            }
            let mut state = Vec::new();
            let mut entries = Vec::new();
            for (old, new) in &shipped {
                state.extend(rows::change(old.as_ref(), new)?);
                let format = preview.format;
                let reason = Some(Cause::Imported { format }.into());
                entries.push(entry("flag.import", old.as_ref(), new, reason));
            }
            let changed = Changed::Flags(&shipped);
            state.extend(self.stage_snapshot(environment, changed).await?);
            match self.commit(&head, actor, entries, state).await? {
                Committed::Done => return Ok(result),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }
}

fn unreadable(error: &ImportError) -> Error {
    invalid(
        Field::File,
        match error {
            ImportError::NotJson { line, column } => Problem::NotJson {
                detail: format!("{line}:{column}"),
            },
            ImportError::Unknown => Problem::NotAnExport,
        },
    )
}

fn time_ms(text: &str) -> Option<i64> {
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.timestamp_millis())
}

fn not_there() -> Error {
    invalid(Field::File, Problem::Required)
}

/// A name that people gave stays, and what files say nothing of.
fn merged(draft: FlagDraft, old: &Flag) -> FlagDraft {
    FlagDraft {
        name: old.name.clone(),
        schema: old.schema.clone(),
        due_ms: old.due_ms,
        permanent: old.permanent,
        ..draft.bound_as(Some(old))
    }
}

fn state_of(flag: &mut Imported, old: Option<&Flag>, now_ms: i64) -> ImportState {
    let Some(draft) = &flag.draft else {
        return ImportState::Impossible;
    };
    let Some(old) = old else {
        return ImportState::New;
    };
    if old.archived {
        return ImportState::Archived;
    }
    match merged(draft.clone(), old).apply(old, "", now_ms) {
        Ok(new) if changes(&FlagDraft::of(old), &FlagDraft::of(&new)).is_empty() => {
            ImportState::Same
        }
        Ok(_) => ImportState::Differs {
            version: old.version,
        },
        Err(problems) => {
            let notes = problems.into_iter().map(|problem| ImportNote {
                rule: None,
                note: Note::Invalid { problem },
            });
            flag.notes.extend(notes);
            flag.draft = None;
            ImportState::Impossible
        }
    }
}

/// The rows that are asked for, without those that are so already.
fn taken<'p>(preview: &'p ImportPreview, take: Option<&[Take]>) -> Result<Vec<&'p ImportRow>> {
    let Some(take) = take else {
        let plain = preview.plain().into_iter();
        return Ok(plain.take(MAX_IMPORTED).collect());
    };
    if take.len() > MAX_IMPORTED {
        let max = MAX_IMPORTED as u32;
        return Err(invalid(Field::File, Problem::TooMany { max }));
    }
    let mut rows = Vec::new();
    for Take { key, version } in take {
        let row = preview.rows.iter().find(|row| row.key == *key);
        let row = row.ok_or_else(|| {
            let value = key.chars().take(FlagKey::MAX_LEN).collect();
            invalid(Field::File, Problem::Unknown { value })
        })?;
        let expected = version.unwrap_or(0);
        let actual = match row.state {
            ImportState::New => 0,
            ImportState::Differs { version } => version,
            // Somebody was faster with the same; nothing is left to do.
            ImportState::Same => continue,
            ImportState::Archived => return Err(Error::Archived),
            ImportState::Impossible => return Err(not_there()),
        };
        if expected != actual {
            return Err(Error::Conflict { expected, actual });
        }
        if rows.iter().all(|known: &&ImportRow| known.key != row.key) {
            rows.push(row);
        }
    }
    Ok(rows)
}
