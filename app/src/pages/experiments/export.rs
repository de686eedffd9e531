//! `/experiments/{id}/results.csv`, `course.csv`, `slices.csv`, `quantiles.csv`, and each as
//! `.json`: the numbers, to keep. All but the first are of one metric, `?metric=`, or else of
//! the conversion goal.

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::{HeaderValue, header};
use nexus_control::views::{CourseRow, QuantileRow, ResultRow, SliceRow};
use nexus_control::{Error, TableRow};
use nexus_domain::experiment::Dimension;

use crate::host::{Answer, Form, Visit};

/// What a link asks for.
struct Asked {
    metric: Option<String>,
    by: Dimension,
}

fn asked(visit: &Visit) -> Asked {
    let form = Form::parse(&visit.cx.query);
    let metric = form.trimmed("metric");
    Asked {
        metric: (!metric.is_empty()).then_some(metric),
        // An unknown one is answered as on the page.
        by: Dimension::parse(form.get("by")).unwrap_or(Dimension::Country),
    }
}

impl Asked {
    /// Of a file. Experiment and metric were found, so both are slugs and need no escaping.
    fn name(&self, id: &str, table: &str) -> String {
        let metric = self.metric.as_deref();
        match table {
            "results" => id.to_owned(),
            "slices" => format!("{id}-{}-{}", metric.unwrap_or("goal"), self.by.as_str()),
            _ => format!("{id}-{}-{table}", metric.unwrap_or("goal")),
        }
    }
}

pub async fn results_csv(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = results(&visit, &id).await?;
    Ok(csv(&rows, &asked(&visit).name(&id, "results")))
}

pub async fn results_json(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = results(&visit, &id).await?;
    Ok(json(&visit, &rows, &asked(&visit).name(&id, "results")))
}

pub async fn course_csv(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = course(&visit, &id).await?;
    Ok(csv(&rows, &asked(&visit).name(&id, "course")))
}

pub async fn course_json(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = course(&visit, &id).await?;
    Ok(json(&visit, &rows, &asked(&visit).name(&id, "course")))
}

pub async fn slices_csv(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = slices(&visit, &id).await?;
    Ok(csv(&rows, &asked(&visit).name(&id, "slices")))
}

pub async fn slices_json(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = slices(&visit, &id).await?;
    Ok(json(&visit, &rows, &asked(&visit).name(&id, "slices")))
}

pub async fn quantiles_csv(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = quantiles(&visit, &id).await?;
    Ok(csv(&rows, &asked(&visit).name(&id, "quantiles")))
}

pub async fn quantiles_json(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = quantiles(&visit, &id).await?;
    Ok(json(&visit, &rows, &asked(&visit).name(&id, "quantiles")))
}

async fn results(visit: &Visit, id: &str) -> Result<Vec<ResultRow>, Response> {
    let rows = visit.console.result_rows(&visit.actor, id).await;
    rows.map_err(|e| visit.fail(&e))
}

async fn course(visit: &Visit, id: &str) -> Result<Vec<CourseRow>, Response> {
    let metric = asked(visit).metric;
    let rows = visit
        .console
        .course_rows(&visit.actor, id, metric.as_deref())
        .await;
    rows.map_err(|e| visit.fail(&e))
}

async fn slices(visit: &Visit, id: &str) -> Result<Vec<SliceRow>, Response> {
    let Asked { metric, by } = asked(visit);
    let rows = visit
        .console
        .slice_rows(&visit.actor, id, metric.as_deref(), by)
        .await;
    rows.map_err(|e| visit.fail(&e))
}

async fn quantiles(visit: &Visit, id: &str) -> Result<Vec<QuantileRow>, Response> {
    let metric = asked(visit).metric;
    let rows = visit
        .console
        .quantile_rows(&visit.actor, id, metric.as_deref())
        .await;
    rows.map_err(|e| visit.fail(&e))
}

fn csv<R: TableRow>(rows: &[R], name: &str) -> Response {
    let text = nexus_control::csv(rows);
    file(text, "text/csv; charset=utf-8", &format!("{name}.csv"))
}

fn json<R: TableRow>(visit: &Visit, rows: &[R], name: &str) -> Response {
    match serde_json::to_string_pretty(rows) {
        Ok(text) => file(text, "application/json", &format!("{name}.json")),
        Err(error) => visit.fail(&Error::internal(error)),
    }
}

fn file(text: String, kind: &'static str, name: &str) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
