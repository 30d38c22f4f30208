"""Certificates for this machine: an authority of its own, and the one that the server shows.

Knows: what browsers ask of both (RFC 5280; CA/Browser Forum Baseline Requirements, section 7.1).
Refuses to know: where they are kept, and the clock.

The authority can only speak for names and addresses that are nobody's on the internet: its name
constraints say so, and so whoever steals its key cannot pass for a real site to those who trust it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS: Final = 3650
# Browsers and systems refuse a server's certificate that is valid for longer than 398 days.
SERVER_DAYS: Final = 390
# A new one is made so long before it ends.
RENEW_DAYS: Final = 30
_NAME_BYTES: Final = 64
# Clocks of other devices may be slow.
_SLACK: Final = timedelta(days=1)

# Names without a place in the DNS of the internet (RFC 6761, 6762, 8375, and ICANN's .internal).
DOMAINS: Final = ("localhost", "local", "test", "internal", "home.arpa", "lan")
NETWORKS: Final[tuple[IPv4Network | IPv6Network, ...]] = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
         "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key.

    Attributes:
        certificate: one or more, as PEM.
        key: PKCS #8, not encrypted, as PEM.
    """

    certificate: bytes
    key: bytes


def is_private(name: str) -> bool:
    """Whether the authority may speak for a name, or an address."""
    try:
        address = ip_address(name)
    except ValueError:
        return any(name == domain or name.endswith(f".{domain}") for domain in DOMAINS)
    return any(address in network for network in NETWORKS)


def authority(owner: str, now: datetime) -> Pair:
    """A new authority.

    Args:
        owner: whose it is, to be read in lists of trusted authorities.
        now: with a time zone.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "hotreload"),
            x509.NameAttribute(NameOID.COMMON_NAME, _fitting(f"hotreload on {owner}")),
        ]
    )
    built = (
        _builder(name, name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(_constraints(), critical=True)
    )
    return _pair(built.sign(key, hashes.SHA256()), key)


def _fitting(name: str) -> str:
    """As much of a common name as may be; the library counts its bytes (RFC 5280, A.1)."""
    return name.encode(errors="replace")[:_NAME_BYTES].decode(errors="ignore")


def server(names: Sequence[str], issuer: Pair, now: datetime) -> Pair:
    """A new certificate for a server, with its authority's behind it.

    Args:
        names: host names and addresses, each one `is_private`.
        issuer: the authority.
        now: with a time zone.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    above = x509.load_pem_x509_certificate(issuer.certificate)
    signer = _private(issuer.key)
    if signer is None:
        raise ValueError("the authority has no key of ours")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hotreload")])
    built = (
        _builder(subject, above.subject, key, now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    made = _pair(built.sign(signer, hashes.SHA256()), key)
    return Pair(made.certificate + issuer.certificate, made.key)


def is_good(pair: Pair, names: Sequence[str], issuer: Pair, now: datetime) -> bool:
    """Whether a server's certificate is for these names, of this authority, and lasts a while."""
    one, above = _certificate(pair.certificate), _certificate(issuer.certificate)
    if one is None or above is None:
        return False
    try:
        said = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        one.verify_directly_issued_by(above)
    except (x509.ExtensionNotFound, InvalidSignature, TypeError, ValueError):
        return False
    return list(said) == _general(names) and _lasts(one, now) and _is_key_of(pair.key, one)


def is_authority(pair: Pair, now: datetime) -> bool:
    """Whether this is an authority with its key, and lasts a while."""
    one = _certificate(pair.certificate)
    return one is not None and _lasts(one, now) and _is_key_of(pair.key, one)


def _certificate(pem: bytes) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        return None


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey | None:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _lasts(certificate: x509.Certificate, now: datetime) -> bool:
    end = now + timedelta(days=RENEW_DAYS)
    return certificate.not_valid_before_utc <= now and end < certificate.not_valid_after_utc


def _is_key_of(pem: bytes, certificate: x509.Certificate) -> bool:
    key = _private(pem)
    return key is not None and key.public_key() == certificate.public_key()


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now - _SLACK + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """Of a server's key to sign handshakes, of an authority's to sign certificates."""
    return x509.KeyUsage(
        digital_signature=signs, key_cert_sign=not signs, crl_sign=not signs,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _constraints() -> x509.NameConstraints:
    names: list[x509.GeneralName] = [x509.DNSName(domain) for domain in DOMAINS]
    return x509.NameConstraints([*names, *map(x509.IPAddress, NETWORKS)], None)


def _general(names: Sequence[str]) -> list[x509.GeneralName]:
    return list(map(_general_name, names))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
