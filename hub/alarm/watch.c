#include "alarm/watch.h"

#include <stdlib.h>
#include <string.h>

#include "alarm/book.h"
#include "alarm/parts.h"
#include "alarm/state.h"
#include "alarm/tell.h"
#include "base/fail.h"

/* µs: older readings tell of what was, and raise nothing now. */
#define OLD (INT64_C(3600) * 1000000)

struct alarm_watch {
	alarm_book *book;
};

/* A reading that a rule has to do with. */
typedef struct hit {
	const alarm_rule *rule;
	const series_row *row;
} hit;

hub_status alarm_watch_new(alarm_watch **ret)
{
	alarm_watch *w = fail_calloc(1, sizeof *w);
	hub_status st = w ? alarm_book_new(&w->book) : HUB_NOMEM;
	if (st == HUB_OK)
		*ret = w;
	else
		free(w);
	return st;
}

void alarm_watch_free(alarm_watch *w)
{
	if (!w)
		return;
	alarm_book_free(w->book);
	free(w);
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return x < y ? -1 : x > y;
}

static size_t distinct(int64_t *list, size_t count)
{
	size_t n = 0;
	qsort(list, count, sizeof *list, by_number);
	for (size_t i = 0; i < count; i++)
		if (!n || list[n - 1] != list[i])
			list[n++] = list[i];
	return n;
}

static hub_status rules_of(const alarm_watch *w, const sighting *s, alarm_rule **ret, size_t *ret_count)
{
	int64_t *points = arena_array(s->arena, s->row_count + s->message_count, sizeof *points);
	size_t n = 0;
	if (!points)
		return HUB_NOMEM;
	for (size_t i = 0; i < s->row_count; i++)
		if (s->rows[i].kind != HUB_REGISTER && s->rows[i].time > s->now - OLD)
			points[n++] = s->rows[i].point;
	n = distinct(points, n);
	return n ? alarm_book_at(w->book, s->db, points, n, s->arena, ret, ret_count) : HUB_OK;
}

static const alarm_rule *first_of(const alarm_rule *rules, size_t count, int64_t point)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (rules[mid].point < point)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count ? &rules[low] : rules + count;
}

static bool concerns(const alarm_rule *r, const series_row *row)
{
	return r->quantity == row->quantity && !strncmp(r->kind, "value_", 6) &&
	       (!r->channel[0] || !strcmp(r->channel, row->channel));
}

/* ret NULL: only counts. */
static size_t hits_of(const sighting *s, const alarm_rule *rules, size_t count, hit *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < s->row_count; i++) {
		const series_row *row = &s->rows[i];
		if (row->kind == HUB_REGISTER || row->time <= s->now - OLD)
			continue;
		for (const alarm_rule *r = first_of(rules, count, row->point);
		     r < rules + count && r->point == row->point; r++) {
			if (!concerns(r, row))
				continue;
			if (ret)
				ret[n] = (hit) { r, row };
			n++;
		}
	}
	return n;
}

static int by_track(const void *a, const void *b)
{
	const hit *x = a, *y = b;
	if (x->rule->id != y->rule->id)
		return x->rule->id < y->rule->id ? -1 : 1;
	int d = strcmp(x->row->channel, y->row->channel);
	if (d)
		return d;
	return x->row->time < y->row->time ? -1 : x->row->time > y->row->time;
}

static alarm_state state_of(const char *name)
{
	for (size_t i = 0; i <= ALARM_CLEARED; i++)
		if (!strcmp(alarm_state_names[i], name))
			return (alarm_state)i;
	return ALARM_IDLE;
}

/*
 * One rule's circuit through its readings. One that was cleared and came again within the batch stays one alarm; one that
 * came and went within it is told as both.
 */
