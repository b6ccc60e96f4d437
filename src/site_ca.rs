//! An authority for one site: it makes the certificate of a server that no public authority can know.
//!
//! ECDSA P-256 throughout. The authority may sign servers and nothing below it; the server's certificate may be renewed
//! with the same key, so that the two files never disagree. What is needed for that lies in `site.json`.
//! Invariant: a private key is written readable by its owner alone, and no file of a site is ever overwritten but
//! the server's certificate and `site.json`, each in one step.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use domain::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use serde::{Deserialize, Serialize};

const AUTHORITY: &str = "site-ca.pem";
const AUTHORITY_KEY: &str = "site-ca-key.pem";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server-key.pem";
const SITE: &str = "site.json";

const AUTHORITY_YEARS: i64 = 10;
/// Apple's devices refuse a server's certificate of more than 825 days, whoever signed it.
const CERTIFICATE_DAYS: i64 = 820;

const OWNER_ONLY: u32 = 0o600;
const EVERYBODY_READS: u32 = 0o644;

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteCaError {
    #[error("{} is there already; nothing was written (renew with: smartqueue tls renew)", .0.display())]
    Exists(PathBuf),
    #[error(
        "{0:?} is not the name of a host; give it like queue.example.lan, without a scheme or a port"
    )]
    NotAName(String),
    #[error("{} is not there; begin with: smartqueue tls init", .0.display())]
    NoSite(PathBuf),
    #[error("{} cannot be understood: {reason}", file.display())]
    Unsound { file: PathBuf, reason: String },
    #[error("the authority ended on {0}; begin anew in another folder")]
    Ended(Date),
    #[error("{} can neither be read nor written", file.display())]
    File { file: PathBuf, source: io::Error },
    #[error("no certificate could be made")]
    Making(#[from] rcgen::Error),
}

/// What `renew` needs to know.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteCa {
    /// The authority's name, as its certificate has it.
    authority: String,
    authority_until: Date,
    names: Vec<String>,
}

/// What was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) authority: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) names: Vec<String>,
    pub(crate) until: Date,
}

impl SiteCa {
    /// Makes an authority and a certificate for `names` in `folder`.
    ///
    /// # Errors
    /// When the folder holds a file of a site, or a name is none.
    pub(crate) fn init(
        folder: &Path,
        names: Vec<String>,
        now: Timestamp,
    ) -> Result<Made, SiteCaError> {
        let names = sound(names)?;
        let today = day(now);
        for name in [AUTHORITY, AUTHORITY_KEY, CERTIFICATE, KEY, SITE] {
            let file = folder.join(name);
            if file.try_exists().unwrap_or(true) {
                return Err(SiteCaError::Exists(file));
            }
        }
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let first = names.first().map_or("site", String::as_str);
        let site = Self {
            authority: format!("SmartQueue authority of {first}, {today}"),
            authority_until: today.saturating_add(AUTHORITY_YEARS.years()),
            names,
        };
        let (authority_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
        let authority = site.authority(today).self_signed(&authority_key)?;
        create(&folder.join(AUTHORITY_KEY), &authority_key.serialize_pem(), OWNER_ONLY)?;
        create(&folder.join(AUTHORITY), &authority.pem(), EVERYBODY_READS)?;
        create(&folder.join(KEY), &key.serialize_pem(), OWNER_ONLY)?;
        site.certify(folder, &key, authority_key, today)
    }

    /// Makes a new certificate for the same key, with `more` names.
    ///
    /// # Errors
    /// When the folder holds no site, or its authority has ended.
    pub(crate) fn renew(
        folder: &Path,
        more: Vec<String>,
        now: Timestamp,
    ) -> Result<Made, SiteCaError> {
        let (file, today) = (folder.join(SITE), day(now));
        let mut site: Self = serde_json::from_str(&read(&file)?)
            .map_err(|error| SiteCaError::Unsound { file, reason: error.to_string() })?;
        for name in sound(more)? {
            if !site.names.contains(&name) {
                site.names.push(name);
            }
        }
        if site.authority_until <= today {
            return Err(SiteCaError::Ended(site.authority_until));
        }
        let (authority_key, key) = (pair(&folder.join(AUTHORITY_KEY))?, pair(&folder.join(KEY))?);
        site.certify(folder, &key, authority_key, today)
    }

    fn certify(
        self,
        folder: &Path,
        key: &KeyPair,
        authority_key: KeyPair,
        today: Date,
    ) -> Result<Made, SiteCaError> {
        let until = today.saturating_add(CERTIFICATE_DAYS.days()).min(self.authority_until);
        let issuer = Issuer::new(self.authority(today), authority_key);
        let certificate = self.server(today, until)?.signed_by(key, &issuer)?;
        let file = folder.join(CERTIFICATE);
        replace(&file, &certificate.pem())?;
        let text = serde_json::to_string_pretty(&self).map_err(io::Error::other);
        let site = folder.join(SITE);
        replace(&site, &text.map_err(|source| failed(&site, source))?)?;
        Ok(Made { authority: folder.join(AUTHORITY), certificate: file, names: self.names, until })
    }

    fn authority(&self, today: Date) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = called(&self.authority);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid(&mut params, yesterday(today), self.authority_until);
        params
    }

