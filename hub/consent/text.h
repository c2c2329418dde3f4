/* What a grantor is shown, in both languages, and a consent as JSON. Pure. */
#ifndef CONSENT_TEXT_H
#define CONSENT_TEXT_H

#include "base/buf.h"
#include "base/zone.h"
#include "store/consent.h"
#include "store/party.h"

/* Fills text_zh, text_en and digest of a consent that has everything else; times as the zone's clock shows them. */
hub_status consent_text(consent *c, const party *grantor, const party *grantee, const zone *z, arena *a);
/* SHA-256 over the Chinese text, a line feed and the English one. False: out of memory. */
bool consent_digest(const char *text_zh, const char *text_en, uint8_t ret[32]);
/* {"id","point","grantor","grantee","commodity","granularity","purpose","valid_from",…,"state","receipt":{…}} */
void consent_write(buf *out, const consent *c, hub_time now);

#endif
