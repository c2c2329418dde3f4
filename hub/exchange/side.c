#include "exchange/side.h"

#include <string.h>

#include "base/clock.h"
#include "store/computed.h"

hub_status exchange_text(const char *field, const char *text, size_t most, bool needed, hub_fault *fault)
{
	if (needed && !*text)
		return hub_fault_set(fault, "exchange.text", field, "'%s' is not empty", field);
	if (strlen(text) > most)
		return hub_fault_set(fault, "exchange.text", field, "'%s' is too long: at most %zu bytes", field, most);
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return hub_fault_set(fault, "exchange.text", field, "'%s' holds a control character", field);
	return HUB_OK;
}

hub_status exchange_tell(store *db, const int64_t *to, size_t count, const char *key, const char *body)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const computed c = {
			.party = to[i], .type = HUB_RECORD_TRANSACTION, .time = clock_now(), .key = key, .body = body
		};
		st = computed_send(db, EXCHANGE_SOURCE, &c, 1);
	}
	return st;
}
