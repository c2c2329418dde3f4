/* Demand response as rows. Powers in W, prices and costs in 10^-4 of the currency's unit. The rules are in hub/demand. */
#ifndef STORE_DEMAND_H
#define STORE_DEMAND_H

#include "store/store.h"

typedef struct demand_programme {
	int64_t id, party;
	const char *code, *name_zh, *name_en;
	const char *method; /* "5of10", "10of10" */
	int64_t price;	    /* credit for a kWh */
	const char *calendar; /* a tariff whose holidays and workdays tell days apart; "": all are alike */
	int32_t settle, stagger; /* s */
} demand_programme;
hub_status demand_programme_put(store *db, const demand_programme *p, int64_t *ret_id, hub_fault *fault);
hub_status demand_programme_by_code(store *db, const char *code, arena *a, demand_programme *ret); /* HUB_MISSING */
hub_status demand_programme_by_id(store *db, int64_t id, arena *a, demand_programme *ret);
hub_status demand_feeder_put(store *db, const char *code, int64_t cap, hub_fault *fault);

typedef struct demand_member {
	int64_t programme, point;
	const char *code; /* of the point; read only */
	const char *kind, *control, *channel;
	const char *feeder; /* "": of none that is watched */
	int64_t cap;	    /* of the feeder; read only */
	int64_t most, least, keep, normal, cost, need_wh;
	hub_time departure; /* 0: never */
	bool opted_in;
	uint32_t rate, trials;
	int64_t debt;
	bool protected; /* of the point; read only */
} demand_member;
/* Adds or makes anew; what was learned stays. HUB_MISSING: programme, point, feeder. */
hub_status demand_member_put(store *db, const demand_member *m, hub_fault *fault);
/* Of a programme, in an area (0: all), by feeder and point. */
hub_status demand_member_list(store *db, int64_t programme, int64_t area, arena *a, demand_member **ret, size_t *ret_count);
hub_status demand_member_learned(store *db, const demand_member *m);
hub_status demand_member_opt(store *db, int64_t programme, int64_t point, bool in); /* HUB_MISSING */

typedef struct demand_event {
	int64_t id, programme, target;
	hub_time notice, starts, ends;
	int64_t area; /* premise; 0: everywhere */
	bool automatic;
	const char *state;
	int32_t round, approved;
	hub_time looked;
	int64_t short_of;
	const char *asked_by;
} demand_event;
hub_status demand_event_add(store *db, const demand_event *e, int64_t *ret_id, hub_fault *fault);
hub_status demand_event_get(store *db, int64_t id, arena *a, demand_event *ret); /* HUB_MISSING */
hub_status demand_event_list(store *db, int64_t programme, size_t limit, arena *a, demand_event **ret, size_t *ret_count);
/* Those that are not over, each for `lease` µs, skipping what others hold. */
hub_status demand_event_claim(store *db, int64_t lease, arena *a, demand_event **ret, size_t *ret_count);
/* State, round, looked and short_of, and the lease ends. */
hub_status demand_event_move(store *db, const demand_event *e);
/* The same, with the round that was planned in the same transaction; the lease stays. HUB_CONFLICT: another core planned it. */
hub_status demand_event_round(store *db, const demand_event *e);
hub_status demand_event_approve(store *db, int64_t id);	/* HUB_CONFLICT: nothing waits */
hub_status demand_event_cancel(store *db, int64_t id);	/* HUB_CONFLICT: it is over */
/* Starts of the programme's other events in [from, to), which are no days to compare with. */
hub_status demand_event_days(store *db, int64_t programme, hub_time from, hub_time to, arena *a, const hub_time **ret,
			     size_t *ret_count);

typedef struct demand_order {
	int64_t point, event;
	int32_t round;
	int64_t ordered, baseline, limit;
	const char *state;
	int64_t command, release;
	bool measured;
	int64_t delivered;
	const char *cause;
	hub_time made;
	const char *code; /* of the point; read only */
	const char *command_state; /* "": none; read only */
} demand_order;
hub_status demand_order_add(store *db, const demand_order *list, size_t count);
hub_status demand_order_list(store *db, int64_t event, arena *a, demand_order **ret, size_t *ret_count);
/* state, command, release, delivered, cause */
hub_status demand_order_told(store *db, const demand_order *o);

typedef struct demand_result {
	int64_t point, event, delivered_ws, credit, account;
} demand_result;
hub_status demand_result_put(store *db, const demand_result *r); /* the same again changes nothing */
hub_status demand_result_list(store *db, int64_t event, arena *a, demand_result **ret, size_t *ret_count);
/*
 * Credits of a programme's events that ended before a time and stand in no bill yet, summed by account and point; `event` 1: the
 * cycle (year * 100 + month) has a line of theirs already.
 */
hub_status demand_result_sums(store *db, int64_t programme, hub_time to, int32_t cycle, arena *a, demand_result **ret,
			      size_t *ret_count);
/* Those behind such a sum stand in this cycle's bills. In the caller's transaction. */
hub_status demand_result_settled(store *db, int64_t programme, hub_time to, const demand_result *sum, int32_t cycle);

#endif
