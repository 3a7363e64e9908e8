//! Orders that were handed in, made once and copied for every world: pictures take longer than a whole world.

use std::path::Path;
use std::sync::Arc;

use beian_app::{Gateways, User};
use beian_domain::{ManualClock, OrderNumber, Random, Role};
use beian_rules::Rulebook;
use chrono::{DateTime, Utc};

use crate::support::{House, Premises, plain_picture, sign_in};

/// How many orders there are, each of a sponsor and an account of its own.
const ORDERS: usize = 4;

pub(crate) struct Template {
    house: House,
    pub(crate) orders: Vec<(OrderNumber, User)>,
    pub(crate) rulebook: Rulebook,
    pub(crate) gateways: Gateways,
    at: DateTime<Utc>,
}

impl Template {
    pub(crate) async fn make() -> Self {
        let house = House::open().await;
        let mut orders = Vec::new();
        for index in 0..ORDERS {
            let filer = sign_in(&house.app, &format!("filer-{index}"), Role::Filer).await;
            let server = format!("server-{index}");
            house.report_server(&server, &filer).await;
            let domain = format!("xizuo-simulation-{index}.cn");
            let order = house.submitted_order_with(&filer, index, &domain, &server, &plain_picture()).await;
            orders.push((order, filer));
        }
        // Nobody writes any more: the files of the database hold still and can be copied.
        let at = beian_domain::Clock::now(&*house.clock);
        let (rulebook, gateways) = (Rulebook::bundled().unwrap(), Gateways::practice().unwrap());
        Self { house, orders, rulebook, gateways, at }
    }

    pub(crate) fn reviewer(&self) -> &User {
        &self.house.reviewer
    }

    pub(crate) fn operator(&self) -> &User {
        &self.house.operator
    }

    /// A copy of everything that is written to, with a clock and chance of its own.
    pub(crate) fn copy_to(&self, directory: &Path, random: Arc<dyn Random>) -> Premises {
        for entry in std::fs::read_dir(self.house.directory.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with("test.db") {
                std::fs::copy(entry.path(), directory.join(entry.file_name())).unwrap();
            }
        }
        Premises {
            data: directory.to_owned(),
            clock: Arc::new(ManualClock::at(self.at)),
            random,
            ..self.house.premises.clone()
        }
    }
}
