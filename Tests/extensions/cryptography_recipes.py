# cryptography (Rust and OpenSSL through cffi): recipes and primitives with fixed keys, objects of ours as buffers, errors.
import datetime, os

from cryptography import exceptions, fernet, x509
from cryptography.hazmat.primitives import constant_time, hashes, hmac, padding, serialization
from cryptography.hazmat.primitives.asymmetric import dh, ec, ed25519, padding as rsa_padding, rsa, utils, x25519
from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.twofactor.totp import TOTP


def error(function, *args, **options):
    try:
        return function(*args, **options)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


key = fernet.Fernet.generate_key()
box = fernet.MultiFernet([fernet.Fernet(fernet.Fernet.generate_key()), fernet.Fernet(key)])
token = fernet.Fernet(key).encrypt_at_time(b"secret", 1_700_000_000)
print(box.decrypt(token), fernet.Fernet(key).extract_timestamp(token), error(box.decrypt, b"broken"), error(fernet.Fernet, b"short")[:40])
print(error(fernet.Fernet(key).decrypt, token, ttl=1))

digest = hashes.Hash(hashes.SHA256())
for part in (b"a", bytearray(b"b"), memoryview(b"xcx")[1:2]):
    digest.update(part)
again = digest.copy()
print(digest.finalize().hex(), again.finalize() == __import__("hashlib").sha256(b"abc").digest(), error(digest.update, b"late"), error(hashes.Hash(hashes.MD5()).update, "text")[:40])
print([getattr(hashes, n)().digest_size for n in ("SHA1", "SHA384", "SHA3_256", "SM3")], hashes.BLAKE2b(64).name, hashes.SHAKE128(5).digest_size)
mac = hmac.HMAC(b"key", hashes.SHA512())
mac.update(b"message")
print(mac.copy().finalize().hex()[:32], error(mac.verify, b"wrong"), constant_time.bytes_eq(b"a", b"a"))
print(HKDF(hashes.SHA256(), 16, b"salt", b"info").derive(b"input").hex(), PBKDF2HMAC(hashes.SHA1(), 20, b"salt", 2).derive(b"password").hex())
print(Scrypt(salt=b"NaCl", length=16, n=1024, r=8, p=16).derive(b"password").hex(), TOTP(b"12345678901234567890", 8, hashes.SHA1(), 30).generate(59))

for cipher in (aead.AESGCM(bytes(16)), aead.ChaCha20Poly1305(bytes(32)), aead.AESCCM(bytes(16)), aead.AESSIV(bytes(32))):
    nonce = [bytes(12)] if not isinstance(cipher, aead.AESSIV) else []
    sealed = cipher.encrypt(*nonce, b"data", b"with" if nonce else [b"with"])
    print(type(cipher).__name__, sealed.hex()[:24], cipher.decrypt(*nonce, sealed, b"with" if nonce else [b"with"]), error(cipher.decrypt, *nonce, sealed[:-1] + b"x", None)[:30])
for mode in (modes.CBC(bytes(16)), modes.CTR(bytes(16)), modes.GCM(bytes(12)), modes.CFB(bytes(16))):
    worker = Cipher(algorithms.AES(bytes(range(32))), mode).encryptor()
    out = bytearray(64)
    n = worker.update_into(b"0123456789abcdef" * 2, out)
    worker.finalize()
    print(mode.name, n, out[:n].hex()[:32], getattr(worker, "tag", b"").hex()[:16])
print(error(Cipher(algorithms.AES(bytes(16)), modes.CBC(bytes(16))).encryptor().update_into, b"x" * 32, bytearray(3)), error(algorithms.AES, b"7 bytes"))
padder = padding.PKCS7(128).padder()
padded = padder.update(b"abc") + padder.finalize()
unpadder = padding.PKCS7(128).unpadder()
print(padded[-1], unpadder.update(padded) + unpadder.finalize())

signer = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
signature = signer.sign(b"text")
print(signature.hex()[:40], signer.public_key().verify(signature, b"text"), error(signer.public_key().verify, signature, b"other"), signer.public_key().public_bytes_raw().hex()[:16])
mine, theirs = (x25519.X25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
print(mine.exchange(theirs.public_key()) == theirs.exchange(mine.public_key()))
curve_key = ec.derive_private_key(0x1234567890ABCDEF, ec.SECP256R1())
numbers = curve_key.public_key().public_numbers()
print(hex(numbers.x)[:20], hex(numbers.y)[-8:], curve_key.curve.name, curve_key.private_numbers().private_value)
signature = curve_key.sign(b"m", ec.ECDSA(hashes.SHA256()))
r, s = utils.decode_dss_signature(signature)
print(utils.encode_dss_signature(r, s) == signature, curve_key.public_key().verify(signature, b"m", ec.ECDSA(hashes.SHA256())))
pem = curve_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
print(pem.splitlines()[1][:24], serialization.load_pem_private_key(pem, None).private_numbers() == curve_key.private_numbers(), error(serialization.load_pem_private_key, b"junk", None)[:40])
locked = curve_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pw"))
print(serialization.load_pem_private_key(locked, b"pw").key_size, error(serialization.load_pem_private_key, locked, b"bad")[:10], error(serialization.load_pem_private_key, locked, None))
rsa_key = rsa.generate_private_key(65537, 2048)
sealed = rsa_key.public_key().encrypt(b"hi", rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
print(rsa_key.decrypt(sealed, rsa_padding.OAEP(rsa_padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)), rsa_key.key_size, rsa_key.public_key().public_numbers().e)
p = rsa_key.private_numbers()
print(p.p * p.q == p.public_numbers.n, error(rsa_key.decrypt, b"short", rsa_padding.PKCS1v15()), isinstance(rsa_key, rsa.RSAPrivateKey))

name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "né.example"), x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "DE")])
start = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
builder = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(signer.public_key()).serial_number(77).not_valid_before(start)
           .not_valid_after(start + datetime.timedelta(days=10)).add_extension(x509.SubjectAlternativeName([x509.DNSName("a.example"), x509.IPAddress(__import__("ipaddress").ip_address("::1"))]), False)
           .add_extension(x509.BasicConstraints(True, 2), critical=True).add_extension(x509.KeyUsage(*[True] + [False] * 8), True))
certificate = builder.sign(signer, None)
print(certificate.subject.rfc4514_string(), certificate.serial_number, certificate.not_valid_after_utc, certificate.fingerprint(hashes.SHA256()).hex()[:20])
print(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.IPAddress), [e.oid._name for e in certificate.extensions])
back = x509.load_der_x509_certificate(certificate.public_bytes(serialization.Encoding.DER))
print(back == certificate, hash(back) == hash(certificate), back.verify_directly_issued_by(certificate), error(builder.serial_number, 5), error(x509.load_pem_x509_certificate, b"x")[:30])
print(issubclass(exceptions.InvalidSignature, Exception), error(back.extensions.get_extension_for_class, x509.PolicyConstraints)[:60])
csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(curve_key, hashes.SHA256())
print(csr.is_signature_valid, x509.load_pem_x509_csr(csr.public_bytes(serialization.Encoding.PEM)).subject == name)
