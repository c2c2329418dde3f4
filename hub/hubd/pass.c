#include "hubd/pass.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define SECOND INT64_C(1000000)
#define LIFE (3600 * SECOND)

const char *pass_token(pass *p, const core *c, arena *a)
{
	hub_time now = clock_now() / SECOND * SECOND;
	char id[TRACE_TEXT];
	const trace_id trace = trace_new();
	const char *text;
	if (now < p->until - LIFE / 2)
		return p->text;
	const jwt_claims claims = { .issuer = API_ISSUER,
				    .subject = "@hub",
				    .audience = "mqtt",
				    .client = "",
				    .scope = "",
				    .id = trace_text(&trace, id),
				    .thumbprint = "",
				    .issued = now,
				    .expires = now + LIFE };
	const jwt_keys *keys = api_keys_take(c->api, NULL);
	hub_status st = keys ? jwt_sign(keys, &claims, a, &text) : HUB_MISSING;
	api_keys_give(c->api, keys);
	if (st != HUB_OK || strlen(text) >= sizeof p->text)
		return NULL;
	strcpy(p->text, text);
	p->until = now + LIFE;
	return p->text;
}
