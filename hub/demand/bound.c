#include "demand/bound.h"

#include "base/fail.h"

#include <coin/Clp_C_Interface.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>

/* Row 0 is the target, row f + 1 the cap of feeder f. Columns in kW, so that no number is far from 1. */
typedef struct programme {
	CoinBigIndex *start;
	int *index;
	double *value, *low, *high, *cost, *row_low, *row_high;
} programme;

static const double kilo = 1000.0;

static void programme_fini(programme *p)
{
	free(p->start);
	free(p->index);
	free(p->value);
	free(p->low);
	free(p->high);
	free(p->cost);
	free(p->row_low);
	free(p->row_high);
}

static bool programme_init(programme *p, size_t count, size_t feeders)
{
	*p = (programme){
		.start = fail_calloc(count + 1, sizeof *p->start), .index = fail_calloc(2 * count + 1, sizeof *p->index),
		.value = fail_calloc(2 * count + 1, sizeof *p->value), .low = fail_calloc(count + 1, sizeof *p->low),
		.high = fail_calloc(count + 1, sizeof *p->high), .cost = fail_calloc(count + 1, sizeof *p->cost),
		.row_low = fail_calloc(feeders + 1, sizeof *p->row_low), .row_high = fail_calloc(feeders + 1, sizeof *p->row_high),
	};
	return p->start && p->index && p->value && p->low && p->high && p->cost && p->row_low && p->row_high;
}

static void fill(programme *p, const demand_resource *list, size_t count, const int64_t *caps, size_t feeders, int64_t target)
{
	int n = 0;
	for (size_t i = 0; i < count; i++) {
		double rate = (double)list[i].rate / DEMAND_RATE_ONE;
		p->start[i] = n;
		p->index[n] = 0;
		p->value[n++] = rate;
		if (list[i].feeder != DEMAND_NO_FEEDER) {
			p->index[n] = (int)list[i].feeder + 1;
			p->value[n++] = 1;
		}
		p->high[i] = (double)list[i].max / kilo;
		p->cost[i] = rate * (double)list[i].cost;
	}
	p->start[count] = n;
	p->row_low[0] = (double)target / kilo;
	p->row_high[0] = DBL_MAX;
	for (size_t f = 0; f < feeders; f++) {
		p->row_low[f + 1] = -DBL_MAX;
		p->row_high[f + 1] = (double)caps[f] / kilo;
	}
}

hub_status demand_bound(const demand_resource *resources, size_t count, const int64_t *caps, size_t feeders,
			int64_t target, double *ret_cost)
{
	programme p;
	Clp_Simplex *model = Clp_newModel();
	hub_status st = programme_init(&p, count, feeders) && model ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK) {
		fill(&p, resources, count, caps, feeders, target);
		Clp_setLogLevel(model, 0);
		Clp_loadProblem(model, (int)count, (int)feeders + 1, p.start, p.index, p.value, p.low, p.high, p.cost, p.row_low,
				p.row_high);
		Clp_dual(model, 0);
		if (Clp_status(model) == 0)
			*ret_cost = Clp_objectiveValue(model);
		else
			st = Clp_status(model) == 1 ? HUB_RANGE : HUB_FAILED;
	}
	Clp_deleteModel(model);
	programme_fini(&p);
	return st;
}
