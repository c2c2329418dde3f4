#include "control.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SECOND INT64_C(1000000)

enum {
	BROADCAST_TIME = 0x08,
	WRITE = 0x14,
	REMOTE = 0x1c,
	STATUS_3 = 0x04000503,
	DATE = 0x04000101,
	TIME = 0x04000102,
	/* Status word 3 (annex C): the relay, the last command to it, power kept. */
	RELAY_OPEN = 1 << 4,
	RELAY_ORDERED_OPEN = 1 << 6,
	POWER_KEPT = 1 << 12,
	VALID_FOR = 3600,
	CLOCK_TOLERANCE = 60,
	DAY = 86400,
};

/* N1 of 1CH, and the status bit that shows its effect. */
typedef struct remote_row {
	const char *kind, *state;
	uint8_t n1;
	uint16_t mask, want; /* mask 0: nothing shows it */
} remote_row;

static const remote_row remotes[] = {
	{ "switch", "off", 0x1a, RELAY_OPEN, RELAY_OPEN },
	{ "switch", "on", 0x1c, RELAY_OPEN, 0 },
	/* The meter may close; its customer's key does. */
	{ "switch", "allow", 0x1b, RELAY_ORDERED_OPEN, 0 },
	{ "alarm", "on", 0x2a, 0, 0 },
	{ "alarm", "off", 0x2b, 0, 0 },
	{ "keep_power", "on", 0x3a, POWER_KEPT, POWER_KEPT },
	{ "keep_power", "off", 0x3b, POWER_KEPT, 0 },
};

static const char *argument(const hub_command *command, const char *key)
{
	for (size_t i = 0; i < command->argument_count; i++)
		if (!strcmp(command->arguments[i].key, key))
			return command->arguments[i].value;
	return "";
}

/* Hex as printed, high byte first, to bytes low first. */
static bool hex_low_first(const char *text, uint8_t *out, size_t most, size_t *ret_len)
{
	size_t n = strlen(text);
	if (n % 2 || n / 2 > most)
		return false;
	for (size_t i = 0; i < n / 2; i++) {
		const char pair[3] = { text[n - 2 - 2 * i], text[n - 1 - 2 * i], 0 };
		if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
			return false;
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	*ret_len = n / 2;
	return true;
}

bool order_key_parse(const char *password, const char *operator_code, order_key *ret)
{
	uint8_t p[4], o[4];
	size_t n, m;
	if (!hex_low_first(password, p, 4, &n) || n != 4 || !hex_low_first(operator_code, o, 4, &m) || m != 4)
		return false;
	/* PA, the level, goes first; then P0 P1 P2, low first. */
	ret->password[0] = p[3];
	memcpy(ret->password + 1, p, 3);
	memcpy(ret->operator_code, o, 4);
	return true;
}

/* YY MM DD hh mm ss of a time, as BCD. */
static void local_time(hub_time t, int64_t utc_offset, uint8_t out[6])
{
	char text[CLOCK_TEXT];
	static const size_t at[] = { 2, 5, 8, 11, 14, 17 };
	clock_text(t + utc_offset, text);
	for (size_t i = 0; i < 6; i++)
		out[i] = *text ? (uint8_t)((text[at[i]] - '0') << 4 | (text[at[i] + 1] - '0')) : 0;
}

static size_t put_key(const order_key *key, uint8_t *out)
{
	memcpy(out, key->password, 4);
	memcpy(out + 4, key->operator_code, 4);
	return 8;
}

static void put_identifier(uint32_t id, uint8_t *out)
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = (uint8_t)(id >> 8 * i);
}

static const char *make_remote(const hub_command *command, const remote_row *row, const order_key *key, hub_time now,
			       int64_t utc_offset, order *o)
{
	uint8_t until[6], *d = o->data[0];
	local_time(command->expires ? command->expires : now + VALID_FOR * SECOND, utc_offset, until);
	o->control = REMOTE;
	o->frames = 1;
	size_t n = put_key(key, d);
	d[n++] = row->n1;
	d[n++] = 0;
	for (unsigned i = 0; i < 6; i++)
		d[n++] = until[5 - i]; /* ss mm hh DD MM YY: not to be obeyed after */
	o->len[0] = n;
	o->check = row->mask ? CHECK_BIT : CHECK_NONE;
	o->check_of = STATUS_3;
	o->mask = row->mask;
	o->want = row->want;
	return NULL;
}

