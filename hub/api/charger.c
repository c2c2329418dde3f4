#include "api/charger.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "identity/certificate.h"
#include "identity/station_secret.h"
#include "store/certificate.h"
#include "store/charger.h"

enum { BASIC_MAX = 512, STATION_MAX = 64 };

/* "Basic …": user and password; false: malformed. */
static bool basic(const char *header, char out[BASIC_MAX], const uint8_t **ret_password, size_t *ret_len)
{
	size_t len = strlen(header);
	if (strncasecmp(header, "Basic ", 6) || len - 6 > BASIC_MAX || (len - 6) % 4)
		return false;
	int n = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)header + 6, (int)(len - 6));
	if (n <= 0)
		return false;
	/* EVP counts the padding's zeros. */
	size_t size = (size_t)n - (header[len - 1] == '=') - (header[len - 2] == '=');
	char *colon = memchr(out, ':', size);
	if (!colon)
		return false;
	*colon = 0;
	*ret_password = (const uint8_t *)colon + 1;
	*ret_len = size - (size_t)(colon + 1 - out);
	return true;
}

/* Our certificate of a station says its name; the registry says that it stands. */
static hub_status by_certificate(request *r, const charger *c, bool *ret_proved)
{
	certificate shown;
	party_certificate known;
	hub_fault fault = { 0 };
	if (!r->call->cert_len)
		return HUB_OK;
	if (certificate_read(r->call->cert, r->call->cert_len, &shown, &fault) != HUB_OK ||
	    strcmp(shown.kind, "station") || strcmp(shown.name, c->name))
		return request_refuse(r, 403, "charger.certificate", "certificate",
				      "the certificate is not station '%.64s'", c->name);
	hub_status st = certificate_find(r->db, shown.thumbprint, r->arena, &known);
	if (st == HUB_MISSING || (st == HUB_OK && (known.party != c->party || strcmp(known.serial, shown.serial))))
		return request_refuse(r, 403, "charger.certificate", "certificate",
				      "not issued by this hub; hubctl charger enrol makes one");
	if (st != HUB_OK)
		return st;
	if (known.revoked || r->now < shown.not_before || r->now >= shown.not_after || r->now >= known.valid_to)
		return request_refuse(r, 403, "charger.certificate", "certificate",
				      "revoked, or not valid now; enrol anew");
	*ret_proved = true;
	return HUB_OK;
}

/* A chosen password that was kept without stretching is kept anew; if that fails, the next time. */
static void strengthen(request *r, const charger *c, const uint8_t *password, size_t len)
{
	char text[BASIC_MAX], secret[STATION_SECRET];
	hub_fault fault;
	if (len >= sizeof text || memchr(password, 0, len))
		return;
	memcpy(text, password, len);
	text[len] = 0;
	if (station_secret_of(text, secret, &fault) == HUB_OK)
		charger_secret_set(r->db, c->name, secret);
}

static hub_status by_password(request *r, const charger *c, bool *ret_proved)
{
	char text[BASIC_MAX];
	const uint8_t *password;
	size_t len;
	if (!r->call->authorization[0] || !basic(r->call->authorization, text, &password, &len) ||
	    strcmp(text, c->name))
		return HUB_OK;
	const char *secret;
	bool weak;
	hub_status st = charger_secret(r->db, c->name, r->arena, &secret);
	if (st == HUB_OK)
		st = station_secret_verify(secret, password, len, &weak);
	*ret_proved = st == HUB_OK;
	if (*ret_proved && weak)
		strengthen(r, c, password, len);
	return st == HUB_DENIED || st == HUB_MISSING || st == HUB_REJECT ? HUB_OK : st;
}

/* Security profiles of the white paper: 1 password, 2 password over TLS, 3 certificate. */
static hub_status judge(request *r, const charger *c)
{
	const char *said = request_header(r, "x-secure");
	bool secure = said && !strcmp(said, "1"), certified = false, known = false;
	hub_status st = by_certificate(r, c, &certified);
	if (st != HUB_OK)
		return st;
	if (!certified && c->profile < 3)
		st = by_password(r, c, &known);
	if (st != HUB_OK)
		return st;
	if (c->profile >= 2 && !secure)
		return request_refuse(r, 403, "charger.profile", "", "this station must come by TLS");
	if (c->profile == 3 && !certified)
		return request_refuse(r, 401, "charger.credentials", "certificate",
				      "this station must show its certificate");
	if (c->profile > 0 && !certified && !known)
		return request_refuse(r, 401, "charger.credentials", "authorization",
				      "the station's name and password are needed; hubctl charger password sets it");
	buf_text(&r->body, "{\"station\":");
	json_write_text(&r->body, c->name);
	buf_text(&r->body, ",\"instance\":");
	json_write_text(&r->body, c->instance);
	buf_text(&r->body, "}");
	return request_finish(r, 200, "");
}

hub_status charger_admit(request *r)
{
	static const char prefix[] = "/ocpp/";
	charger c;
	const char *path = r->call->path;
	size_t len = strlen(path);
	if (len <= sizeof prefix - 1 || len > sizeof prefix - 1 + STATION_MAX ||
	    strncmp(path, prefix, sizeof prefix - 1))
		return request_refuse(r, 404, "charger.unknown", "path", "stations connect to /ocpp/NAME");
	hub_status st = charger_get(r->db, path + sizeof prefix - 1, r->arena, &c);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "charger.unknown", "path",
				      "there is no such station; hubctl charger add makes it known");
	return st == HUB_OK ? judge(r, &c) : st;
}
