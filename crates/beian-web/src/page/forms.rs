//! Forms and letters of an order, to print and sign.

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use beian_app::{AppError, Form, PaperError};

use super::order_number;
use crate::error::Problem;
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "forms.html")]
struct FormsPage<'a> {
    visit: &'a Visit,
    number: String,
    needed: Vec<FormRow>,
    others: Vec<FormRow>,
    error: Option<String>,
}

struct FormRow {
    slug: &'static str,
    label: String,
}

/// The forms of an order.
pub(crate) async fn show(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    forms_page(&visit, &number, None).await
}

async fn forms_page(visit: &Visit, number: &str, error: Option<String>) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let number = order_number(number)?;
    let forms = visit.app.order_forms(user, &number).await?;
    let rows = |forms: Vec<Form>| {
        let row = |form: Form| FormRow { slug: form.slug(), label: visit.pick(&form.label()).to_owned() };
        forms.into_iter().map(row).collect()
    };
    page(&FormsPage {
        number: number.to_string(),
        needed: rows(forms.needed),
        others: rows(forms.others),
        error,
        visit,
    })
}

/// A form as a file.
pub(crate) async fn file(
    visit: Visit,
    Path((number, form)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let order = order_number(&number)?;
    let slug = form.strip_suffix(".pdf").ok_or(Problem::NotFound)?;
    let form: Form = slug.parse().map_err(|_| Problem::NotFound)?;
    let pdf = match visit.app.order_form(user, &order, form).await {
        Ok(pdf) => pdf,
        Err(AppError::Paper(error)) => {
            let text = match error {
                PaperError::MissingCharacters { got } => visit.with("forms-missing-characters", got),
                _ => visit.t("forms-too-long"),
            };
            let page = forms_page(&visit, &number, Some(text)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let name = format!("inline; filename=\"{order}-{slug}.pdf\"");
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        // It names people.
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, pdf).into_response())
}