    fn server(&self, today: Date, until: Date) -> Result<CertificateParams, SiteCaError> {
        let mut params = CertificateParams::new(self.names.clone())?;
        params.distinguished_name = called(self.names.first().map_or("server", String::as_str));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid(&mut params, yesterday(today), until);
        Ok(params)
    }
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

/// Lower-case names of hosts, and addresses.
fn sound(names: Vec<String>) -> Result<Vec<String>, SiteCaError> {
    let part = |part: &str| {
        let letters = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (1..=63).contains(&part.len()) && letters && !part.starts_with('-') && !part.ends_with('-')
    };
    let is_host = |name: &str| name.len() <= 253 && name.split('.').all(part);
    let is_address = |name: &str| name.parse::<std::net::IpAddr>().is_ok();
    let judged = names.into_iter().map(|name| {
        let name = name.to_ascii_lowercase();
        if is_address(&name) || is_host(&name) {
            Ok(name)
        } else {
            Err(SiteCaError::NotAName(name))
        }
    });
    judged.collect()
}

fn day(now: Timestamp) -> Date {
    now.to_jiff().to_zoned(TimeZone::UTC).date()
}

/// Clocks of kiosks are late now and then.
fn yesterday(today: Date) -> Date {
    today.saturating_sub(1.day())
}

/// Sets from when to when a certificate is valid.
fn valid(params: &mut CertificateParams, from: Date, until: Date) {
    let at = |day: Date| {
        date_time_ymd(i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs())
    };
    (params.not_before, params.not_after) = (at(from), at(until));
}

fn pair(file: &Path) -> Result<KeyPair, SiteCaError> {
    KeyPair::from_pem(&read(file)?)
        .map_err(|error| SiteCaError::Unsound { file: file.to_owned(), reason: error.to_string() })
}

fn read(file: &Path) -> Result<String, SiteCaError> {
    fs::read_to_string(file).map_err(|source| {
        if source.kind() == io::ErrorKind::NotFound {
            SiteCaError::NoSite(file.to_owned())
        } else {
            failed(file, source)
        }
    })
}

/// Writes a file that must not be there.
fn create(file: &Path, text: &str, mode: u32) -> Result<(), SiteCaError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    write(&options, file, text).map_err(|source| failed(file, source))
}

/// Puts a new file in the place of an old one, in one step.
fn replace(file: &Path, text: &str) -> Result<(), SiteCaError> {
    let beside = file.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(EVERYBODY_READS);
    let written = write(&options, &beside, text).and_then(|()| fs::rename(&beside, file));
    written.map_err(|source| failed(file, source))
}

fn write(options: &OpenOptions, file: &Path, text: &str) -> io::Result<()> {
    let mut open = options.open(file)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()
}

fn failed(file: &Path, source: io::Error) -> SiteCaError {
    SiteCaError::File { file: file.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_site_is_made_once_and_its_keys_are_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("tls");
        let made = SiteCa::init(&dir, names(&["Queue.LAN", "192.168.1.10"]), NOW).unwrap();
        assert_eq!(made.names, ["queue.lan", "192.168.1.10"]);
        assert_eq!(made.until.to_string(), "2029-04-14");
        for name in [AUTHORITY_KEY, KEY] {
            let mode = fs::metadata(dir.join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, OWNER_ONLY, "{name}");
        }
        let before = fs::read(dir.join(AUTHORITY)).unwrap();
        fs::remove_file(dir.join(SITE)).unwrap();
        let again = SiteCa::init(&dir, names(&["other.lan"]), NOW);
        assert!(matches!(again, Err(SiteCaError::Exists(_))), "one file of it is enough");
        assert_eq!(fs::read(dir.join(AUTHORITY)).unwrap(), before);
    }

    #[test]
    fn renewing_keeps_the_key_and_the_authority_and_ends_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert!(matches!(SiteCa::renew(dir, Vec::new(), NOW), Err(SiteCaError::NoSite(_))));
        SiteCa::init(dir, names(&["queue.lan"]), NOW).unwrap();
        let kept = |name: &str| fs::read(dir.join(name)).unwrap();
        let (before, old) = ([kept(AUTHORITY), kept(AUTHORITY_KEY), kept(KEY)], kept(CERTIFICATE));
        let later = |years: i64| Timestamp::from_secs(1_800_000_000 + years * 31_557_600);
        let made = SiteCa::renew(dir, names(&["queue.lan", "10.0.0.5"]), later(9)).unwrap();
        assert_eq!(made.names, ["queue.lan", "10.0.0.5"]);
        assert_eq!(made.until.to_string(), "2037-01-15", "no longer than its authority");
        assert_eq!(before, [kept(AUTHORITY), kept(AUTHORITY_KEY), kept(KEY)]);
        assert_ne!(old, kept(CERTIFICATE));
        assert!(matches!(SiteCa::renew(dir, Vec::new(), later(11)), Err(SiteCaError::Ended(_))));
    }

    #[test]
    fn only_hosts_and_addresses_are_names() {
        assert_eq!(
            sound(names(&["A-b.Example", "::1", "q"])).unwrap(),
            ["a-b.example", "::1", "q"]
        );
        for bad in ["", "https://a.lan", "a.lan:8443", "*.lan", "-a.lan", "a..lan", "a b", "a\n"] {
            assert!(matches!(sound(names(&[bad])), Err(SiteCaError::NotAName(_))), "{bad:?}");
        }
    }
}
