#include "sim/invoice.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* 分 a cubic metre: the water company's with sewage, and one price for all of it. */
static const struct {
	const char *party, *letter, *reference;
	int64_t price;
} billers[SIM_BILLERS] = {
	[SIM_BILLER_WATER] = { "water", "w", "SW", 315 }, [SIM_BILLER_GAS] = { "gas", "g", "RQ", 300 }
};

enum { ACCOUNT, CYCLE, POINT, AMOUNT, START, END, QUANTITY, UNIT, REFERENCE };
const char *const sim_invoice_columns[SIM_INVOICE_CELLS] = {
	[ACCOUNT] = "account", [CYCLE] = "cycle",	[POINT] = "point", [AMOUNT] = "amount",	     [START] = "start",
	[END] = "end",	       [QUANTITY] = "quantity", [UNIT] = "unit",   [REFERENCE] = "reference"
};

const char *sim_biller_party(sim_biller b)
{
	return billers[b].party;
}

bool sim_bills_itself(sim_biller b, const sim_home *h)
{
	return b == SIM_BILLER_GAS || h->district == SIM_OWN_WATER;
}

int64_t sim_billed_volume(const sim_city *c, sim_biller b, const sim_home *h, int64_t from, int64_t to,
			  int64_t leaks_from)
{
	int64_t sum = 0;
	for (int64_t hour = from / 3600; hour < to / 3600; hour++)
		sum += b == SIM_BILLER_GAS ? sim_home_gas(c, h, hour) : sim_home_water(c, h, hour, leaks_from);
	return sum;
}

static void write_time(char ret[SIM_INVOICE_CELL], int64_t second)
{
	time_t t = (time_t)second;
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(ret, SIM_INVOICE_CELL, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

sim_invoice sim_invoice_of(sim_biller b, uint32_t home, int32_t cycle, int64_t from, int64_t to, int64_t volume)
{
	const int64_t cents = (volume * billers[b].price + 500) / 1000;
	sim_invoice i;
	snprintf(i.cells[ACCOUNT], SIM_INVOICE_CELL, "home-%05u", home);
	snprintf(i.cells[CYCLE], SIM_INVOICE_CELL, "%04d-%02d", cycle / 100, cycle % 100);
	snprintf(i.cells[POINT], SIM_INVOICE_CELL, "%s-%05u", billers[b].letter, home);
	snprintf(i.cells[AMOUNT], SIM_INVOICE_CELL, "%lld.%02lld", (long long)cents / 100, (long long)cents % 100);
	write_time(i.cells[START], from);
	write_time(i.cells[END], to);
	snprintf(i.cells[QUANTITY], SIM_INVOICE_CELL, "%lld.%03lld", (long long)volume / 1000,
		 (long long)volume % 1000);
	snprintf(i.cells[UNIT], SIM_INVOICE_CELL, "m3");
	snprintf(i.cells[REFERENCE], SIM_INVOICE_CELL, "%s-%d-%05u", billers[b].reference, cycle, home);
	return i;
}

static void join(char ret[SIM_INVOICE_ROW + 1], const char *cell, int place)
{
	strcat(ret, cell);
	strcat(ret, place + 1 < SIM_INVOICE_CELLS ? "," : "\n");
}

const char *sim_invoice_line(const sim_invoice *i, char ret[SIM_INVOICE_ROW + 1])
{
	ret[0] = '\0';
	for (int k = 0; k < SIM_INVOICE_CELLS; k++)
		join(ret, i->cells[k], k);
	return ret;
}

const char *sim_invoice_header(char ret[SIM_INVOICE_ROW + 1])
{
	ret[0] = '\0';
	for (int k = 0; k < SIM_INVOICE_CELLS; k++)
		join(ret, sim_invoice_columns[k], k);
	return ret;
}
