#include "store/series_fold.h"

#include "base/clock.h"

static const hub_time hour = INT64_C(3600000000), day = INT64_C(86400000000);

static const zone_unit units[] = {
	[SERIES_HOUR] = ZONE_HOUR,
	[SERIES_DAY] = ZONE_DAY,
	[SERIES_MONTH] = ZONE_MONTH,
};

static hub_time floor_to(hub_time t, hub_time size)
{
	hub_time rest = t % size;
	return t - (rest < 0 ? rest + size : rest);
}

static hub_time utc_month(hub_time t, int months)
{
	int y, m, d;
	clock_civil(floor_to(t, day) / day, &y, &m, &d);
	m += months;
	return clock_days(m > 12 ? y + 1 : y, m > 12 ? m - 12 : m, 1) * day;
}

hub_time series_bucket(const zone *z, series_step step, hub_time t)
{
	if (z)
		return zone_floor(z, t, units[step]);
	return step == SERIES_MONTH ? utc_month(t, 0) : floor_to(t, step == SERIES_HOUR ? hour : day);
}

hub_time series_bucket_next(const zone *z, series_step step, hub_time t)
{
	if (z)
		return zone_next(z, t, units[step]);
	return step == SERIES_MONTH ? utc_month(t, 1) : floor_to(t, step == SERIES_HOUR ? hour : day) +
							(step == SERIES_HOUR ? hour : day);
}

static void keep(series_fold *f, hub_status st)
{
	if (f->st == HUB_OK)
		f->st = st;
}

/* Whole raster intervals of the bucket within the period. */
static uint32_t expected(const series_fold *f)
{
	hub_time start = f->start > f->from ? f->start : f->from, end = f->end < f->to ? f->end : f->to;
	return f->interval > 0 ? (uint32_t)((end - start) / f->interval) : 0;
}

/* How many intervals of the raster the stored ones are, which may be shorter or longer than it. */
static uint32_t present(const series_fold *f)
{
	return f->interval > 0 ? (uint32_t)((f->measured + f->beyond_time) / f->interval) : f->interval_count;
}

static void flush(series_fold *f)
{
	bool measured = f->interval_count > 0; /* intervals say it themselves; registers only after the last of them */
	if (f->end && (measured || f->register_count)) {
		series_item *i = &f->items[f->count++];
		*i = (series_item){
			.row = { .kind = HUB_INTERVAL, .start = f->start, .time = f->end },
			.known_at = f->known_at,
			.present = measured ? present(f) : f->register_count,
			.expected = expected(f),
		};
		decimal counted = measured ? f->beyond : f->registers, amount = decimal_of(0, 0);
		i->row.flags = (measured ? f->flags_i : 0) | (!measured || f->beyond_time ? f->flags_r : 0);
		if (decimal_sign(counted) < 0) {
			counted = decimal_of(0, 0);
			i->row.flags |= HUB_DECREASE;
		}
		keep(f, decimal_add(measured ? f->intervals : amount, counted, &amount));
		keep(f, decimal_to_value(decimal_trim(amount), &i->row.value));
	}
	f->end = 0;
}

/* Makes the bucket that an amount up to `t` falls into the open one. False: no room for another. */
static bool reach(series_fold *f, hub_time t)
{
	if (f->end && t <= f->end)
		return true;
	flush(f);
	if (f->count == f->limit)
		return false;
	f->start = series_bucket(f->zone, f->step, t - 1);
	f->end = series_bucket_next(f->zone, f->step, t - 1);
	f->intervals = f->registers = decimal_of(0, 0);
	f->interval_count = f->register_count = f->flags_i = f->flags_r = 0;
	f->measured = f->beyond_time = 0;
	f->beyond = decimal_of(0, 0);
	f->known_at = 0;
	return true;
}

static const series_segment *installed(const series_fold *f)
{
	return f->begun && f->within ? &f->segments[f->begun - 1] : NULL;
}

/*
 * The register stands at `standing` now. What it rose since the base goes to the
 * open bucket if the time lies within the period. A fall is a rollover if that explains it with
 * less than half a turn, else it stands as it is until the bucket is closed.
 */
