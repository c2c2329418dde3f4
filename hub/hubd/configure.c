#include "hubd/configure.h"

#include <string.h>

#include "base/json.h"
#include "store/device.h"
#include "store/instance.h"

enum { PAGE = 1000 };

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

/* A JSON object as the store has it; "" as {}. */
static void object(buf *out, const char *name, const char *json)
{
	buf_printf(out, ",\"%s\":%s", name, json && json[0] ? json : "{}");
}

hub_status configure_instances(store *db, const char *daemon_name, arena *a, buf *out)
{
	instance *list;
	size_t count, written = 0;
	int64_t version;
	hub_status st = instance_list(db, daemon_name, a, &list, &count, &version);
	if (st != HUB_OK)
		return st;
	buf_printf(out, "{\"version\":%lld,\"instances\":[", (long long)version);
	for (size_t i = 0; i < count; i++) {
		const instance *n = &list[i];
		if (!n->enabled)
			continue;
		buf_printf(out, "%s{\"name\":", written++ ? "," : "");
		json_write_text(out, n->name);
		member(out, "adapter", n->adapter);
		member(out, "promise", n->journalled ? "journalled" : "committed");
		object(out, "options", n->options);
		object(out, "transport", n->transport);
		object(out, "journal", n->journal);
		buf_u8(out, '}');
	}
	buf_text(out, "]}");
	return out->bad ? HUB_NOMEM : HUB_OK;
}

static bool speaks_for(const instance *list, size_t count, int64_t party_id)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].party == party_id && list[i].enabled)
			return true;
	return false;
}

static void meter(buf *out, const device *d, bool first)
{
	buf value = { 0 };
	buf_text(&value, "{\"maker\":");
	json_write_text(&value, d->maker);
	member(&value, "model", d->model);
	buf_u8(&value, '}');
	if (!first)
		buf_u8(out, ',');
	json_write_text(out, d->meter);
	buf_u8(out, ':');
	json_write_text(out, buf_cstr(&value));
	out->bad |= value.bad;
	buf_fini(&value);
}

hub_status configure_meters(store *db, const char *daemon_name, arena *a, buf *out)
{
	instance *list;
	device *devices;
	size_t count, got = PAGE, written = 0;
	int64_t version, after = 0;
	hub_status st = instance_list(db, daemon_name, a, &list, &count, &version);
	buf_u8(out, '{');
	while (st == HUB_OK && got == PAGE) {
		st = device_list(db, after, PAGE, a, &devices, &got);
		for (size_t i = 0; st == HUB_OK && i < got; i++) {
			after = devices[i].id;
			if (speaks_for(list, count, devices[i].party))
				meter(out, &devices[i], !written++);
		}
	}
	buf_u8(out, '}');
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}
