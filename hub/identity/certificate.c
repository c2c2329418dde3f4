#include "identity/certificate.h"

#include "base/clock.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static const char URN[] = "urn:uhub:";

static bool name_is_plain(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
	return n && n < CERTIFICATE_NAME && !s[n];
}

/* "urn:uhub:party:water" → kind and name. */
static bool urn_read(const unsigned char *uri, int len, certificate *c)
{
	char text[sizeof URN + sizeof c->kind + CERTIFICATE_NAME];
	if (len <= 0 || (size_t)len >= sizeof text || memchr(uri, 0, (size_t)len))
		return false;
	memcpy(text, uri, (size_t)len);
	text[len] = 0;
	char *kind = text + sizeof URN - 1, *name = strchr(kind, ':');
	if (strncmp(text, URN, sizeof URN - 1) != 0 || !name)
		return false;
	*name++ = 0;
	if ((strcmp(kind, "party") != 0 && strcmp(kind, "station") != 0) || !name_is_plain(name))
		return false;
	strcpy(c->kind, kind);
	strcpy(c->name, name);
	return true;
}

/* Exactly one of our names: a certificate that speaks for two is nobody's. */
static bool names_read(X509 *x, certificate *c)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int found = 0;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		if (n->type == GEN_URI)
			found += urn_read(ASN1_STRING_get0_data(n->d.ia5), ASN1_STRING_length(n->d.ia5), c);
	}
	GENERAL_NAMES_free(names);
	return found == 1;
}

static hub_time time_read(const ASN1_TIME *t)
{
	struct tm tm;
	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return 0;
	return (clock_days(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 +
		tm.tm_sec) * 1000000;
}

static bool serial_read(X509 *x, certificate *c)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = n ? BN_bn2hex(n) : NULL;
	bool fits = hex && strlen(hex) < sizeof c->serial;
	for (size_t i = 0; fits && i <= strlen(hex); i++)
		c->serial[i] = (char)(hex[i] >= 'A' && hex[i] <= 'F' ? hex[i] + 32 : hex[i]);
	OPENSSL_free(hex);
	BN_free(n);
	return fits;
}

static void thumbprint_read(const uint8_t *der, size_t len, certificate *c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint8_t d[33] = { 0 };
	EVP_Digest(der, len, d, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < 43; i++) {
		int bit = i * 6, v = d[bit / 8] << 8 | (bit / 8 < 32 ? d[bit / 8 + 1] : 0);
		c->thumbprint[i] = digits[v >> (10 - bit % 8) & 63];
	}
	c->thumbprint[43] = 0;
}

hub_status certificate_read(const uint8_t *der, size_t len, certificate *ret, hub_fault *fault)
{
	const uint8_t *p = der;
	X509 *x = len && len < 64 * 1024 ? d2i_X509(NULL, &p, (long)len) : NULL;
	certificate c = { 0 };
	bool whole = x && p == der + len, named = whole && names_read(x, &c);
	if (named && serial_read(x, &c)) {
		thumbprint_read(der, len, &c);
		c.not_before = time_read(X509_get0_notBefore(x));
		c.not_after = time_read(X509_get0_notAfter(x));
	}
	X509_free(x);
	if (!whole)
		return hub_fault_set(fault, "certificate.form", "certificate", "not one DER certificate");
	if (!named || !*c.serial)
		return hub_fault_set(fault, "certificate.name", "subjectAltName",
				     "needs exactly one name urn:uhub:party:CODE; enrol to get one");
	*ret = c;
	return HUB_OK;
}