void order_clock(order *o, const order_key *key, hub_time now, int64_t utc_offset)
{
	uint8_t t[6], *d = o->data[0];
	local_time(now + o->clock, utc_offset, t);
	if (o->broadcast) {
		for (unsigned i = 0; i < 6; i++)
			d[i] = t[5 - i];
		o->len[0] = 6;
		return;
	}
	/* The date first: at midnight the time's frame goes with the next day's date. */
	uint8_t week = (uint8_t)((((now + o->clock + utc_offset) / SECOND / DAY) + 4) % 7);
	put_identifier(DATE, d);
	size_t n = 4 + put_key(key, d + 4);
	d[n++] = week;
	for (unsigned i = 0; i < 3; i++)
		d[n++] = t[2 - i];
	o->len[0] = n;
	d = o->data[1];
	put_identifier(TIME, d);
	n = 4 + put_key(key, d + 4);
	for (unsigned i = 0; i < 3; i++)
		d[n++] = t[5 - i];
	o->len[1] = n;
}

static const char *make_clock(const hub_command *command, hub_time now, order *o)
{
	const char *how = argument(command, "how"), *time = argument(command, "time");
	hub_time t;
	o->broadcast = !strcmp(how, "broadcast");
	if (*how && !o->broadcast && strcmp(how, "write") != 0)
		return "how: write or broadcast";
	if (*time && !clock_parse(time, strlen(time), &t))
		return "time: RFC 3339";
	o->clock = *time ? t - now : 0;
	o->is_clock = true;
	o->control = o->broadcast ? BROADCAST_TIME : WRITE;
	o->frames = o->broadcast ? 1 : 2;
	o->check = CHECK_CLOCK;
	o->check_of = TIME;
	return NULL;
}

static const char *make_write(const hub_command *command, const order_key *key, order *o)
{
	uint8_t id[4], *d = o->data[0];
	size_t n;
	if (!hex_low_first(argument(command, "identifier"), id, 4, &n) || n != 4)
		return "identifier: 8 hex digits";
	if (!hex_low_first(argument(command, "data"), o->expect, ORDER_DATA_MAX - 12, &o->expect_len) || !o->expect_len)
		return "data: hex of 1 to 52 bytes, high byte first";
	memcpy(d, id, 4);
	n = 4 + put_key(key, d + 4);
	memcpy(d + n, o->expect, o->expect_len);
	o->control = WRITE;
	o->frames = 1;
	o->len[0] = n + o->expect_len;
	o->check = CHECK_DATA;
	o->check_of = (uint32_t)id[3] << 24 | (uint32_t)id[2] << 16 | (uint32_t)id[1] << 8 | id[0];
	return NULL;
}

const char *order_make(const hub_command *command, const order_key *key, hub_time now, int64_t utc_offset, order *ret)
{
	const char *state = argument(command, "state");
	bool known = false;
	*ret = (order) { 0 };
	for (size_t i = 0; i < sizeof remotes / sizeof *remotes; i++) {
		bool mine = !strcmp(remotes[i].kind, command->kind);
		known = known || mine;
		if (mine && !strcmp(remotes[i].state, state))
			return make_remote(command, &remotes[i], key, now, utc_offset, ret);
	}
	if (known)
		return "state: on or off; allow for a switch";
	if (!strcmp(command->kind, "clock_set"))
		return make_clock(command, now, ret);
	static const char *const writes[] = { "tariff_set", "threshold_set", "archive_set" };
	for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
		if (!strcmp(writes[i], command->kind))
			return make_write(command, key, ret);
	return "not_supported";
}

static int64_t second_of_day(const uint8_t hms[3]) /* ss mm hh */
{
	int64_t v[3];
	for (unsigned i = 0; i < 3; i++)
		v[i] = (hms[i] >> 4) * 10 + (hms[i] & 15);
	return v[2] * 3600 + v[1] * 60 + v[0];
}

static bool clock_holds(const order *o, const uint8_t *bytes, hub_time now, int64_t utc_offset)
{
	int64_t want = (now + o->clock + utc_offset) / SECOND % DAY, off = second_of_day(bytes) - want;
	off = off < 0 ? -off : off;
	return off <= CLOCK_TOLERANCE || off >= DAY - CLOCK_TOLERANCE;
}

bool order_holds(const order *o, const uint8_t *bytes, size_t len, hub_time now, int64_t utc_offset)
{
	if (o->check == CHECK_BIT)
		return len >= 2 && ((bytes[0] | bytes[1] << 8) & o->mask) == o->want;
	if (o->check == CHECK_CLOCK)
		return len >= 3 && clock_holds(o, bytes, now, utc_offset);
	return len >= o->expect_len && !memcmp(bytes, o->expect, o->expect_len);
}
