#include "intake/job.h"

#include <stdlib.h>
#include <string.h>

static int compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_register(const job_item *a, const job_item *b)
{
	int d = compare(a->binding->binding->point.id, b->binding->binding->point.id);
	if (!d)
		d = (int)a->checked.quantity->number - (int)b->checked.quantity->number;
	return d ? d : strcmp(a->record->body.reading.channel, b->record->body.reading.channel);
}

static int by_register_time(const void *a, const void *b)
{
	const job_item *x = *(job_item *const *)a, *y = *(job_item *const *)b;
	int d = by_register(x, y);
	return d ? d : compare(x->record->body.reading.time, y->record->body.reading.time);
}

/* A standing counts if the same device showed it. */
static void remember(job_item *item, hub_time time, hub_value value)
{
	if (time < item->binding->binding->from)
		return;
	item->before = (judge_before){ time, value };
	item->has_before = true;
}

/* What the store knows before each of these items, in one query. */
static hub_status ask(job *j, job_item *const *items, size_t count, series_row *found, bool *has)
{
	series_row *keys = arena_array(j->arena, count, sizeof *keys);
	if (!keys)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const hub_reading *r = &items[i]->record->body.reading;
		keys[i] = (series_row){ .point = items[i]->binding->binding->point.id,
					.quantity = items[i]->checked.quantity->number, .kind = HUB_REGISTER,
					.channel = r->channel, .time = r->time };
	}
	return series_last(j->db, keys, count, found, has);
}

/* Standings of one register in the batch, rising in time; the first one's is remembered already. */
static void chain(job_item *const *run, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const hub_reading *before = &run[i - 1]->record->body.reading;
		if (before->time < run[i]->record->body.reading.time) {
			remember(run[i], before->time, run[i - 1]->checked.value);
		} else {
			run[i]->before = run[i - 1]->before;
			run[i]->has_before = run[i - 1]->has_before;
		}
	}
}

/* How many of the items, from the first on, are standings of one register. */
static size_t run_length(job_item *const *items, size_t count)
{
	size_t n = 1;
	while (n < count && !by_register(items[0], items[n]))
		n++;
	return n;
}

/*
 * Of each register of the batch the store is asked before its last standing. What it knows from
 * before the first one is that one's predecessor too; if it knows one in between, which is rare,
 * it is asked before each.
 */
static hub_status recall_runs(job *j, job_item **items, size_t count)
{
	job_item **asked = arena_array(j->arena, count, sizeof *asked);
	series_row *found = arena_array(j->arena, count, sizeof *found);
	bool *has = arena_array(j->arena, count, sizeof *has);
	size_t runs = 0, mixed = 0;
	if (!asked || !found || !has)
		return HUB_NOMEM;
	for (size_t i = 0, n; i < count; i += n) {
		n = run_length(items + i, count - i);
		asked[runs++] = items[i + n - 1];
	}
	hub_status st = ask(j, asked, runs, found, has);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0, n, r = 0; i < count; i += n, r++) {
		n = run_length(items + i, count - i);
		bool between = has[r] && found[r].time >= items[i]->record->body.reading.time;
		if (has[r] && !between)
			remember(items[i], found[r].time, found[r].value);
		for (size_t k = 0; between && k < n; k++)
			asked[mixed++] = items[i + k];
		chain(items + i, n);
	}
	if (mixed == 0)
		return HUB_OK;
	st = ask(j, asked, mixed, found, has);
	for (size_t i = 0; st == HUB_OK && i < mixed; i++)
		if (has[i] && (!asked[i]->has_before || found[i].time > asked[i]->before.time))
			remember(asked[i], found[i].time, found[i].value);
	return st;
}

hub_status job_recall(job *j)
{
	job_item **registers = arena_array(j->arena, j->count, sizeof *registers);
	size_t n = 0;
	if (!registers)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++)
		if (job_is_reading(&j->items[i]) && j->items[i].record->body.reading.kind == HUB_REGISTER)
			registers[n++] = &j->items[i];
	if (n == 0)
		return HUB_OK;
	qsort(registers, n, sizeof *registers, by_register_time);
	return recall_runs(j, registers, n);
}