static bool step_through(const hit *run, size_t n, const alarm_row *open, hub_time now, alarm_row *ret)
{
	const alarm_rule *r = run->rule;
	const alarm_limit limit = { !strcmp(r->kind, "value_over"), r->raise, r->clear, r->hold, r->clear_hold };
	alarm_track t = { 0 };
	bool changed;
	*ret = open ? *open : (alarm_row) { .point = r->point, .rule = r->id, .channel = run->row->channel, .subject = "" };
	ret->home = r->point;
	if (open)
		t = (alarm_track) { state_of(open->state), open->since, open->last, open->value, false };
	const alarm_state before = t.state;
	const bool was_up = before == ALARM_RAISED || before == ALARM_CLEARING;
	for (size_t i = 0; i < n; i++)
		alarm_step(&limit, &t, run[i].row->time, run[i].row->value, &changed);
	const bool goes = t.state == ALARM_IDLE || t.state == ALARM_PENDING;
	if ((was_up || t.raised) && goes)
		t.state = ALARM_CLEARED;
	ret->state = alarm_state_names[t.state];
	ret->value = t.value;
	ret->since = t.since;
	ret->last = t.last;
	ret->raised = t.raised && !was_up ? now : 0;
	return t.state != before || ret->raised;
}

static const alarm_row *open_of(const alarm_row *open, size_t count, const hit *h)
{
	for (size_t i = 0; i < count; i++)
		if (open[i].rule == h->rule->id && !strcmp(open[i].channel, h->row->channel))
			return &open[i];
	return NULL;
}

static hub_status load_open(const sighting *s, const hit *hits, size_t count, alarm_row **ret, size_t *ret_count)
{
	int64_t *numbers = arena_array(s->arena, count, sizeof *numbers);
	size_t n = 0;
	if (!numbers)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		if (!n || numbers[n - 1] != hits[i].rule->id)
			numbers[n++] = hits[i].rule->id;
	return alarm_open(s->db, numbers, n, s->arena, ret, ret_count);
}

static hub_status judge_values(const sighting *s, alarm_rule *rules, size_t rule_count, alarm_changes *out)
{
	size_t count = hits_of(s, rules, rule_count, NULL), open_count = 0;
	hit *hits = arena_array(s->arena, count, sizeof *hits);
	alarm_row *open = NULL;
	if (!count)
		return HUB_OK;
	if (!hits)
		return HUB_NOMEM;
	hits_of(s, rules, rule_count, hits);
	qsort(hits, count, sizeof *hits, by_track);
	hub_status st = load_open(s, hits, count, &open, &open_count);
	/* `open` is by rule, as the hits are: each rule's own are looked for from where it begins. */
	for (size_t i = 0, n, o = 0; st == HUB_OK && i < count; i += n) {
		alarm_row al;
		for (n = 1; i + n < count && hits[i].rule == hits[i + n].rule &&
			    !strcmp(hits[i].row->channel, hits[i + n].row->channel);)
			n++;
		while (o < open_count && open[o].rule < hits[i].rule->id)
			o++;
		size_t mine = 0;
		while (o + mine < open_count && open[o + mine].rule == hits[i].rule->id)
			mine++;
		if (step_through(&hits[i], n, open_of(open + o, mine, &hits[i]), s->now, &al))
			st = alarm_changes_add(out, s->arena, &al, hits[i].rule);
	}
	return st;
}

hub_status alarm_watch_see(void *user, const sighting *s, uint32_t *ret_types)
{
	const alarm_watch *w = user;
	alarm_rule *rules = NULL;
	size_t count = 0;
	bool empty;
	alarm_changes changes = { 0 };
	*ret_types = 0;
	hub_status st = alarm_book_empty(w->book, s->db, &empty);
	if (st != HUB_OK || empty)
		return st;
	st = rules_of(w, s, &rules, &count);
	if (st == HUB_OK && count)
		st = judge_values(s, rules, count, &changes);
	if (st == HUB_OK && s->message_count)
		st = alarm_judge_faults(s, &changes);
	return st == HUB_OK && changes.count ? alarm_changes_keep(&changes, s, ret_types) : st;
}
