#include "store/ledger.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "store/ledger_rows.h"

enum { BUCKETS = LEDGER_STRIPES };

/* A request on its way: `st` is HUB_AGAIN until it is answered. */
typedef struct slot {
	ledger_work work;
	size_t body_at;
	size_t twin;   /* place + 1 of an earlier request with the same key; 0: none */
	bool ends;     /* a hold */
} slot;

typedef struct batch {
	store *db;
	const ledger_entry *entries;
	ledger_result *ret;
	size_t count, legs;  /* legs: the most lines there can be */
	slot *slots;
	ledger_move *moves;  /* of all, in their order */
	size_t move_count;
	buf bodies;
	ledger_book keys;    /* only its digest is used */
	ledger_line *lines;
	size_t line_count;
	hub_time now;
	bool has_ends;
	arena mem;
} batch;

static void refuse(batch *b, size_t i, hub_status st, const char *code)
{
	b->ret[i] = (ledger_result){ .st = st, .code = code };
}

/* Still to be entered. */
static bool unanswered(const batch *b, size_t i)
{
	return b->ret[i].st == HUB_AGAIN && !b->slots[i].twin;
}

static hub_status arrange(batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		const ledger_entry *e = &b->entries[i];
		slot *s = &b->slots[i];
		const char *why = ledger_entry_check(e);
		b->ret[i] = (ledger_result){ .st = why ? HUB_REJECT : HUB_AGAIN, .code = why ? why : "" };
		if (why)
			continue;
		s->ends = e->action == LEDGER_SETTLE || e->action == LEDGER_VOID;
		b->has_ends |= s->ends;
		s->work.kind = e->action;
		s->work.home = ledger_entry_home(e);
		s->body_at = b->bodies.len;
		ledger_body_write(e, &b->bodies);
		s->work.body_len = b->bodies.len - s->body_at;
		if (!ledger_key(&b->keys, s->ends, e->key, s->work.key))
			return HUB_FAILED;
		b->legs += s->ends ? LEDGER_LEGS_MAX : e->count;
	}
	return b->bodies.bad ? HUB_NOMEM : HUB_OK;
}

/* Two requests with one key in one batch: the later is answered by the earlier. */
static hub_status find_twins(batch *b)
{
	size_t mask = 15;
	while (mask < 2 * b->count)
		mask = 2 * mask + 1;
	uint32_t *table = fail_calloc(mask + 1, sizeof *table);
	if (!table)
		return HUB_NOMEM;
	for (size_t i = 0; i < b->count; i++) {
		if (b->ret[i].st != HUB_AGAIN)
			continue;
		const ledger_work *w = &b->slots[i].work;
		uint64_t at;
		memcpy(&at, w->key, sizeof at);
		for (at &= mask; table[at] && !b->slots[i].twin; at = (at + 1) & mask) {
			const ledger_work *o = &b->slots[table[at] - 1].work;
			if (o->home == w->home && !memcmp(o->key, w->key, 16))
				b->slots[i].twin = table[at];
		}
		if (!b->slots[i].twin)
			table[at] = (uint32_t)i + 1;
	}
	free(table);
	return HUB_OK;
}

static void bucket(uint64_t *set, int64_t account)
{
	*set |= UINT64_C(1) << ((account < 0 ? -(uint64_t)account : (uint64_t)account) % BUCKETS);
}

static hub_status lock(batch *b)
{
	uint64_t set = 0;
	for (size_t i = 0; i < b->count; i++) {
		if (b->ret[i].st != HUB_AGAIN)
			continue;
		bucket(&set, b->slots[i].work.home);
		for (size_t j = 0; j < b->entries[i].count; j++)
			bucket(&set, b->entries[i].legs[j].of.account);
	}
	if (!set)
		return HUB_OK;
	AUTO_ARGS in;
	args_init(&in);
	arg_array(&in, OID_I32, (size_t)__builtin_popcountll(set));
	for (int i = 0; i < BUCKETS; i++)
		if (set >> i & 1)
			item_i32(&in, i);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(b->db, "ledger_lock", &in, &res, NULL);
	if (st == HUB_OK)
		b->now = get_time(res, PQntuples(res) - 1, 1);
	return st;
}

