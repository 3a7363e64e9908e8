//! Resources: what a service may be filed on.

use std::net::IpAddr;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, DivisionCode};

/// Identifies a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResourceId(pub Uuid);

/// Kind of a resource (产品类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// 云服务器.
    CloudServer,
    /// 轻量应用服务器.
    LightServer,
    /// 负载均衡: qualifies only through the server behind it.
    LoadBalancer,
    /// 弹性公网 IP.
    ElasticAddress,
    /// Serverless 资源包 (云函数).
    ServerlessPack,
    /// 云托管.
    CloudHosting,
    /// 竞价实例: can be taken back at any time.
    SpotServer,
    /// 境外服务器, Hong Kong, Macao and Taiwan included.
    OverseasServer,
}

/// A text that names no kind of resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected cloud-server, light-server, load-balancer, elastic-address, serverless-pack, cloud-hosting, spot-server or overseas-server, got {0:?}"
)]
pub struct UnknownResourceKind(pub String);

impl ResourceKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::CloudServer,
        Self::LightServer,
        Self::LoadBalancer,
        Self::ElasticAddress,
        Self::ServerlessPack,
        Self::CloudHosting,
        Self::SpotServer,
        Self::OverseasServer,
    ];

    /// The name in the API and in the store.
    pub fn slug(self) -> &'static str {
        match self {
            Self::CloudServer => "cloud-server",
            Self::LightServer => "light-server",
            Self::LoadBalancer => "load-balancer",
            Self::ElasticAddress => "elastic-address",
            Self::ServerlessPack => "serverless-pack",
            Self::CloudHosting => "cloud-hosting",
            Self::SpotServer => "spot-server",
            Self::OverseasServer => "overseas-server",
        }
    }
}

impl FromStr for ResourceKind {
    type Err = UnknownResourceKind;

    fn from_str(text: &str) -> Result<Self, UnknownResourceKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.slug() == text)
            .ok_or_else(|| UnknownResourceKind(text.to_owned()))
    }
}

/// A server or other product of the access provider, as its cloud reports it
/// (可备案资源).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Our identifier.
    pub id: ResourceId,
    /// The account that bought it.
    pub owner: AccountId,
    /// The cloud's own name for it, unique.
    pub reference: String,
    /// Kind of product.
    pub kind: ResourceKind,
    /// Division of the machine room; `None` if it is outside mainland China.
    pub division: Option<DivisionCode>,
    /// Whether it is paid for in advance (包年包月).
    pub prepaid: bool,
    /// When it was bought.
    pub bought_at: DateTime<Utc>,
    /// When the paid term ends, renewals included; `None` if it is billed by use.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its public address.
    pub public_address: Option<IpAddr>,
    /// How many services it may carry.
    pub quota: u32,
    /// How many services are filed or being filed on it. Those of authorization
    /// codes do not count: each code is a place of its own.
    pub used: u32,
    /// The server that a load balancer hands its requests to, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Box<Resource>>,
}
