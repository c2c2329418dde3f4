#include "hubd/courier.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "hubd/hearer.h"
#include "hubd/inbox.h"
#include "hubd/parcel.h"
#include "hubd/pass.h"
#include "store/epoch.h"
#include "wire/order.h"

/*
 * µs. A message is begun within BUDGET after its right was decided; a recipient has TIMEOUT for its
 * answer (parcel.c); PATIENCE is more than both; LEASE more than that.
 */
#define BUDGET 700000
#define RESEND 3000000
#define PATIENCE 14000000
#define LEASE 20000000
#define LOOK 100000
#define SWEEP 1000000
/* At once, of a thread: orders, of these such whose last attempt failed, leases taken in one go. */
enum { OPEN_MAX = 48, FAILING_MAX = 16, TAKE = 8, EGRESS_MAX = 16 };
/* Messages of a lease: as many as its recipient took in time, so that little is made and signed in vain. */
enum { PACES = 1024, PACE_FIRST = 32, PACE_MIN = 8 };

typedef struct courier {
	couriers *all;
	pthread_t thread;
	bool running;
	worker worker;
	int32_t holder;
	inbox *inbox;
	jws_signer *signer;
	unsigned turn; /* of the keys that it has */
	pass pass;
	parcel *open[OPEN_MAX + TAKE]; /* the wire's or the inbox's; tests go on top of leases */
	size_t open_count, failing;
	uint16_t paces[PACES]; /* by subscription; 0: none known */
	int64_t swept;
} courier;

struct couriers {
	const core *core;
	wire_asker *egress[EGRESS_MAX];
	size_t egress_count;
	hearer *hearer;
	uint64_t sequence; /* under lock */
	pthread_mutex_t lock;
	int count;
	courier list[];
};