static void answer(batch *b, size_t i, const PGresult *r, int row)
{
	const slot *s = &b->slots[i];
	size_t len;
	const uint8_t *body = get_bytes(r, row, 4, &len);
	bool same = len >= s->work.body_len && !memcmp(body, b->bodies.bytes + s->body_at, s->work.body_len);
	bool refused = get_i64(r, row, 1) == LEDGER_REFUSED;
	if (!same)
		refuse(b, i, HUB_CONFLICT, s->ends ? "ledger.ended" : "ledger.key");
	else
		b->ret[i] = (ledger_result){ .st = refused ? HUB_REJECT : HUB_OK, .code = refused ? "ledger.exceeds" : "",
					     .repeated = true, .seq = get_i64(r, row, 2), .time = get_time(r, row, 3) };
}

/* The (home, key) of open requests, or of those that end a hold by the key of what they end. */
static hub_status arg_keys(batch *b, args *in, const size_t *pick, size_t n, bool of_hold)
{
	arg_array(in, OID_I64, n);
	for (size_t i = 0; i < n; i++)
		item_i64(in, b->slots[pick[i]].work.home);
	arg_array(in, OID_UUID, n);
	for (size_t i = 0; i < n; i++) {
		uint8_t key[16];
		memcpy(key, b->slots[pick[i]].work.key, 16);
		if (of_hold && !ledger_key(&b->keys, false, b->entries[pick[i]].key, key))
			return HUB_FAILED;
		item_bytes(in, key, 16);
	}
	return HUB_OK;
}

/* Answers those whose keys are in the journal. */
static hub_status find_known(batch *b, size_t *pick)
{
	size_t n = 0;
	for (size_t i = 0; i < b->count; i++)
		if (unanswered(b, i))
			pick[n++] = i;
	AUTO_ARGS in;
	args_init(&in);
	hub_status st = arg_keys(b, &in, pick, n, false);
	AUTO_RESULT res = NULL;
	if (st == HUB_OK)
		st = sql_run_planned(b->db, "ledger_known", &in, &res, NULL);
	for (int i = 0; st == HUB_OK && i < PQntuples(res); i++)
		answer(b, pick[get_i64(res, i, 0) - 1], res, i);
	return st;
}

/* The moves that end a hold: all of it set free, and what is settled posted. False: not what was held. */
static bool end_hold(const ledger_entry *e, ledger_move *moves, size_t count)
{
	if (e->action == LEDGER_SETTLE && e->count && e->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		int64_t amount = e->action == LEDGER_VOID ? 0 : e->count ? e->legs[i].amount : moves[i].hold;
		bool larger = moves[i].hold > 0 ? amount < 0 || amount > moves[i].hold : amount > 0 || amount < moves[i].hold;
		if (larger || (e->count && ledger_account_compare(&e->legs[i].of, &moves[i].of)))
			return false;
		moves[i].amount = amount;
	}
	return true;
}

static hub_status load_hold(batch *b, size_t i, const PGresult *r, int row)
{
	slot *s = &b->slots[i];
	ledger_move *moves = arena_array(&b->mem, LEDGER_LEGS_MAX, sizeof *moves);
	ledger_action action;
	size_t len, count;
	const uint8_t *body = get_bytes(r, row, 2, &len);
	if (!moves)
		return HUB_NOMEM;
	if (ledger_moves_read(body, len, &action, moves, &count) != HUB_OK)
		return HUB_FAILED;
	if (s->work.kind == LEDGER_SETTLE && get_time(r, row, 1) <= b->now)
		refuse(b, i, HUB_CONFLICT, "ledger.lapsed");
	else if (!end_hold(&b->entries[i], moves, count))
		refuse(b, i, HUB_REJECT, "ledger.held");
	size_t at = b->bodies.len;
	uint8_t *room = buf_room(&b->bodies, s->work.body_len);
	if (!room)
		return HUB_NOMEM;
	memcpy(room, b->bodies.bytes + s->body_at, s->work.body_len);
	buf_took(&b->bodies, s->work.body_len);
	ledger_moves_write(moves, count, &b->bodies);
	s->body_at = at;
	s->work.body_len = b->bodies.len - at;
	s->work.moves = moves;
	s->work.count = count;
	return b->bodies.bad ? HUB_NOMEM : HUB_OK;
}

static hub_status load_holds(batch *b, size_t *pick)
{
	size_t n = 0;
	for (size_t i = 0; i < b->count; i++)
		if (unanswered(b, i) && b->slots[i].ends && !b->slots[i].work.moves)
			pick[n++] = i;
	AUTO_ARGS in;
	args_init(&in);
	hub_status st = arg_keys(b, &in, pick, n, true);
	AUTO_RESULT res = NULL;
	if (st == HUB_OK && n)
		st = sql_run_planned(b->db, "ledger_holds", &in, &res, NULL);
	if (st != HUB_OK || !n)
		return st;
	for (int i = 0; st == HUB_OK && i < PQntuples(res); i++)
		st = load_hold(b, pick[get_i64(res, i, 0) - 1], res, i);
	for (size_t i = 0; i < n; i++)
		if (unanswered(b, pick[i]) && !b->slots[pick[i]].work.moves)
			refuse(b, pick[i], HUB_MISSING, "ledger.hold");
	return st;
}

