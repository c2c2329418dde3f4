/*
 * What the companies of the simulated city bill by themselves: the gas company everybody, the water company West Hills,
 * whose net it runs itself. The others' bills are the hub's. Pure; integers only.
 */
#ifndef SIM_INVOICE_H
#define SIM_INVOICE_H

#include "sim/load.h"

typedef enum sim_biller { SIM_BILLER_WATER, SIM_BILLER_GAS, SIM_BILLERS } sim_biller;

enum { SIM_OWN_WATER = 4 /* district */ };

/* The biller's party, as the hub has it. */
const char *sim_biller_party(sim_biller b);
/* Whether it bills this home by itself. */
bool sim_bills_itself(sim_biller b, const sim_home *h);

/* A bill's row as it is handed in: the texts of its columns, in sim_invoice_columns' order. */
enum { SIM_INVOICE_CELLS = 9, SIM_INVOICE_CELL = 32, SIM_INVOICE_ROW = SIM_INVOICE_CELLS * SIM_INVOICE_CELL };
extern const char *const sim_invoice_columns[SIM_INVOICE_CELLS];

typedef struct sim_invoice {
	char cells[SIM_INVOICE_CELLS][SIM_INVOICE_CELL];
} sim_invoice;

/* What a month came to; from, to: s since 1970, whole hours; leaks_from: an hour, as in sim_home_water; 0.001 m³. */
int64_t sim_billed_volume(const sim_city *c, sim_biller b, const sim_home *h, int64_t from, int64_t to,
			  int64_t leaks_from);
/* cycle: 202610. volume: 0.001 m³, which it has its price for, rounded to 分. */
sim_invoice sim_invoice_of(sim_biller b, uint32_t home, int32_t cycle, int64_t from, int64_t to, int64_t volume);
/* The row as CSV with its line's end; none of the cells needs quotes. */
const char *sim_invoice_line(const sim_invoice *i, char ret[SIM_INVOICE_ROW + 1]);
/* The columns' names, as the file's first line. */
const char *sim_invoice_header(char ret[SIM_INVOICE_ROW + 1]);

#endif
