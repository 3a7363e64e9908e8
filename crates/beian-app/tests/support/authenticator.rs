//! A device with one passkey, in software: what a browser and an authenticator make of the options of a portal
//! (WebAuthn Level 3, CTAP 2.2), written from those documents and without the library that judges it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Whether the device makes sure that it is its owner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Verified,
    Present,
}

pub(crate) struct Authenticator {
    credential: [u8; 32],
    pair: EcdsaKeyPair,
    /// Goes up with each signature.
    pub(crate) counter: u32,
    /// The site that the browser shows.
    pub(crate) origin: String,
    pub(crate) owner: Owner,
}

impl Authenticator {
    /// `number` tells one device from another.
    pub(crate) fn new(number: u8, origin: &str) -> Self {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random).unwrap();
        Self { credential: [number; 32], pair, counter: 0, origin: origin.to_owned(), owner: Owner::Verified }
    }

    /// `navigator.credentials.create()`.
    pub(crate) fn create(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let offered = options["pubKeyCredParams"].as_array().unwrap();
        assert!(offered.iter().any(|one| one["alg"] == -7 && one["type"] == "public-key"), "{options}");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        let is_known = |one: &Value| one["id"] == BASE64.encode(self.credential);
        assert!(!options["excludeCredentials"].as_array().unwrap().iter().any(is_known), "InvalidStateError");
        // Attested credential data: no model, the identifier, the key as COSE.
        let [_, point @ ..] = self.pair.public_key().as_ref() else { panic!("no point") };
        let (x, y) = point.split_at(32);
        let mut data = self.data(options["rp"]["id"].as_str().unwrap(), 0x40);
        data.extend([0; 16]);
        data.extend(32_u16.to_be_bytes());
        data.extend(self.credential);
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).unwrap());
        object.extend(data);
        let client = self.client_data("webauthn.create", &options);
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(client),
            "attestationObject": BASE64.encode(object),
            "transports": ["usb"],
        }))
    }

    /// `navigator.credentials.get()`.
    pub(crate) fn get(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        assert_eq!(options["userVerification"], "required");
        self.counter += 1;
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client = self.client_data("webauthn.get", &options);
        let signed = [data.as_slice(), Sha256::digest(client.as_bytes()).as_slice()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(client),
            "authenticatorData": BASE64.encode(data),
            "signature": BASE64.encode(signature.as_ref()),
        }))
    }

    /// Which of its passkeys a portal would have it use.
    pub(crate) fn is_allowed(&self, options: &str) -> bool {
        let options: Value = serde_json::from_str(options).unwrap();
        let allowed = options["allowCredentials"].as_array().unwrap();
        allowed.iter().any(|one| one["id"] == BASE64.encode(self.credential))
    }

    /// Authenticator data without what comes after the counter.
    fn data(&self, relying_party: &str, flags: u8) -> Vec<u8> {
        let verified = if self.owner == Owner::Verified { 0x04 } else { 0 };
        let mut data = Sha256::digest(relying_party.as_bytes()).to_vec();
        data.push(0x01 | verified | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, options: &Value) -> String {
        let (challenge, origin) = (&options["challenge"], &self.origin);
        format!(r#"{{"type":"{kind}","challenge":{challenge},"origin":"{origin}","crossOrigin":false}}"#)
    }

    fn answer(&self, response: &Value) -> String {
        let id = BASE64.encode(self.credential);
        let answer = json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": response,
        });
        answer.to_string()
    }
}