static void make_moves(batch *b)
{
	b->move_count = 0;
	for (size_t i = 0; i < b->count; i++) {
		slot *s = &b->slots[i];
		if (b->ret[i].st != HUB_AGAIN)
			continue;
		s->work.body = b->bodies.bytes + s->body_at;
		if (s->ends)
			continue;
		const ledger_entry *e = &b->entries[i];
		s->work.moves = b->moves + b->move_count;
		s->work.count = e->count;
		for (size_t j = 0; j < e->count; j++) {
			int64_t amount = e->legs[j].amount;
			b->moves[b->move_count++] = (ledger_move){ e->legs[j].of, e->action == LEDGER_POST ? amount : 0,
								   e->action == LEDGER_HOLD ? amount : 0 };
		}
	}
}

static hub_status load_heads(batch *b, ledger_book *book)
{
	for (size_t i = 0; i < b->count; i++)
		for (size_t j = 0; unanswered(b, i) && j < b->slots[i].work.count; j++)
			ledger_book_head(book, b->slots[i].work.moves[j].of);
	hub_status st = book->count ? ledger_heads(b->db, book->heads, book->count, 0) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < book->count; i++)
		if (book->heads[i].time > b->now)
			b->now = book->heads[i].time;
	return st;
}

/* Enters the open requests in order. Their results are provisional until the lines are written. */
static hub_status enter(batch *b, ledger_book *book, ledger_result *done)
{
	b->line_count = 0;
	for (size_t i = 0; i < b->count; i++) {
		done[i] = b->ret[i];
		if (!unanswered(b, i))
			continue;
		const char *code = NULL;
		size_t n = 0;
		ledger_line *first = b->lines + b->line_count;
		hub_status st = ledger_enter(book, &b->slots[i].work, b->now, first, &n, &code);
		if (st != HUB_OK && st != HUB_RANGE)
			return st;
		b->line_count += n;
		done[i] = (ledger_result){ .st = st == HUB_RANGE ? st : code ? HUB_REJECT : HUB_OK, .code = code ? code : "",
					   .seq = st == HUB_OK ? first->seq : 0, .time = st == HUB_OK ? b->now : 0 };
	}
	return HUB_OK;
}

static hub_status attempt(batch *b, ledger_result *done, bool *ret_repeat)
{
	ledger_book book;
	make_moves(b);
	hub_status st = ledger_book_init(&book, b->legs);
	if (st != HUB_OK)
		return st;
	st = load_heads(b, &book);
	if (st == HUB_OK)
		st = enter(b, &book, done);
	if (st == HUB_OK)
		st = ledger_copy(b->db, b->lines, b->line_count, ret_repeat);
	ledger_book_fini(&book);
	return st;
}

/* What is reserved now, and no longer. */
static hub_status note_holds(batch *b, const ledger_result *done, size_t *pick)
{
	size_t made = 0, ended = 0;
	size_t *ends = pick + b->count;
	for (size_t i = 0; i < b->count; i++) {
		if (!unanswered(b, i) || done[i].st != HUB_OK)
			continue;
		if (b->slots[i].work.kind == LEDGER_HOLD)
			pick[made++] = i;
		else if (b->slots[i].ends)
			ends[ended++] = i;
	}
	AUTO_ARGS in;
	args_init(&in);
	hub_status st = arg_keys(b, &in, pick, made, false);
	arg_array(&in, OID_TIME, made);
	for (size_t i = 0; i < made; i++)
		item_time(&in, b->entries[pick[i]].deadline);
	arg_array(&in, OID_TEXT, made);
	for (size_t i = 0; i < made; i++)
		item_text(&in, b->entries[pick[i]].key);
	if (st == HUB_OK && made)
		st = sql_do(b->db, "ledger_hold_insert", &in, NULL);
	if (st != HUB_OK || !ended)
		return st;
	AUTO_ARGS out;
	args_init(&out);
	st = arg_keys(b, &out, ends, ended, true);
	return st == HUB_OK ? sql_do(b->db, "ledger_hold_delete", &out, NULL) : st;
}

