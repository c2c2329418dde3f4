#include "store/ledger_book.h"

#include <hub/reader.h>
#include <string.h>

#include "base/utf8.h"

enum { BODY_VERSION = 1 };

static bool is_account(const ledger_account *a)
{
	ledger_use use = ledger_part_use(a->part);
	return a->account && a->part > 0 && use >= LEDGER_RECEIVABLE && use < LEDGER_USES && a->currency > 0;
}

/* Every currency of the legs sums to 0. */
static bool balanced(const ledger_leg *legs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		__int128 sum = 0;
		for (size_t j = 0; j < count; j++)
			if (legs[j].of.currency == legs[i].of.currency)
				sum += legs[j].amount;
		if (sum)
			return false;
	}
	return true;
}

const char *ledger_entry_check(const ledger_entry *e)
{
	bool begins = e->action == LEDGER_POST || e->action == LEDGER_HOLD;
	size_t key = e->key ? strlen(e->key) : 0, memo = e->memo ? strlen(e->memo) : 0;
	if (!begins && e->action != LEDGER_SETTLE && e->action != LEDGER_VOID)
		return "ledger.action";
	if (!key || key > LEDGER_KEY_MAX || !utf8_valid(e->key, key))
		return "ledger.key_form";
	if (memo > LEDGER_MEMO_MAX || (memo && !utf8_valid(e->memo, memo)))
		return "ledger.memo";
	if (e->count > LEDGER_LEGS_MAX || (begins ? e->count < 2 : e->action == LEDGER_VOID ? e->count : e->count == 1))
		return "ledger.legs";
	for (size_t i = 0; i < e->count; i++)
		if (!is_account(&e->legs[i].of) || !e->legs[i].amount || e->legs[i].amount == INT64_MIN)
			return "ledger.leg";
	if (!balanced(e->legs, e->count))
		return "ledger.unbalanced";
	if (e->action == LEDGER_HOLD ? !e->deadline : e->deadline)
		return "ledger.deadline";
	return begins || e->home ? NULL : "ledger.home";
}

int64_t ledger_entry_home(const ledger_entry *e)
{
	return e->action == LEDGER_SETTLE || e->action == LEDGER_VOID ? e->home : e->legs[0].of.account;
}

static void write_account(const ledger_account *of, buf *out)
{
	buf_zigzag(out, of->account);
	buf_varint(out, (uint64_t)of->part);
	buf_varint(out, (uint64_t)of->currency);
}

void ledger_body_write(const ledger_entry *e, buf *out)
{
	buf_u8(out, BODY_VERSION);
	buf_u8(out, (uint8_t)e->action);
	buf_varint(out, e->code);
	buf_str(out, e->memo);
	buf_zigzag(out, e->deadline);
	buf_varint(out, e->count);
	for (size_t i = 0; i < e->count; i++) {
		write_account(&e->legs[i].of, out);
		buf_zigzag(out, e->legs[i].amount);
	}
}

void ledger_moves_write(const ledger_move *moves, size_t count, buf *out)
{
	buf_varint(out, count);
	for (size_t i = 0; i < count; i++) {
		write_account(&moves[i].of, out);
		buf_zigzag(out, moves[i].amount);
		buf_zigzag(out, moves[i].hold);
	}
}

static ledger_account read_account(hub_reader *in)
{
	int64_t account = hub_reader_zigzag(in);
	return (ledger_account){ account, (int32_t)hub_reader_varint(in), (int16_t)hub_reader_varint(in) };
}

/* Up to the legs; the texts and legs are not copied. */
static size_t read_head(hub_reader *in, ledger_entry *e, const uint8_t **ret_memo, size_t *ret_memo_len)
{
	in->bad |= hub_reader_u8(in) != BODY_VERSION;
	e->action = (ledger_action)hub_reader_u8(in);
	e->code = (uint16_t)hub_reader_varint(in);
	*ret_memo_len = (size_t)hub_reader_varint(in);
	*ret_memo = hub_reader_bytes(in, *ret_memo_len);
	e->deadline = hub_reader_zigzag(in);
	size_t count = (size_t)hub_reader_varint(in);
	in->bad |= count > LEDGER_LEGS_MAX;
	return in->bad ? 0 : count;
}

hub_status ledger_body_read(const uint8_t *body, size_t len, arena *a, ledger_entry *ret)
{
	hub_reader in = hub_reader_of(body, len);
	const uint8_t *memo;
	size_t memo_len;
	ledger_entry e = { 0 };
	e.count = read_head(&in, &e, &memo, &memo_len);
	ledger_leg *legs = arena_array(a, e.count, sizeof *legs);
	e.memo = arena_strndup(a, (const char *)memo, in.bad ? 0 : memo_len);
	if (!legs || !e.memo)
		return HUB_NOMEM;
	for (size_t i = 0; i < e.count; i++) {
		legs[i].of = read_account(&in);
		legs[i].amount = hub_reader_zigzag(&in);
	}
	e.legs = legs;
	if (in.bad)
		return HUB_REJECT;
	*ret = e;
	return HUB_OK;
}

hub_status ledger_moves_read(const uint8_t *body, size_t len, ledger_action *ret_action, ledger_move *room,
			     size_t *ret_count)
{
	hub_reader in = hub_reader_of(body, len);
	const uint8_t *memo;
	size_t memo_len;
	ledger_entry e = { 0 };
	size_t count = read_head(&in, &e, &memo, &memo_len);
	for (size_t i = 0; i < count; i++) {
		room[i] = (ledger_move){ .of = read_account(&in) };
		int64_t amount = hub_reader_zigzag(&in);
		*(e.action == LEDGER_HOLD ? &room[i].hold : &room[i].amount) = amount;
	}
	if (hub_reader_left(&in)) {
		count = (size_t)hub_reader_varint(&in);
		in.bad |= count > LEDGER_LEGS_MAX;
		for (size_t i = 0; i < count && !in.bad; i++) {
			room[i].of = read_account(&in);
			room[i].amount = hub_reader_zigzag(&in);
			room[i].hold = hub_reader_zigzag(&in);
		}
	}
	if (in.bad || hub_reader_left(&in))
		return HUB_REJECT;
	*ret_action = e.action;
	*ret_count = count;
	return HUB_OK;
}
