#include "device.h"

#include <inttypes.h>
#include <time.h>

uint64_t csv_register(unsigned meter, int64_t time)
{
	/* A litre every 20 to 60 s, twice as fast from 6 to 22 o'clock UTC. */
	int64_t days = time / 86400, second = time % 86400;
	int64_t busy = second < 21600 ? 0 : second < 79200 ? second - 21600 : 57600;
	uint64_t weight = (uint64_t)(days * (86400 + 57600) + second + busy);
	return 1000ull * meter + weight / (20 + meter % 41);
}

static void put_time(FILE *out, const csv_city *c, int64_t t)
{
	char text[32];
	time_t local = (time_t)(t + c->utc_offset);
	struct tm tm;
	gmtime_r(&local, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
	fputs(text, out);
}

static void put_number(FILE *out, uint64_t thousandths, char mark)
{
	fprintf(out, "%" PRIu64 "%c%03u", thousandths / 1000, mark, (unsigned)(thousandths % 1000));
}

static void write_wide(FILE *out, const csv_city *c)
{
	fputs("time", out);
	for (unsigned m = c->first; m < c->first + c->count; m++)
		fprintf(out, ",%s%04u", c->prefix, m);
	fputc('\n', out);
	for (unsigned i = 0; i < c->rows; i++) {
		int64_t t = c->start + (int64_t)i * c->step;
		put_time(out, c, t);
		for (unsigned m = c->first; m < c->first + c->count; m++) {
			fputc(',', out);
			put_number(out, csv_register(m, t), '.');
		}
		fputc('\n', out);
	}
}

static void write_long(FILE *out, const csv_city *c)
{
	bool excel = c->style == CSV_EXCEL;
	const char *end = excel ? "\r\n" : "\n", *quote = excel ? "\"" : "";
	char mark = excel ? ';' : ',';
	fprintf(out, "%smeter%ctime%cregister%cunit%s", excel ? "\xef\xbb\xbf" : "", mark, mark, mark, end);
	for (unsigned i = 0; i < c->rows; i++)
		for (unsigned m = c->first; m < c->first + c->count; m++) {
			int64_t t = c->start + (int64_t)i * c->step;
			fprintf(out, "%s%s%04u%s%c", quote, c->prefix, m, quote, mark);
			put_time(out, c, t);
			fputc(mark, out);
			put_number(out, csv_register(m, t), excel ? ',' : '.');
			fprintf(out, "%c%s%s", mark, c->unit, end);
		}
}

bool csv_write(FILE *out, const csv_city *city)
{
	if (city->style == CSV_WIDE)
		write_wide(out, city);
	else
		write_long(out, city);
	return fflush(out) == 0 && !ferror(out);
}
