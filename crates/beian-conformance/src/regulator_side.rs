//! A client's list against a regulator's server.

mod calls;
mod content;
mod kinds;

use crate::Extent;
use crate::stage::Stage;

/// Every act, each on identities of its own. An act that cannot go on does not keep the next from it.
pub(crate) async fn play(stage: &mut Stage<'_>, extent: Extent) {
    match stage.previous(stage.credentials(), 0).await {
        Ok(reply) => stage.sequence = reply.last.map_or(0, |last| last.sequence),
        Err(stop) => {
            stage.begin("the first call");
            stage.end(Err(stop));
            return;
        }
    }
    stage.begin("services");
    let act = calls::services(stage).await;
    stage.end(act);
    stage.begin("who calls");
    let act = calls::callers(stage).await;
    stage.end(act);
    stage.begin("numbers of files");
    let act = calls::numbers(stage).await;
    stage.end(act);
    stage.begin("seals");
    let act = calls::seals(stage, extent).await;
    stage.end(act);
    stage.begin("files of the regulator");
    let act = calls::files(stage).await;
    stage.end(act);
    stage.begin("whole files");
    let act = content::whole_files(stage).await;
    stage.end(act);
    stage.begin("first filings");
    let act = content::first_filings(stage).await;
    stage.end(act);
    stage.begin("what is taken already");
    let act = content::taken(stage).await;
    stage.end(act);
    stage.begin("services of a record");
    let act = kinds::services(stage).await;
    stage.end(act);
    stage.begin("accesses");
    let act = kinds::accesses(stage).await;
    stage.end(act);
    stage.begin("changes");
    let act = kinds::changes(stage).await;
    stage.end(act);
    stage.begin("cancellations");
    let act = kinds::cancellations(stage).await;
    stage.end(act);
    stage.begin("pictures on their own");
    let act = kinds::pictures(stage).await;
    stage.end(act);
    stage.begin("queries");
    let act = kinds::queries(stage).await;
    stage.end(act);
}
