//! Handing in pictures, and showing them.

use askama::Template;
use axum::extract::{Path, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{AppError, CertificateReading, FileKind, OrderView, PictureError, StoredMaterial};
use beian_domain::{MaterialId, MaterialUse, OrderNumber, OrderState, Role};

use super::order_number;
use super::readings::ReadingView;
use super::rows::PictureView;
use super::typed::AtOrder;
use crate::error::Problem;
use crate::finding::FindingView;
use crate::form::{RemedyAt, order_path, posted, posted_upload};
use crate::visit::{Visit, page};
use crate::wizard::{Scope, Step};

#[derive(Template)]
#[template(path = "material.html")]
struct MaterialPage<'a> {
    visit: &'a Visit,
    remedy_at: Option<RemedyAt>,
    number: String,
    revision: i64,
    title: String,
    caption: String,
    /// What must be on the picture.
    instruction: String,
    picture: Option<PictureView>,
    /// What seems wrong with the picture.
    doubts: Vec<String>,
    /// How it stands to what was typed.
    reading: ReadingView,
    limit: usize,
    error: Option<String>,
    findings: Vec<FindingView>,
    returned: Vec<String>,
    action: String,
    back: String,
    next: String,
    at_order: AtOrder,
}

/// The page of one material.
pub(crate) async fn show(
    visit: Visit,
    Path((number, purpose)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let (number, purpose) = (order_number(&number)?, material_use(&purpose)?);
    let view = visit.app.order(user, &number).await?;
    if !view.order.state().is_editable() {
        return Ok(Redirect::to(&order_path(&number, "")).into_response());
    }
    if !Step::Material(purpose).is_open(view.order.state(), &view.order.returned) {
        return Err(Problem::NotReturned(Some(number)));
    }
    let readings = visit.app.certificate_readings(user, &view).await?;
    page(&material_page(&visit, &view, purpose, &readings, None))
}

/// Takes a picture.
pub(crate) async fn hand_in(
    visit: Visit,
    Path((number, purpose)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let (number, purpose) = (order_number(&number)?, material_use(&purpose)?);
    let upload = posted_upload(&visit, request).await?;
    match visit.app.hand_in_material(user, &number, purpose, upload.content.to_vec()).await {
        Ok(_) => {
            // The page again: to look at what the regulator will get.
            Ok(Redirect::to(&Step::Material(purpose).path(&number)).into_response())
        }
        Err(AppError::Picture(error)) => {
            let view = visit.app.order(user, &number).await?;
            let readings = visit.app.certificate_readings(user, &view).await?;
            let error = Some(picture_error(&visit, &error));
            let page = page(&material_page(&visit, &view, purpose, &readings, error))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(Problem::from(error).at(&number)),
    }
}

/// Takes a picture out.
pub(crate) async fn remove(
    visit: Visit,
    Path((number, purpose)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let (number, purpose) = (order_number(&number)?, material_use(&purpose)?);
    posted(&visit, request).await?;
    visit
        .app
        .remove_material(user, &number, purpose)
        .await
        .map_err(|error| Problem::from(error).at(&number))?;
    Ok(Redirect::to(&Step::Material(purpose).path(&number)).into_response())
}

/// The bytes of a picture, for its owner and for the reviewer.
pub(crate) async fn picture(
    visit: Visit,
    Path((material, kind)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let user = visit.signed_in()?;
    let material = MaterialId(material.parse().map_err(|_| Problem::NotFound)?);
    let kind = match kind.as_str() {
        "original" => FileKind::Original,
        "copy" => FileKind::Copy,
        _ => return Err(Problem::NotFound),
    };
    let (bytes, format) = visit.app.material_file(user, material, kind).await?;
    let headers = [
        (header::CONTENT_TYPE, format.media_type()),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::CONTENT_DISPOSITION, "inline"),
    ];
    Ok((headers, bytes).into_response())
}

fn material_use(slug: &str) -> Result<MaterialUse, Problem> {
    slug.parse().map_err(|_| Problem::NotFound)
}

fn material_page<'a>(
    visit: &'a Visit,
    view: &OrderView,
    purpose: MaterialUse,
    readings: &[CertificateReading],
    error: Option<String>,
) -> MaterialPage<'a> {
    let order = &view.order;
    let number: &OrderNumber = &order.number;
    let step = Step::Material(purpose);
    let material: Option<&StoredMaterial> =
        view.materials.iter().find(|material| material.purpose == purpose);
    let pointer = format!("/materials/{}", purpose.slug());
    let go = |step: Option<Step>, end: &str| {
        step.map_or_else(|| order_path(number, end), |step| step.path(number))
    };
    let next = if order.state() == OrderState::Returned {
        order_path(number, "/tasks")
    } else {
        go(Scope::of(view).next(step), "/check")
    };
    MaterialPage {
        visit,
        remedy_at: Some(RemedyAt::order(number, order.revision, purpose.slug())),
        number: number.to_string(),
        revision: order.revision,
        title: visit.pick(&purpose.label()).to_owned(),
        caption: visit.of_kind(step.section().key(), order.case.service.kind),
        instruction: visit.of_kind(&format!("material-{}", purpose.slug()), order.case.service.kind),
        picture: material.map(|material| PictureView::new(visit, material)),
        doubts: material
            .into_iter()
            .flat_map(|material| &material.doubts)
            .map(|doubt| visit.t(&format!("picture-doubt-{}", doubt.slug())))
            .collect(),
        reading: readings
            .iter()
            .find(|reading| reading.purpose == purpose)
            .map_or_else(ReadingView::default, |reading| ReadingView::new(visit, reading)),
        limit: purpose.interface_limit() / 1_000,
        error,
        findings: match material {
            Some(_) => view
                .verdict
                .at(&pointer)
                .map(|found| FindingView::of_order(visit, found, number).seen_at(Some(&step.path(number))))
                .collect(),
            None => Vec::new(),
        },
        returned: match order.state() {
            OrderState::Returned => {
                step.returned(&order.returned).into_iter().map(|field| visit.returned_reason(field)).collect()
            }
            _ => Vec::new(),
        },
        action: step.path(number),
        back: go(Scope::of(view).previous(step), "/tasks"),
        next,
        at_order: AtOrder::reading(visit, order, purpose.slug()),
    }
}

fn picture_error(visit: &Visit, error: &PictureError) -> String {
    match error {
        PictureError::Empty => visit.t("picture-empty"),
        PictureError::TooManyBytes { got } => {
            visit.with("picture-too-many-bytes", format!("{}.{}", got / 1_048_576, got / 104_858 % 10))
        }
        PictureError::Format => visit.t("picture-format"),
        PictureError::TooManyPixels { width, height } => {
            visit.with("picture-too-many-pixels", format!("{width} × {height}"))
        }
        PictureError::Damaged => visit.t("picture-damaged"),
        PictureError::NoCopy { limit } => visit.count("picture-no-copy", *limit as i64 / 1_000),
    }
}
