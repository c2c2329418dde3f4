#include "deliver/bundle.h"

#define FIRST INT64_C(1000000)
#define MOST (300 * INT64_C(1000000))
#define ASKED_MOST (3600 * INT64_C(1000000))

size_t bundle_cut(const bundle_part *parts, size_t count, const bundle_limits *limits, size_t *ret_told)
{
	size_t taken = 0, told = 0, bytes = 0;
	for (; taken < count; taken++) {
		const bundle_part *p = &parts[taken];
		if (told && p->len && (told == limits->count || bytes + p->len > limits->bytes))
			break;
		told += p->len > 0;
		bytes += p->len;
	}
	*ret_told = told;
	return taken;
}

void bundle_write(buf *out, int64_t subscription, uint64_t after, uint64_t cleared, const char *text, const bundle_part *parts,
		  size_t count)
{
	static const char id[] = "{\"id\":\"";
	size_t first = 0, written = 0;
	while (first + 1 < count && !parts[first].len)
		first++;
	/* The first part begins with its own id. */
	const char *name = text + parts[first].start + sizeof id - 1;
	size_t name_len = 0;
	while (name_len < parts[first].len && name[name_len] != '"')
		name_len++;
	buf_text(out, id);
	buf_put(out, name, name_len);
	buf_printf(out, "\",\"subscription\":%lld,\"after\":%llu,\"first\":%llu,\"last\":%llu",
		   (long long)subscription, (unsigned long long)after,
		   (unsigned long long)parts[first].position, (unsigned long long)parts[count - 1].position);
	if (cleared)
		buf_printf(out, ",\"cleared\":%llu", (unsigned long long)cleared);
	buf_text(out, ",\"entries\":[\n");
	for (size_t i = first; i < count; i++) {
		if (!parts[i].len)
			continue;
		if (written++)
			buf_text(out, ",\n");
		buf_put(out, text + parts[i].start, parts[i].len);
	}
	buf_text(out, "\n]}\n");
}

int64_t backoff_asked(int64_t delay, int64_t wish, int64_t patience, uint32_t random)
{
	int64_t most = patience < ASKED_MOST ? patience : ASKED_MOST;
	if (wish > most)
		wish = most;
	if (wish <= 0)
		return delay;
	wish += (int64_t)((uint64_t)(wish / 10) * random / UINT32_MAX);
	return wish > delay ? wish : delay;
}

int64_t backoff_delay(uint32_t attempts, uint32_t random)
{
	int64_t whole = FIRST;
	for (uint32_t i = 1; i < attempts && whole < MOST; i++)
		whole *= 2;
	if (whole > MOST)
		whole = MOST;
	return whole / 2 + (int64_t)((uint64_t)(whole / 2) * random / UINT32_MAX);
}