static void settle_twins(batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		const slot *s = &b->slots[i];
		if (!s->twin)
			continue;
		const slot *first = &b->slots[s->twin - 1];
		bool same = s->work.body_len <= first->work.body_len &&
			    !memcmp(b->bodies.bytes + s->body_at, b->bodies.bytes + first->body_at, s->work.body_len);
		b->ret[i] = b->ret[s->twin - 1];
		b->ret[i].repeated = true;
		if (!same)
			refuse(b, i, HUB_CONFLICT, s->ends ? "ledger.ended" : "ledger.key");
	}
}

/* A hold and its end may stand in one batch only as what they are: the end finds no hold yet. */
static hub_status run(batch *b, size_t *pick, ledger_result *done)
{
	bool repeat = false;
	hub_status st = lock(b);
	for (int i = 0; st == HUB_OK && i < 2 && (!i || repeat); i++) {
		if (repeat || b->has_ends)
			st = find_known(b, pick);
		if (st == HUB_OK && b->has_ends)
			st = load_holds(b, pick);
		if (st == HUB_OK)
			st = attempt(b, done, &repeat);
	}
	if (st == HUB_OK && repeat) /* somebody wrote who holds no lock of ours */
		st = HUB_AGAIN;
	if (st == HUB_OK)
		st = note_holds(b, done, pick);
	return st;
}

static hub_status make_room(batch *b)
{
	b->slots = fail_calloc(b->count, sizeof *b->slots);
	hub_status st = b->slots ? ledger_book_init(&b->keys, 1) : HUB_NOMEM;
	if (st == HUB_OK)
		st = arrange(b);
	if (st == HUB_OK)
		st = find_twins(b);
	if (st != HUB_OK)
		return st;
	b->moves = fail_malloc((b->legs + 1) * sizeof *b->moves);
	b->lines = fail_malloc((b->legs + 1) * sizeof *b->lines);
	return b->moves && b->lines ? HUB_OK : HUB_NOMEM;
}

hub_status ledger_write(store *db, const ledger_entry *entries, size_t count, ledger_result *ret)
{
	assert(count <= LEDGER_BATCH_MAX);
	if (!count)
		return HUB_OK;
	ledger_result *answers = fail_malloc(2 * count * sizeof *answers);
	size_t *pick = fail_malloc(2 * count * sizeof *pick);
	batch b = { .db = db, .entries = entries, .ret = answers, .count = count };
	arena_init(&b.mem, 0);
	hub_status st = answers && pick ? make_room(&b) : HUB_NOMEM;
	if (st == HUB_OK)
		st = store_scope(db);
	if (st == HUB_OK) {
		st = run(&b, pick, answers + count);
		if (st == HUB_AGAIN)
			store_rollback(db);
		st = store_scope_end(db, st);
	}
	if (st == HUB_OK) {
		memcpy(answers, answers + count, count * sizeof *answers);
		settle_twins(&b);
		memcpy(ret, answers, count * sizeof *ret);
	}
	ledger_book_fini(&b.keys);
	buf_fini(&b.bodies);
	arena_fini(&b.mem);
	free(b.slots);
	free(b.moves);
	free(b.lines);
	free(answers);
	free(pick);
	return st;
}

typedef struct lapsed {
	int64_t account;
	const char *name;
} lapsed;

static void lapsed_row(fetch *f, int i, void *ret)
{
	*(lapsed *)ret = (lapsed){ get_i64(f->r, i, 0), fetch_text(f, i, 1) };
}

hub_status ledger_expire(store *db, size_t limit, size_t *ret_count)
{
	arena a;
	arena_init(&a, 0);
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)(limit < 1024 ? limit : 1024));
	lapsed *list = NULL;
	size_t n = 0, ended = 0;
	hub_status st = sql_list(db, "ledger_lapsed", &in, &a, sizeof *list, lapsed_row, &list, &n);
	ledger_entry *entries = st == HUB_OK ? arena_array(&a, n, sizeof *entries) : NULL;
	ledger_result *results = entries ? arena_array(&a, n, sizeof *results) : NULL;
	for (size_t i = 0; results && i < n; i++)
		entries[i] = (ledger_entry){ .action = LEDGER_VOID, .key = list[i].name, .home = list[i].account };
	if (st == HUB_OK)
		st = results ? ledger_write(db, entries, n, results) : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < n; i++)
		ended += results[i].st == HUB_OK && !results[i].repeated;
	arena_fini(&a);
	if (st == HUB_OK)
		*ret_count = ended;
	return st;
}
