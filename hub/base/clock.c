#include "base/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int64_t micros(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static const int64_t *shift;

/* Before main, as a confined adapter may not open files later. */
__attribute__((constructor)) static void shift_load(void)
{
	const char *path = getenv("HUB_CLOCK_SHIFT");
	int fd = path && *path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat st;
	if (fd < 0)
		return;
	void *at = fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *shift ? mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0)
									      : MAP_FAILED;
	shift = at == MAP_FAILED ? NULL : at;
	close(fd);
}

hub_time clock_now(void)
{
	return micros(CLOCK_REALTIME) + (shift ? __atomic_load_n(shift, __ATOMIC_RELAXED) : 0);
}

int64_t clock_monotonic(void)
{
	return micros(CLOCK_MONOTONIC);
}

/* Years start in March here, so the leap day is a year's last. */
int64_t clock_days(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void clock_civil(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

/* Written by the million, so not by printf. */
static char *put_digits(char *at, char before, int value, int width)
{
	if (before)
		*at++ = before;
	for (int i = width; i-- > 0; value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + width;
}

const char *clock_text(hub_time t, char out[CLOCK_TEXT])
{
	int64_t day = t / 86400000000, us = t % 86400000000;
	if (us < 0) {
		us += 86400000000;
		day--;
	}
	out[0] = 0;
	if (day < clock_days(1, 1, 1) || day > clock_days(9999, 12, 31))
		return out;
	int y, m, d, s = (int)(us / 1000000), frac = (int)(us % 1000000);
	clock_civil(day, &y, &m, &d);
	const struct {
		char before;
		int value, width;
	} parts[] = { { 0, y, 4 },	{ '-', m, 2 },		  { '-', d, 2 },      { 'T', s / 3600, 2 },
		      { ':', s / 60 % 60, 2 }, { ':', s % 60, 2 }, { '.', frac, 6 } };
	char *at = out;
	for (size_t i = 0; i < sizeof parts / sizeof *parts - (frac == 0); i++)
		at = put_digits(at, parts[i].before, parts[i].value, parts[i].width);
	memcpy(at, "Z", 2);
	return out;
}

/* Reads `width` digits at *p; -1 if they are not all there. */
static int digits(const char **p, const char *end, int width)
{
	int v = 0;
	if (end - *p < width)
		return -1;
	for (int i = 0; i < width; i++) {
		char c = (*p)[i];
		if (c < '0' || c > '9')
			return -1;
		v = v * 10 + (c - '0');
	}
	*p += width;
	return v;
}

static bool skip(const char **p, const char *end, const char *any)
{
	for (; *p < end && *any; any++)
		if (**p == *any) {
			(*p)++;
			return true;
		}
	return false;
}

static bool offset_parse(const char **p, const char *end, int64_t *ret_us)
{
	*ret_us = 0;
	if (skip(p, end, "Zz"))
		return true;
	int sign = *p < end && **p == '-' ? -1 : 1;
	if (!skip(p, end, "+-"))
		return false;
	int h = digits(p, end, 2);
	if (h < 0 || h > 23 || !skip(p, end, ":"))
		return false;
	int m = digits(p, end, 2);
	if (m < 0 || m > 59)
		return false;
	*ret_us = sign * (int64_t)(h * 60 + m) * 60000000;
	return true;
}

bool clock_parse(const char *text, size_t len, hub_time *ret_time)
{
	const char *p = text, *end = text + len;
	int y = digits(&p, end, 4);
	bool ok = y >= 1 && skip(&p, end, "-");
	int mo = ok ? digits(&p, end, 2) : -1;
	ok = ok && skip(&p, end, "-");
	int d = ok ? digits(&p, end, 2) : -1;
	ok = ok && mo >= 1 && mo <= 12 && d >= 1 && skip(&p, end, "Tt ");
	if (!ok)
		return false;
	int yy, mm, dd;
	int64_t day = clock_days(y, mo, d);
	clock_civil(day, &yy, &mm, &dd);
	int h = digits(&p, end, 2);
	ok = mm == mo && dd == d && h >= 0 && h < 24 && skip(&p, end, ":");
	int mi = ok ? digits(&p, end, 2) : -1;
	ok = ok && mi >= 0 && mi < 60 && skip(&p, end, ":");
	int s = ok ? digits(&p, end, 2) : -1;
	if (!ok || s < 0 || s > 60)
		return false;
	int64_t us = 0, offset;
	if (skip(&p, end, ".")) {
		int n = 0;
		for (; p < end && *p >= '0' && *p <= '9' && n < 6; n++, p++)
			us = us * 10 + (*p - '0');
		if (!n)
			return false;
		for (; n < 6; n++)
			us *= 10;
	}
	if (!offset_parse(&p, end, &offset) || p != end)
		return false;
	*ret_time = day * 86400000000 + ((int64_t)h * 3600 + mi * 60 + s) * 1000000 + us - offset;
	return true;
}