static void advance(series_fold *f, hub_time t, hub_value standing)
{
	decimal now = decimal_of_value(standing), rise = decimal_of(0, 0);
	const series_segment *seg = installed(f);
	keep(f, decimal_sub(now, f->base, &rise));
	if (decimal_sign(rise) < 0 && seg && seg->modulus.digits) {
		decimal turned, twice;
		keep(f, decimal_add(rise, decimal_of_value(seg->modulus), &turned));
		keep(f, decimal_add(turned, turned, &twice));
		if (decimal_sign(turned) >= 0 && decimal_cmp(twice, decimal_of_value(seg->modulus)) < 0) {
			rise = turned;
			f->flags_r |= t > f->from ? HUB_ROLLOVER : 0;
		}
	}
	if (seg)
		keep(f, decimal_mul(rise, decimal_of_value(seg->multiplier), &rise));
	if (t > f->from)
		keep(f, decimal_add(f->registers, rise, &f->registers));
	if (t > f->from && f->interval_count && f->base_time >= f->covered) {
		keep(f, decimal_add(f->beyond, rise, &f->beyond));
		f->beyond_time += t - f->base_time;
	}
	f->base = now;
	f->base_time = t;
}

/* The device goes at seg->to: its end register, if known, is the last standing. */
static bool leave(series_fold *f)
{
	const series_segment *seg = installed(f);
	if (f->has_base && seg->has_end) {
		if (seg->to > f->from && !reach(f, seg->to))
			return false;
		advance(f, seg->to, seg->end);
		f->register_count += seg->to > f->from;
	}
	f->within = f->has_base = false;
	return true;
}

/* The device comes: its start register, if known, is the base. */
static void enter(series_fold *f)
{
	const series_segment *seg = &f->segments[f->begun++];
	f->within = true;
	f->has_base = seg->has_start;
	if (f->has_base)
		f->base = decimal_of_value(seg->start);
	f->base_time = seg->from;
}

/* Comings and goings up to and including t. False: no room for another bucket. */
static bool pass(series_fold *f, hub_time t)
{
	for (;;) {
		const series_segment *seg = installed(f);
		if (seg && seg->to && seg->to <= t) {
			if (!leave(f))
				return false;
		} else if (f->begun < f->segment_count && f->segments[f->begun].from <= t) {
			enter(f);
		} else {
			return true;
		}
	}
}

/*
 * A standing at the very moment at which a device came says nothing of it where its start register is known: it was
 * the old device's.
 */
static bool of_the_old(const series_fold *f, hub_time t)
{
	const series_segment *seg = installed(f);
	return seg && seg->from == t && seg->has_start;
}

void series_fold_base(series_fold *f, hub_time time, hub_value standing)
{
	pass(f, time); /* all before `from`, where no bucket is open */
	if (of_the_old(f, time))
		return;
	f->has_base = true;
	f->base = decimal_of_value(standing);
	f->base_time = time;
}

static bool take_register(series_fold *f, const series_item *item)
{
	if (!reach(f, item->row.time))
		return false;
	if (f->has_base) {
		advance(f, item->row.time, item->row.value);
		f->register_count++;
	}
	f->has_base = true;
	f->base = decimal_of_value(item->row.value);
	f->base_time = item->row.time;
	f->flags_r |= item->row.flags & ~(uint32_t)(HUB_ROLLOVER | HUB_DECREASE);
	return true;
}

static bool take_interval(series_fold *f, const series_item *item)
{
	if (!reach(f, item->row.time))
		return false;
	keep(f, decimal_add(f->intervals, decimal_of_value(item->row.value), &f->intervals));
	f->interval_count++;
	f->measured += item->row.time - item->row.start;
	/* What the registers rose until here is in it, or in those before it. */
	f->covered = item->row.time;
	f->beyond = decimal_of(0, 0);
	f->beyond_time = 0;
	f->flags_i |= item->row.flags;
	return true;
}

/* The end of a device whose end register nobody wrote down is what it said when the next one came. */
static bool take_end(series_fold *f, const series_item *item)
{
	const series_segment *seg = installed(f);
	const series_segment *next = f->begun < f->segment_count ? &f->segments[f->begun] : NULL;
	hub_time t = item->row.time;
	if (seg && seg->to == t && !seg->has_end && next && next->from == t && next->has_start)
		return take_register(f, item);
	return true;
}

bool series_fold_row(series_fold *f, const series_item *item)
{
	bool taken = item->row.kind != HUB_REGISTER || take_end(f, item);
	taken = taken && pass(f, item->row.time);
	if (taken && item->row.kind == HUB_INTERVAL)
		taken = take_interval(f, item);
	else if (taken && item->row.kind == HUB_REGISTER && !of_the_old(f, item->row.time))
		taken = take_register(f, item);
	if (taken && f->end && item->known_at > f->known_at)
		f->known_at = item->known_at;
	return taken;
}

void series_fold_end(series_fold *f)
{
	if (pass(f, f->to))
		flush(f);
}
