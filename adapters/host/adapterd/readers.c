/*
 * Whose messages are read from a broker's journal: broker/readers.json, {PATH: {PARTY: true}}. The plug-in
 * acknowledges to nobody else (docs/decisions/0008-mqtt.md). Who no longer reads is taken off the list first
 * and reads on to where the journal ended then, as the plug-in looks at the list again before each PUBACK. What
 * it reads last is kept in its own journal, for when the core takes it.
 */
#include "adapterd.h"
#include "base/log.h"
#include "replica.h"
#include "transport.h"

static json_t *readers_of(const adapterd *d)
{
	json_t *all = json_object();
	for (size_t i = 0; i < d->count; i++) {
		const keeper *in = d->instances[i];
		if (!in->transport || !in->transport->is_through || in->stay != KEEPER_STAYS)
			continue;
		const char *path = messages_path(in->transport);
		if (!json_object_get(all, path))
			json_object_set_new(all, path, json_object());
		json_object_set_new(json_object_get(all, path), config_text(&in->config, "party", ""), json_true());
	}
	return all;
}

static void tell(adapterd *d)
{
	json_t *now = readers_of(d);
	bool same = d->readers && json_equal(d->readers, now);
	if (same || state_save(d->host.state_dir, "broker", "readers", now)) {
		json_decref(d->readers);
		d->readers = json_incref(now);
		d->untold = false;
	}
	json_decref(now);
}

void adapterd_readers(adapterd *d)
{
	bool left = false;
	if (d->untold)
		tell(d);
	for (size_t i = 0; !d->untold && i < d->count; i++) {
		keeper *in = d->instances[i];
		if (!in->transport || !in->transport->is_through ||
		    !in->transport->is_through(in->transport, in->stay == KEEPER_LEAVING))
			continue;
		log_info("instance '%s': all messages that were promised are kept; it reads no more", in->name);
		in->stay = KEEPER_LEFT;
		left = true;
	}
	if (left)
		adapterd_reapply(d);
}
