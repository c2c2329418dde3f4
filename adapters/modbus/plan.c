#include "map.h"

static unsigned most(const mb_map *m, uint8_t function)
{
	return function <= 2 ? 2000 : m->max_registers; /* coils and discrete inputs */
}

static size_t end_of(const mb_row *r)
{
	return (size_t)r->address + r->words;
}

/* Rows may lie in each other, as the bits of a status word do. */
static bool joins(const mb_map *m, const mb_read *read, const mb_row *r)
{
	size_t end = (size_t)read->address + read->count;
	return r->function == read->function && r->address <= end + m->gap &&
	       end_of(r) - read->address <= most(m, r->function);
}

hub_status mb_map_plan(const mb_map *m, size_t group, arena *a, mb_read **ret, size_t *ret_count)
{
	mb_read *reads = arena_array(a, m->row_count + 1, sizeof *reads);
	size_t n = 0;
	if (!reads)
		return HUB_NOMEM;
	for (size_t i = 0; i < m->row_count; i++) {
		const mb_row *r = &m->rows[i];
		if (r->group != group)
			continue;
		mb_read *last = n ? &reads[n - 1] : NULL;
		if (last && joins(m, last, r)) {
			size_t end = (size_t)last->address + last->count;
			last->count = (uint16_t)((end_of(r) > end ? end_of(r) : end) - last->address);
			last->rows++;
		} else {
			reads[n++] = (mb_read) { r->function, r->address, r->words, i, 1 };
		}
	}
	*ret = reads;
	*ret_count = n;
	return HUB_OK;
}
