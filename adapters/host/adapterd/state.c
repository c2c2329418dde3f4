#include <stdio.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "line.h"
#include "transport.h"

static const char *const phases[] = {
	[KEEPER_WAITING] = "waiting", [KEEPER_STARTING] = "starting", [KEEPER_READY] = "ready",
	[KEEPER_STOPPED] = "stopped", [KEEPER_DRAINING] = "draining",
};

static json_t *time_or_null(hub_time t)
{
	char text[CLOCK_TEXT];
	return t ? json_string(clock_text(t, text)) : json_null();
}

json_t *keeper_state(const keeper *in)
{
	char dir[4096], error[256];
	snprintf(dir, sizeof dir, "%s/journal/%s", in->host->state_dir, in->name);
	journal_state kept = { 0 };
	journal_stat(dir, &kept);
	sender_state sent;
	sender_look(in->sender, &sent);
	/* Cut anywhere, it may be no text, and json_pack then gives nothing at all. */
	utf8_clean(sent.message[0] ? sent.message : in->error, error, sizeof error);
	json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:s, s:b, s:b, s:o}", "name", in->name, "phase",
			      phases[in->phase], "pid", (json_int_t)in->pid, "restarts", (json_int_t)in->restarts,
			      "sessions", (json_int_t)in->line_count, "records", (json_int_t)in->records, "rejected",
			      (json_int_t)in->rejected, "last_error", error, "held",
			      in->held, "leaving", in->stay != KEEPER_STAYS, "last_ack", time_or_null(sent.last_ack));
	json_object_set_new(o, "full", json_integer((json_int_t)in->full));
	json_object_set_new(o, "is_full", json_boolean(in->is_full));
	json_object_set_new(o, "journal",
			    json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "epoch", (json_int_t)kept.epoch, "first",
				      (json_int_t)kept.first, "next", (json_int_t)kept.next, "waiting",
				      (json_int_t)(kept.next - kept.first), "bytes", (json_int_t)kept.bytes,
				      "oldest", time_or_null(kept.oldest)));
	json_object_set_new(o, "committed",
			    json_pack("{s:I, s:I, s:I}", "stored", (json_int_t)sent.stored, "duplicates",
				      (json_int_t)sent.duplicates, "quarantined", (json_int_t)sent.quarantined));
	return o;
}
