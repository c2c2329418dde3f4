#include "api/payments.h"

#include "base/json.h"
#include "store/party.h"
#include "store/provider.h"

hub_status providers_get(request *r)
{
	int64_t *list;
	size_t count;
	hub_status st = provider_list(r->db, r->arena, &list, &count);
	buf_text(&r->body, "{\"providers\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		party who;
		st = party_by_id(r->db, list[i], r->arena, &who);
		if (st != HUB_OK)
			break;
		buf_text(&r->body, i ? ",\n{\"code\":" : "\n{\"code\":");
		json_write_text(&r->body, who.code);
		buf_text(&r->body, ",\"name_zh\":");
		json_write_text(&r->body, who.name_zh);
		buf_text(&r->body, ",\"name_en\":");
		json_write_text(&r->body, who.name_en);
		buf_text(&r->body, "}");
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
