//! What a browser is asked, and whether its answer is right (WebAuthn Level 3), by `webauthn_rp`.
//!
//! The library reads the machine's clock and draws its challenges from the system's own chance; neither can be handed
//! to it. Both stay in here: how long a challenge counts is decided by the injected clock before an answer comes
//! this far, and nothing that is kept depends on the library's chance but that no two challenges are alike.

use beian_domain::{AccountId, LoginName};
use beian_store::Passkey;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::{
    AllowedCredentials, AuthenticationVerificationOptions, NonDiscoverableCredentialRequestOptions,
};
use webauthn_rp::request::register::{
    PublicKeyCredentialCreationOptions, PublicKeyCredentialUserEntity, RegistrationVerificationOptions,
    UserHandle, UserHandle16, Username,
};
use webauthn_rp::request::{
    AsciiDomain, Credentials, DomainOrigin, PublicKeyCredentialDescriptor, RpId, UserVerificationRequirement,
};
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::error::RegCeremonyErr;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, NonDiscoverableAuthentication16, NonDiscoverableAuthenticationServerState,
    Registration, RegistrationServerState,
};

use super::{Asked, Made, PasskeyRefusal, Used};
use crate::AppError;

/// The portal as browsers and devices know it: a passkey of another one opens nothing here.
pub(crate) struct RelyingParty {
    id: RpId,
    /// Scheme, host and port, as a browser writes them.
    origin: String,
}

impl RelyingParty {
    /// The portal at an address. None where browsers let nobody use passkeys: at a number in the place of a name,
    /// and without TLS, but on `localhost`.
    pub(crate) fn at(public_url: &str) -> Option<Self> {
        let url = reqwest::Url::parse(public_url).ok()?;
        let host = url.domain()?;
        let is_local = host == "localhost" || host.ends_with(".localhost");
        if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
            return None;
        }
        let id = RpId::Domain(AsciiDomain::try_from(host.to_owned()).ok()?);
        Some(Self { id, origin: url.origin().ascii_serialization() })
    }

    /// Asks a browser for a new passkey, on none of the devices that are known.
    pub(crate) fn ask_for_new(
        &self,
        account: AccountId,
        login: &LoginName,
        known: &[Passkey],
    ) -> Result<Asked, AppError> {
        let id = handle(account)?;
        let user = PublicKeyCredentialUserEntity {
            name: Username::try_from(login.as_str()).map_err(internal)?,
            id: &id,
            display_name: None,
        };
        let known = known.iter().map(descriptor).collect::<Result<_, _>>()?;
        let mut options = PublicKeyCredentialCreationOptions::second_factor(&self.id, user, known);
        // Whoever finds the device has nothing: it wants a finger, a face or a number of its own.
        options.authenticator_selection.user_verification = UserVerificationRequirement::Required;
        let (kept, asked) = options.start_ceremony().map_err(internal)?;
        let kept = kept.encode().map_err(internal)?.to_vec();
        Ok(Asked { kept, options: json(&asked)? })
    }

    /// The passkey that a browser answered with.
    pub(crate) fn new_passkey(&self, kept: &[u8], answer: &str) -> Result<Made, PasskeyRefusal> {
        let kept = RegistrationServerState::<16>::decode(kept).map_err(|_| PasskeyRefusal::Unreadable)?;
        let answer =
            Registration::from_json_relaxed(answer.as_bytes()).map_err(|_| PasskeyRefusal::Unreadable)?;
        let options = RegistrationVerificationOptions::<DomainOrigin<'_, '_>, DomainOrigin<'_, '_>> {
            allowed_origins: &[self.origin()?],
            // Browsers add some by themselves, such as how a device protects the passkey.
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = kept.verify(&self.id, &answer, &options).map_err(|error| refused_new(&error))?;
        let (credential, transports, _, public_key, state, _) = made.into_parts();
        let Ok(credential) = credential.encode();
        let Ok(transports) = transports.encode();
        let Ok(public_key) = public_key.encode();
        let Ok(state) = state.encode();
        Ok(Made { credential: credential.to_vec(), transports, public_key, state: state.to_vec() })
    }

    /// Asks a browser to use one of the passkeys that are known.
    pub(crate) fn ask_to_use(&self, known: &[Passkey]) -> Result<Asked, AppError> {
        let mut allowed = AllowedCredentials::with_capacity(known.len());
        for passkey in known {
            allowed.push(descriptor(passkey)?.into());
        }
        let mut options =
            NonDiscoverableCredentialRequestOptions::second_factor(&self.id, allowed).map_err(internal)?;
        options.options().user_verification = UserVerificationRequirement::Required;
        let (kept, asked) = options.start_ceremony().map_err(internal)?;
        let kept = kept.encode().map_err(internal)?;
        Ok(Asked { kept, options: json(&asked)? })
    }

    /// Which of the passkeys that are known a browser answered by.
    pub(crate) fn used_passkey(
        &self,
        account: AccountId,
        known: &[Passkey],
        kept: &[u8],
        answer: &str,
    ) -> Result<Used, PasskeyRefusal> {
        let kept =
            NonDiscoverableAuthenticationServerState::decode(kept).map_err(|_| PasskeyRefusal::Unreadable)?;
        let answer = NonDiscoverableAuthentication16::from_json_relaxed(answer.as_bytes())
            .map_err(|_| PasskeyRefusal::Unreadable)?;
        let id = answer.raw_id();
        let Ok(claimed) = id.encode();
        let passkey =
            known.iter().find(|passkey| passkey.credential == claimed).ok_or(PasskeyRefusal::Unknown)?;
        let user = handle(account).map_err(|_| PasskeyRefusal::Unreadable)?;
        let mut credential = stored(passkey, id, &user).ok_or(PasskeyRefusal::Unreadable)?;
        let options = AuthenticationVerificationOptions::<DomainOrigin<'_, '_>, DomainOrigin<'_, '_>> {
            allowed_origins: &[self.origin()?],
            error_on_unsolicited_extensions: false,
            update_uv: true,
            // A counter that does not go on is the sign of a copy: by default that is refused.
            ..AuthenticationVerificationOptions::default()
        };
        kept.verify(&self.id, &answer, &mut credential, &options).map_err(|error| refused_use(&error))?;
        let Ok(state) = credential.dynamic_state().encode();
        Ok(Used { id: passkey.id, state: state.to_vec() })
    }

    fn origin(&self) -> Result<DomainOrigin<'_, '_>, PasskeyRefusal> {
        DomainOrigin::try_from(self.origin.as_str()).map_err(|_| PasskeyRefusal::Origin)
    }
}

type StoredKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

fn stored<'a>(
    passkey: &Passkey,
    claimed: CredentialId<&'a [u8]>,
    user: &'a UserHandle16,
) -> Option<AuthenticatedCredential<'a, 'a, 16, StoredKey>> {
    let key = StaticState::<StoredKey>::decode(&passkey.public_key).ok()?;
    let state = DynamicState::decode(passkey.state.as_slice().try_into().ok()?).ok()?;
    AuthenticatedCredential::new(claimed, user, key, state).ok()
}

/// By what a device knows the account: our identifier, which says nothing of a person.
fn handle(account: AccountId) -> Result<UserHandle16, AppError> {
    UserHandle::<16>::decode(*account.0.as_bytes()).map_err(internal)
}

fn descriptor(passkey: &Passkey) -> Result<PublicKeyCredentialDescriptor<Vec<u8>>, AppError> {
    Ok(PublicKeyCredentialDescriptor {
        id: CredentialId::<Vec<u8>>::decode(passkey.credential.clone()).map_err(internal)?,
        transports: AuthTransports::decode(passkey.transports).map_err(internal)?,
    })
}

fn json(asked: &impl serde::Serialize) -> Result<String, AppError> {
    serde_json::to_string(asked).map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> AppError {
    AppError::Internal(format!("passkeys: {error}"))
}

fn refused_new(error: &RegCeremonyErr) -> PasskeyRefusal {
    use RegCeremonyErr as Error;
    match error {
        Error::Timeout | Error::ChallengeMismatch => PasskeyRefusal::Challenge,
        Error::OriginMismatch | Error::CrossOrigin | Error::TopOriginMismatch | Error::RpIdHashMismatch => {
            PasskeyRefusal::Origin
        }
        Error::UserNotPresent | Error::UserNotVerified => PasskeyRefusal::Unverified,
        Error::AttestationSignature => PasskeyRefusal::Signature,
        _ => PasskeyRefusal::Unreadable,
    }
}

fn refused_use(error: &AuthCeremonyErr) -> PasskeyRefusal {
    use AuthCeremonyErr as Error;
    match error {
        Error::Timeout | Error::ChallengeMismatch => PasskeyRefusal::Challenge,
        Error::OriginMismatch | Error::CrossOrigin | Error::TopOriginMismatch | Error::RpIdHashMismatch => {
            PasskeyRefusal::Origin
        }
        Error::UserNotVerified => PasskeyRefusal::Unverified,
        Error::AssertionSignature => PasskeyRefusal::Signature,
        Error::SignatureCounter => PasskeyRefusal::Counter,
        Error::UserHandleMismatch | Error::NoMatchingAllowedCredential | Error::CredentialIdMismatch => {
            PasskeyRefusal::Unknown
        }
        _ => PasskeyRefusal::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_tls_but_on_this_machine() {
        let origin =
            |url: &str| RelyingParty::at(url).map(|party| (party.id.as_ref().to_owned(), party.origin));
        let is = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(origin("https://Beian.example.cn"), is("beian.example.cn", "https://beian.example.cn"));
        assert_eq!(
            origin("https://beian.example.cn:8443"),
            is("beian.example.cn", "https://beian.example.cn:8443")
        );
        assert_eq!(
            origin("https://beian.example.cn:443/x"),
            is("beian.example.cn", "https://beian.example.cn")
        );
        assert_eq!(origin("http://localhost:8080"), is("localhost", "http://localhost:8080"));
        for nowhere in
            ["http://beian.example.cn", "http://127.0.0.1:8080", "https://[::1]", "https://192.0.2.1", "no"]
        {
            assert_eq!(origin(nowhere), None, "{nowhere}");
        }
    }
}
