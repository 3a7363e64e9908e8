//! The six methods, the three services they belong to, and their descriptions.

use std::fmt;

use crate::xml::escape;

/// A method of the regulator's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Hands in one file of filing data (上报).
    Upload,
    /// Fetches the oldest file that is not yet acknowledged (下载).
    Download,
    /// Acknowledges a fetched file (下载确认).
    DownloadAck,
    /// Asks for the last file that was accepted (查询上次上报).
    QueryPreviousUpload,
    /// Asks whether a domain or a sponsor is filed (备案状态查询).
    QueryBeianStatus,
    /// Checks a filing password (备案密码校验).
    VerifyBamm,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 6] = [
        Self::Upload,
        Self::Download,
        Self::DownloadAck,
        Self::QueryPreviousUpload,
        Self::QueryBeianStatus,
        Self::VerifyBamm,
    ];

    /// The service it belongs to.
    #[must_use]
    pub fn service(self) -> Service {
        match self {
            Self::Upload | Self::Download | Self::DownloadAck | Self::QueryPreviousUpload => {
                Service::UpDownLoad
            }
            Self::QueryBeianStatus => Service::QueryBeianStatus,
            Self::VerifyBamm => Service::VerifyBamm,
        }
    }

    /// Its name on the wire, such as `isp_upload`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Upload => "isp_upload",
            Self::Download => "isp_download",
            Self::DownloadAck => "isp_downloadack",
            Self::QueryPreviousUpload => "isp_querypreviousupload",
            Self::QueryBeianStatus => "isp_querybeianstatus",
            Self::VerifyBamm => "isp_verifybamm",
        }
    }

    /// The method of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Names and schema types of its parameters, in order.
    pub(crate) fn parameters(self) -> Vec<(&'static str, &'static str)> {
        // The live service spells the caller's number in two ways; see the interface notes.
        let isp_id = match self {
            Self::QueryPreviousUpload => "ispId",
            _ => "ispID",
        };
        let mut list =
            vec![(isp_id, "long"), ("userName", "string"), ("randVal", "string"), ("pwdHash", "string")];
        match self {
            Self::Upload => list.extend([
                ("beianInfo", "string"),
                ("beianInfoHash", "string"),
                ("dataSequence", "long"),
                ("encryptAlgorithm", "int"),
                ("hashAlgorithm", "int"),
                ("compressionFormat", "int"),
            ]),
            Self::Download | Self::QueryPreviousUpload => list.push(("hashAlgorithm", "int")),
            Self::DownloadAck => list.extend([("hashAlgorithm", "int"), ("fileName", "string")]),
            Self::QueryBeianStatus => list.extend([
                ("hashAlgorithm", "int"),
                ("queryConditionType", "int"),
                ("queryCondition", "string"),
            ]),
            Self::VerifyBamm => {
                list.extend([("hashAlgorithm", "int"), ("baxh", "string"), ("bamm", "string")])
            }
        }
        list
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A web service of the regulator, each at a path of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Uploads and downloads.
    UpDownLoad,
    /// Filing status queries.
    QueryBeianStatus,
    /// Filing password checks.
    VerifyBamm,
}

impl Service {
    /// All services.
    pub const ALL: [Self; 3] = [Self::UpDownLoad, Self::QueryBeianStatus, Self::VerifyBamm];

    /// The path requests are posted to; with `?wsdl` it answers the description.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::UpDownLoad => "/ISPWebService/upDownLoad",
            Self::QueryBeianStatus => "/BeianStatusWebService/queryBeianStatus",
            Self::VerifyBamm => "/BeianStatusWebService/verifyBamm",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::UpDownLoad => "UpDownLoad",
            Self::QueryBeianStatus => "QueryBeianStatus",
            Self::VerifyBamm => "VerifyBamm",
        }
    }

    /// The description of the service (WSDL 1.1, document/literal wrapped), with
    /// `address` as the place requests are posted to.
    #[must_use]
    pub fn wsdl(self, address: &str) -> String {
        let (name, methods) =
            (self.name(), Method::ALL.into_iter().filter(|method| method.service() == self));
        let (mut types, mut messages, mut operations, mut bindings) =
            (String::new(), String::new(), String::new(), String::new());
        for method in methods {
            let parameters: String = method
                .parameters()
                .iter()
                .map(|(name, kind)| {
                    format!("<xs:element name=\"{name}\" type=\"xs:{kind}\" minOccurs=\"0\"/>")
                })
                .collect();
            types += &format!(
                "<xs:element name=\"{method}\"><xs:complexType><xs:sequence>{parameters}</xs:sequence></xs:complexType></xs:element>\n\
                 <xs:element name=\"{method}Response\"><xs:complexType><xs:sequence>\
                 <xs:element name=\"return\" type=\"xs:string\" minOccurs=\"0\"/></xs:sequence></xs:complexType></xs:element>\n"
            );
            messages += &format!(
                "<wsdl:message name=\"{method}\"><wsdl:part name=\"parameters\" element=\"tns:{method}\"/></wsdl:message>\n\
                 <wsdl:message name=\"{method}Response\"><wsdl:part name=\"parameters\" element=\"tns:{method}Response\"/></wsdl:message>\n"
            );
            operations += &format!(
                "<wsdl:operation name=\"{method}\"><wsdl:input message=\"tns:{method}\"/><wsdl:output message=\"tns:{method}Response\"/></wsdl:operation>\n"
            );
            bindings += &format!(
                "<wsdl:operation name=\"{method}\"><soap:operation soapAction=\"\" style=\"document\"/>\
                 <wsdl:input><soap:body use=\"literal\"/></wsdl:input><wsdl:output><soap:body use=\"literal\"/></wsdl:output></wsdl:operation>\n"
            );
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" \
             xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:tns=\"{NAMESPACE}\" targetNamespace=\"{NAMESPACE}\" name=\"{name}\">\n\
             <wsdl:types><xs:schema targetNamespace=\"{NAMESPACE}\" elementFormDefault=\"unqualified\">\n{types}</xs:schema></wsdl:types>\n\
             {messages}\
             <wsdl:portType name=\"{name}Port\">\n{operations}</wsdl:portType>\n\
             <wsdl:binding name=\"{name}Binding\" type=\"tns:{name}Port\">\
             <soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n{bindings}</wsdl:binding>\n\
             <wsdl:service name=\"{name}Service\"><wsdl:port name=\"{name}\" binding=\"tns:{name}Binding\">\
             <soap:address location=\"{}\"/></wsdl:port></wsdl:service>\n\
             </wsdl:definitions>\n",
            escape(address)
        )
    }
}

/// The namespace of the wrapper elements; their parameters are in none.
pub(crate) const NAMESPACE: &str = "http://www.miibeian.gov.cn";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_methods() {
        for method in Method::ALL {
            assert_eq!(Method::named(method.name()), Some(method));
        }
        assert_eq!(Method::named("isp_Upload"), None);
    }

    #[test]
    fn only_the_previous_upload_query_spells_the_identifier_in_lower_case() {
        for method in Method::ALL {
            let expected = if method == Method::QueryPreviousUpload { "ispId" } else { "ispID" };
            assert_eq!(method.parameters().first().map(|(name, _)| *name), Some(expected), "{method}");
        }
    }
}
