#include "demand/baseline.h"

int64_t demand_mean(int64_t sum, int64_t count)
{
	int64_t twice = 2 * sum + count;
	int64_t q = twice / (2 * count);
	return twice % (2 * count) < 0 ? q - 1 : q;
}

/* The days that count, by what they used; of equal ones the nearer. */
static size_t choose(demand_method how, const demand_history *h, bool chosen[DEMAND_DAYS])
{
	size_t want = how == DEMAND_5_OF_10 ? DEMAND_DAYS_MIN : DEMAND_DAYS, n = 0;
	for (size_t i = 0; i < DEMAND_DAYS; i++)
		chosen[i] = false;
	while (n < want) {
		size_t best = DEMAND_DAYS;
		for (size_t i = 0; i < DEMAND_DAYS; i++)
			if (h->has[i] && !chosen[i] && (best == DEMAND_DAYS || h->window[i] > h->window[best]))
				best = i;
		if (best == DEMAND_DAYS)
			break;
		chosen[best] = true;
		n++;
	}
	return n;
}

hub_status demand_baseline(demand_method how, const demand_history *h, int64_t *ret, int64_t *ret_raw)
{
	bool chosen[DEMAND_DAYS];
	int64_t window = 0, before = 0;
	size_t n = choose(how, h, chosen);
	if (n < DEMAND_DAYS_MIN)
		return HUB_MISSING;
	for (size_t i = 0; i < DEMAND_DAYS; i++) {
		window += chosen[i] ? h->window[i] : 0;
		before += chosen[i] ? h->before[i] : 0;
	}
	const int64_t mean = demand_mean(window, (int64_t)n), most = (mean < 0 ? -mean : mean) / DEMAND_ADJUST_MAX;
	int64_t moved = h->has_today ? h->today - demand_mean(before, (int64_t)n) : 0;
	moved = moved > most ? most : moved < -most ? -most : moved;
	if (ret_raw)
		*ret_raw = mean;
	*ret = mean + moved;
	return HUB_OK;
}

hub_status demand_baseline_error(demand_method how, const demand_history *h, int64_t *ret)
{
	int64_t wrong = 0, used = 0;
	size_t days = 0;
	for (size_t i = 0; i < DEMAND_DAYS; i++) {
		int64_t told;
		demand_history others = *h;
		if (!h->has[i])
			continue;
		others.has[i] = false;
		others.has_today = true;
		others.today = h->before[i];
		if (demand_baseline(how, &others, &told, NULL) != HUB_OK)
			return HUB_MISSING;
		wrong += told > h->window[i] ? told - h->window[i] : h->window[i] - told;
		used += h->window[i] < 0 ? -h->window[i] : h->window[i];
		days++;
	}
	if (!days)
		return HUB_MISSING;
	*ret = used ? (int64_t)((__int128)wrong * 1000000 / used) : 0;
	return HUB_OK;
}
