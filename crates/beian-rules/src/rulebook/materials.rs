//! Which materials (材料) a filing must have.

use std::collections::BTreeMap;

use beian_domain::{FilingKind, MaterialUse};
use serde::{Deserialize, Serialize};

use super::file::Wrong;
use super::{Series, ValueEntry};

/// `materials.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Materials {
    requirement: Vec<MaterialRequirement>,
    sources: BTreeMap<String, String>,
}

/// When one material is required.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct MaterialRequirement {
    pub(crate) material: MaterialUse,
    pub(crate) series: Series<MaterialRule>,
}

/// When a material is required, on a day.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct MaterialRule {
    pub(crate) when: MaterialWhen,
    pub(crate) kinds: Vec<FilingKind>,
}

/// For which cases a material is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MaterialWhen {
    /// For all.
    Always,
    /// For units.
    Unit,
    /// If no other picture of the order shows the service principal's certificate.
    OtherServicePrincipal,
}

impl Materials {
    pub(super) fn resolve(mut self) -> Result<Self, Wrong> {
        let mut seen = Vec::with_capacity(self.requirement.len());
        for (index, requirement) in self.requirement.iter_mut().enumerate() {
            let pointer = format!("/requirement/{index}");
            if seen.contains(&requirement.material) {
                return Err(Wrong::at(
                    format!("{pointer}/material"),
                    "each material once",
                    name(requirement.material),
                ));
            }
            seen.push(requirement.material);
            requirement.series.resolve(&format!("{pointer}/series"), &self.sources)?;
        }
        Ok(self)
    }

    pub(super) fn requirements(&self) -> &[MaterialRequirement] {
        &self.requirement
    }

    /// Every dated value with its key, which is the name of the material.
    pub(super) fn values(&self) -> Vec<(String, Vec<ValueEntry>)> {
        self.requirement.iter().map(|each| (name(each.material), each.series.to_json())).collect()
    }

    #[cfg(test)]
    pub(super) fn assert_boundaries(&self) -> usize {
        self.requirement.iter().map(|each| each.series.assert_boundaries(&name(each.material))).sum()
    }
}

/// The material's name as the file writes it.
fn name(material: MaterialUse) -> String {
    serde_json::to_value(material).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