static uint64_t next_order(couriers *s)
{
	pthread_mutex_lock(&s->lock);
	uint64_t n = ++s->sequence;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static wire_asker *egress_of(const couriers *s, const outbox_head *h)
{
	return s->egress[(uint64_t)h->subscription % s->egress_count];
}

/* On the wire's thread. */
static void on_answer(void *user, hub_status st, const uint8_t *answer, size_t len)
{
	parcel *p = user;
	courier *c = p->owner;
	p->sent = st;
	if (st == HUB_OK)
		buf_put(&p->answer, answer, len);
	if (p->answer.bad)
		p->sent = HUB_AGAIN;
	inbox_put(c->inbox, p);
}

static hub_status pack(courier *c, parcel *p)
{
	char lane[48] = "";
	buf body = { 0 };
	if (p->kind != PARCEL_TEST)
		snprintf(lane, sizeof lane, "%lld/%lld", (long long)p->head.party, (long long)p->head.subscription);
	const wire_dispatch d = { .lane = lane,
				  .lease = p->head.lease,
				  .not_after = clock_now() + BUDGET,
				  .list = p->list,
				  .count = p->count };
	wire_dispatch_pack(&body, &d);
	const wire_order o = { .head = { WIRE_VERSION, WIRE_ORDER, "courier", c->all->core->epoch, next_order(c->all),
					 trace_new() },
			       .what = "deliver",
			       .subject = "",
			       .body = body.bytes,
			       .body_len = body.len };
	wire_order_pack(&p->message, &o);
	hub_status st = body.bad || p->message.bad ? HUB_NOMEM : HUB_OK;
	buf_fini(&body);
	return st;
}

/* The parcel is the wire's, then the inbox's. */
static void send(courier *c, parcel *p)
{
	c->open[c->open_count++] = p;
	c->failing += p->head.attempts > 0;
	p->owner = c;
	hub_status st = p->count ? pack(c, p) : HUB_OK;
	if (st == HUB_OK && p->count)
		st = wire_ask_start(egress_of(c->all, &p->head), p->message.bytes, p->message.len, RESEND, PATIENCE,
				    on_answer, p);
	if (st != HUB_OK || !p->count)
		inbox_put(c->inbox, p);
}

/* The core's keys may have been changed since; what is signed from here on is signed by the new one. */
static hub_status take_signer(courier *c)
{
	api *a = c->all->core->api;
	unsigned turn;
	jws_signer *fresh = NULL;
	const jwt_keys *keys = api_keys_take(a, &turn);
	hub_status st = keys && turn != c->turn ? jws_signer_new(keys, &fresh) : HUB_OK;
	api_keys_give(a, keys);
	if (!fresh)
		return st;
	jws_signer_free(c->signer);
	c->signer = fresh;
	c->turn = turn;
	c->pass.until = 0;
	return HUB_OK;
}

static const char *token(courier *c)
{
	return c->signer ? pass_token(&c->pass, c->all->core, &c->worker.memory) : NULL;
}

/* A lease whose content cannot be made: it is over, or there is nothing to sign with. */
static hub_status give_up(courier *c, parcel *p, hub_status why)
{
	store *db = c->worker.db;
	const outbox_outcome o = { .party = p->head.party,
				   .subscription = p->head.subscription,
				   .lease = p->head.lease,
				   .sent = p->head.sent,
				   .acknowledged = p->head.acknowledged,
				   .result = OUTBOX_FAILED,
				   .delay = 10000000,
				   .code = "deliver.keys",
				   .message = "the core has no keys; hubd needs its option keys" };
	if (p->kind == PARCEL_TEST)
		return delivery_done(db, &(delivery) { .id = p->test,
						       .party = p->head.party,
						       .state = "failed",
						       .code = "deliver.over",
						       .message = "the subscription is over" });
	if (why == HUB_REJECT)
		return outbox_settle(db, &o);
	hub_status st = outbox_settle(db, &o);
	return st == HUB_OK ? outbox_pause(db, p->head.party, p->head.subscription, "the subscription is over") : st;
}

static uint16_t *pace_of(courier *c, const outbox_head *h)
{
	return &c->paces[(uint64_t)h->subscription % PACES];
}

/* Twice as many the next time if all went, and no more than went if time ran out. */
static void learn_pace(courier *c, const parcel *p)
{
	uint16_t *pace = pace_of(c, &p->head);
	if (p->kind != PARCEL_BATCH || !p->count)
		return;
	if (p->went < p->count)
		*pace = p->went > PACE_MIN ? (uint16_t)p->went : PACE_MIN;
	else if (p->count >= *pace)
		*pace = *pace < OUTGOING_MAX / 2 ? (uint16_t)(2 * *pace) : OUTGOING_MAX;
}

static hub_status dispatch(courier *c, parcel_kind kind, const outbox_head *head, uint64_t test)
{
	parcel *p;
	if (take_signer(c) != HUB_OK)
		log_warn("the keys that sign cannot be used; the old one stays");
	const parcel_tools tools = { &c->worker, c->signer, token(c) };
	hub_status st = parcel_new(kind, head, &p);
	if (st != HUB_OK)
		return st;
	p->test = test;
	if (!*pace_of(c, head))
		*pace_of(c, head) = PACE_FIRST;
	p->most = *pace_of(c, head);
	st = parcel_fill(p, &tools);
	if (st == HUB_OK) {
		send(c, p);
		return HUB_OK;
	}
	if (st == HUB_MISSING || st == HUB_REJECT)
		st = give_up(c, p, st);
	parcel_free(p);
	return st;
}

static hub_status lease_some(courier *c, size_t *ret_count)
{
	outbox_head *list;
	hub_status st = outbox_lease(c->worker.db, c->holder, TAKE, LEASE, c->failing < FAILING_MAX, &c->worker.memory,
				     &list, ret_count);
	/* One whose making fails keeps its lease till it ends, and is tried anew then. */
	for (size_t i = 0; st == HUB_OK && i < *ret_count; i++)
		st = dispatch(c, strcmp(list[i].state, "pending") ? PARCEL_BATCH : PARCEL_CHALLENGE, &list[i], 0);
	return st;
}

static hub_status test_some(courier *c)
{
	delivery *list;
	size_t count;
	outbox_head head;
	hub_status st = delivery_test_take(c->worker.db, TAKE, &c->worker.memory, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		st = outbox_get(c->worker.db, list[i].party, list[i].subscription, &c->worker.memory, &head);
		if (st == HUB_OK)
			st = dispatch(c, PARCEL_TEST, &head, list[i].id);
		else if (st == HUB_MISSING)
			st = HUB_OK;
	}
	return st;
}

static void taken_out(courier *c, const parcel *p)
{
	size_t at = 0;
	while (c->open[at] != p)
		at++;
	c->open[at] = c->open[--c->open_count];
	c->failing -= p->head.attempts > 0;
}

/* Those that cannot be settled now, as the database is away, go back. */
static hub_status settle_all(courier *c, size_t *ret_count)
{
	hub_status st = HUB_OK;
	*ret_count = 0;
	for (parcel *p = inbox_take(c->inbox), *next; p; p = next) {
		next = p->next;
		if (st == HUB_OK)
			st = parcel_settle(p, c->worker.db);
		if (st == HUB_CONFLICT)
			st = HUB_OK; /* the lease is another's by now */
		if (st != HUB_OK) {
			inbox_put(c->inbox, p);
			continue;
		}
		learn_pace(c, p);
		taken_out(c, p);
		parcel_free(p);
		++*ret_count;
	}
	return st;
}

static hub_status round_of(courier *c, bool *ret_busy)
{
	size_t settled = 0, leased = 0;
	bool connected = true;
	int64_t now = clock_monotonic();
	hub_status st = settle_all(c, &settled);
	for (size_t i = 0; i < c->all->egress_count; i++)
		connected &= wire_asker_connected(c->all->egress[i]);
	if (st == HUB_OK && now - c->swept > SWEEP) {
		c->swept = now;
		st = outbox_free(c->worker.db);
	}
	if (st == HUB_OK && connected && c->open_count + TAKE <= OPEN_MAX) {
		st = test_some(c);
		if (st == HUB_OK)
			st = lease_some(c, &leased);
	}
	*ret_busy = settled || leased;
	return st;
}

/* What we do not know to be on its way has come back, however the server remembers it. */
static hub_status keep_open(courier *c)
{
	outbox_held held[OPEN_MAX + TAKE];
	for (size_t i = 0; i < c->open_count; i++)
		held[i] = (outbox_held) { c->open[i]->head.subscription, c->open[i]->head.lease };
	return outbox_keep_only(c->worker.db, c->holder, held, c->open_count);
}

/* Notices and holds end with the connection, so each new one begins here. */
static hub_status serve(courier *c)
{
	store_notice notice;
	bool busy;
	hub_status st = worker_ready(&c->worker);
	if (st == HUB_OK)
		st = store_listen(c->worker.db, "hub_delivery");
	if (st == HUB_OK)
		st = outbox_hold(c->worker.db, c->holder);
	if (st == HUB_OK)
		st = keep_open(c);
	/* What a lease has done and the store forgets is done once more, and known by its id. */
	if (st == HUB_OK)
		st = store_relax(c->worker.db);
	while (st == HUB_OK && !c->all->core->stopping) {
		st = round_of(c, &busy);
		arena_reset(&c->worker.memory);
		if (st == HUB_OK && !busy)
			inbox_wait(c->inbox, store_descriptor(c->worker.db), LOOK);
		while (st == HUB_OK)
			st = store_wait(c->worker.db, 0, &notice);
		if (st == HUB_MISSING)
			st = HUB_OK;
	}
	return st;
}

static void *run(void *user)
{
	courier *c = user;
	while (!c->all->core->stopping) {
		hub_status st = serve(c);
		if (st == HUB_FAILED)
			log_error("courier: the database refuses; trying again");
		if (st != HUB_OK)
			inbox_wait(c->inbox, -1, LOOK);
		/* A hold of a connection that is gone may last a moment longer than it. */
		if (st == HUB_CONFLICT)
			c->holder = (int32_t)(arc4random() >> 1);
	}
	return NULL;
}

static hub_status start_one(couriers *s, courier *c)
{
	c->all = s;
	c->holder = (int32_t)(arc4random() >> 1);
	worker_init(&c->worker, s->core);
	hub_status st = inbox_new(&c->inbox);
	if (st == HUB_OK)
		st = take_signer(c);
	if (st != HUB_OK)
		return st;
	c->running = !pthread_create(&c->thread, NULL, run, c);
	return c->running ? HUB_OK : HUB_FAILED;
}

hub_status couriers_start(const core *c, const char *const *egresses, int threads, couriers **ret, hub_fault *fault)
{
	couriers *s = fail_calloc(1, sizeof *s + (size_t)threads * sizeof s->list[0]);
	hub_status st = s ? HUB_OK : HUB_NOMEM;
	if (!s)
		return st;
	s->core = c;
	pthread_mutex_init(&s->lock, NULL);
	for (size_t i = 0; st == HUB_OK && egresses[i] && i < EGRESS_MAX; i++) {
		char url[600];
		core_url(c, egresses[i], WIRE_ORDER, url, sizeof url);
		st = wire_ask_dial(url, core_tls(c), &s->egress[i], fault);
		s->egress_count += st == HUB_OK;
	}
	if (st == HUB_OK && s->egress_count)
		st = hearer_start(c, s->egress, s->egress_count, &s->hearer);
	for (int i = 0; st == HUB_OK && s->egress_count && i < threads; i++) {
		s->count = i + 1;
		st = start_one(s, &s->list[i]);
	}
	if (st != HUB_OK)
		return st; /* the process ends */
	*ret = s;
	return HUB_OK;
}

void couriers_stop(couriers *s)
{
	if (!s)
		return;
	for (int i = 0; i < s->count; i++)
		if (s->list[i].running)
			pthread_join(s->list[i].thread, NULL);
	hearer_stop(s->hearer);
	/* Open orders end now; what they did is found out when their leases end. */
	for (size_t i = 0; i < s->egress_count; i++)
		wire_asker_close(s->egress[i]);
	for (int i = 0; i < s->count; i++) {
		courier *c = &s->list[i];
		for (parcel *p = inbox_take(c->inbox), *next; p; p = next) {
			next = p->next;
			parcel_free(p);
		}
		inbox_free(c->inbox);
		jws_signer_free(c->signer);
		worker_fini(&c->worker);
	}
	pthread_mutex_destroy(&s->lock);
	free(s);
}
