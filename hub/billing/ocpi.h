/*
 * OCPI 2.2.1: a Tariff object (mod_tariffs 11.3.1) and a charging session (a CDR of mod_cdrs 10.3.1, or a usage of
 * ours) rated by it. For each dimension the first element that prices it and whose restrictions hold at that moment
 * counts; a period in which that changes is cut there, by time. step_size (10.3.1.2) counts once a session: for ENERGY,
 * for PARKING_TIME or, where none was billed, TIME, and for a reservation's time; the step of the component used last
 * rounds the total, and what is added is billed at that component.
 */
#ifndef BILLING_OCPI_H
#define BILLING_OCPI_H

#include "billing/form.h"
#include "billing/rating.h"

enum { OCPI_ELEMENTS_MAX = 64, OCPI_COMPONENTS_MAX = 96, OCPI_PERIODS_MAX = 20000, OCPI_CUTS_MAX = 4096 };

typedef enum ocpi_dimension { OCPI_ENERGY, OCPI_FLAT, OCPI_PARKING, OCPI_TIME, OCPI_DIMENSIONS } ocpi_dimension;
typedef enum ocpi_reservation { OCPI_SESSION, OCPI_RESERVED, OCPI_EXPIRED } ocpi_reservation;

typedef struct ocpi_bound {
	bool set;
	decimal value;
} ocpi_bound;

/* What is not set holds always; all of them together count. */
typedef struct ocpi_restrictions {
	int from_minute, to_minute; /* local; -1: none. to <= from passes midnight */
	int64_t from_day, to_day;   /* local days since 1970, to excluded */
	uint8_t weekdays;	    /* bit 0 Sunday … 6 */
	ocpi_bound min_kwh, max_kwh, min_power, max_power, min_current, max_current;
	int64_t min_duration, max_duration; /* µs since the session's start; -1: none */
	ocpi_reservation reservation;
} ocpi_restrictions;

typedef struct ocpi_component {
	ocpi_dimension dimension;
	ocpi_reservation reservation; /* its element's */
	decimal price;
	bool has_vat;
	decimal vat;  /* as a part of 1 */
	int64_t step; /* Wh or s; 0: none */
	size_t element;
	const tariff_charge *charge;
} ocpi_component;

/* A bound of the total: without VAT, and with VAT where it is told. */
typedef struct ocpi_price {
	ocpi_bound excl, incl;
	const tariff_charge *excl_charge, *incl_charge;
} ocpi_price;

typedef struct ocpi_tariff {
	ocpi_restrictions elements[OCPI_ELEMENTS_MAX];
	size_t element_count;
	ocpi_component components[OCPI_COMPONENTS_MAX]; /* in order of the elements */
	size_t count;
	ocpi_price min, max;
	hub_time from, to; /* a session begins within; 0: unbounded */
	bool local;	   /* some restriction is of the local clock */
} ocpi_tariff;

/* Seconds of each kind; energy in kWh. What a CDR does not tell is not set. */
typedef struct ocpi_period {
	hub_time start, end;
	decimal energy, time, parking, reserved;
	ocpi_bound min_power, max_power, min_current, max_current; /* the lowest and highest within it */
	const char *tariff;					   /* its id; NULL: not told */
} ocpi_period;

/* A session as a CDR tells it; `periods` in order of time. */
typedef struct ocpi_cdr {
	const char *currency; /* NULL: not told */
	ocpi_period *periods;
	size_t count;
	bool expired; /* a reservation that no session followed */
} ocpi_cdr;

typedef struct ocpi_cost {
	decimal excl, incl;
} ocpi_cost;

/* As the fields of a CDR name them. */
typedef struct ocpi_costs {
	ocpi_cost total, fixed, energy, time, parking, reservation;
	bool has_incl; /* some VAT is told */
	decimal kwh, seconds, parking_seconds;
} ocpi_costs;

/* An OCPI Tariff object into a tariff whose charges are its components, VAT and bounds; faults in the form. */
void ocpi_tariff_read(form *f, const json_t *o, tariff *t);
/* A CDR into a usage. */
void ocpi_cdr_read(form *f, const json_t *o, usage *u);
/* The session of a usage of ours: its energy series, else its facts. HUB_REJECT with *fault. */
hub_status ocpi_session_of(const usage *u, arena *a, ocpi_cdr *ret, hub_fault *fault);

/* Whose restrictions hold: the component of a dimension at a moment of a period, or NULL. */
typedef struct ocpi_moment {
	const ocpi_period *period;
	hub_time at, session; /* session: its start */
	decimal kwh;	      /* charged before */
	ocpi_reservation reservation;
	const zone *zone; /* NULL only where the tariff has no local restriction */
} ocpi_moment;
hub_status ocpi_find(const ocpi_tariff *t, const ocpi_moment *m, ocpi_dimension d, const ocpi_component **ret,
		     hub_fault *fault);

/* Where in a period something may change, the ends included, in order; OCPI_CUTS_MAX places. */
typedef struct ocpi_cut {
	hub_time at;
	decimal kwh; /* charged before, of the session */
} ocpi_cut;
hub_status ocpi_cuts(const ocpi_tariff *t, const ocpi_moment *m, ocpi_cut *cuts, size_t *ret_count, hub_fault *fault);

/* rating_rate of a tariff that has `ocpi`. */
hub_status ocpi_rate(const tariff *t, const usage *u, arena *a, rating_bill *ret, hub_fault *fault);
void ocpi_costs_json(const ocpi_costs *c, buf *out);

#endif
